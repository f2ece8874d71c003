//! A write transaction as use cases see it: the connection, the instant, and what is to be journalled at its end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{Id, Instant, account::Team, event::Class, incident::Incident, service::Service};
use sea_orm::{DatabaseTransaction, QuerySelect};
use serde_json::Value;

use super::Kind;
use crate::Actor;

/// An event to append when the transaction commits.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Who; the call's actor unless set.
    pub actor: Option<Actor>,
    /// `incidents`, ...
    pub topic: &'static str,
    /// `incident.acknowledged`, ...
    pub kind: &'static str,
    /// Retention.
    pub class: Class,
    /// `incident:<uuid>`.
    pub entity: String,
    /// The entity's `rev` after it.
    pub rev: i64,
    /// The service concerned.
    pub service: Option<Id<Service>>,
    /// The team concerned.
    pub team: Option<Id<Team>>,
    /// The incident concerned.
    pub incident: Option<Id<Incident>>,
    /// Only the owning team and administrators may know of it.
    pub private: bool,
    /// What happened; its shape belongs to `kind`, version 1.
    pub payload: Value,
    /// RFC 7396 over the noun's list row.
    pub patch: Value,
    /// For administrators: before and after.
    pub change: Option<(Value, Value)>,
}

impl NewEvent {
    /// An event that is kept with its entity.
    pub fn record(topic: &'static str, kind: &'static str, entity: String, rev: i64, payload: Value) -> Self {
        Self {
            actor: None,
            topic,
            kind,
            class: Class::Record,
            entity,
            rev,
            service: None,
            team: None,
            incident: None,
            private: false,
            payload,
            patch: Value::Null,
            change: None,
        }
    }
}

/// A write transaction. Clones are the same transaction; [`crate::Cx::write`] commits it when the use case has returned.
#[derive(Clone)]
pub struct Tx(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub conn: DatabaseTransaction,
    pub kind: Kind,
    pub now: Instant,
    pub events: Mutex<Vec<NewEvent>>,
    /// The earliest instant that the write made something due at.
    pub due: Mutex<Option<Instant>>,
    /// The earliest instant that the write asked a job for.
    pub jobs: Mutex<Option<Instant>>,
}

fn held<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tx {
    /// For queries.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.0.conn
    }

    /// Which database it is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The instant of the whole write.
    pub fn now(&self) -> Instant {
        self.0.now
    }

    /// Appends to the journal when the write commits, in this order.
    pub fn event(&self, event: NewEvent) {
        held(&self.0.events).push(event);
    }

    /// Tells the waker that something is due then.
    pub fn due(&self, at: Instant) {
        let mut due = held(&self.0.due);
        *due = Some(due.map_or(at, |d| d.min(at)));
    }

    /// Tells the workers that a job may run then.
    pub(crate) fn job_at(&self, at: Instant) {
        let mut jobs = held(&self.0.jobs);
        *jobs = Some(jobs.map_or(at, |j| j.min(at)));
    }

    pub(super) fn take_jobs(&self) -> Option<Instant> {
        held(&self.0.jobs).take()
    }

    pub(super) fn take_events(&self) -> Vec<NewEvent> {
        std::mem::take(&mut *held(&self.0.events))
    }

    pub(super) fn take_due(&self) -> Option<Instant> {
        held(&self.0.due).take()
    }

    /// Locks the selected rows until the end of the write. On SQLite the whole database is, so there is nothing to add.
    pub fn for_update<Q: QuerySelect>(&self, query: Q) -> Q {
        match self.0.kind {
            Kind::Sqlite => query,
            Kind::Postgres => query.lock_exclusive(),
        }
    }
}
