//! The node's live feed: reads the journal behind each commit, in commit order, and hands every event to who listens.
//!
//! Woken by commits of this process, by NOTIFY from other nodes, and by a slow tick as the net. What a listener misses it
//! reads again from the journal, so nothing here has to be durable.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    Id, Instant,
    account::{Scope, Team},
    live::ServerFrame,
    service::Visibility,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use sqlx::{Executor, postgres::PgListener};
use tokio::sync::{Notify, broadcast, broadcast::error::RecvError, watch};
use uuid::Uuid;

use super::entity;
use crate::{
    App, Result,
    store::{Kind, Store},
};

/// Events that a slow listener may lag behind before it must read the journal itself.
const CAPACITY: usize = 1024;
/// Rows that one read takes.
const CHUNK: u64 = 500;
/// The net below the wake-ups.
const TICK: Duration = Duration::from_millis(500);
/// A burst of commits is one NOTIFY.
const NOTIFY_EVERY: Duration = Duration::from_millis(20);
/// In place of an entity: presence may have changed anywhere.
pub const ANYWHERE: &str = "*";
/// The channel between nodes.
const CHANNEL: &str = "opsguard_events";

/// One event as the live channel needs it; the frame is serialised once for all who get it.
#[derive(Debug, Clone)]
pub struct FeedEvent {
    /// Commit order.
    pub seq: i64,
    /// `incidents`, ...
    pub topic: String,
    /// `incident:<uuid>`.
    pub entity: String,
    /// The incident concerned.
    pub incident: Option<Uuid>,
    /// The team concerned.
    pub team: Option<Id<Team>>,
    /// Only the team and administrators may know of it.
    pub private: bool,
    /// The JSON of its [`ServerFrame::Event`].
    pub frame: Arc<str>,
}

impl FeedEvent {
    /// Whether a subscription to this topic includes the event.
    pub fn matches(&self, topic: &str) -> bool {
        match topic.strip_prefix("incident:") {
            Some(id) => self.incident.is_some_and(|i| Uuid::try_parse(id) == Ok(i)),
            None => self.topic == topic || self.entity == topic,
        }
    }

    /// Whether who reads with this scope may know of it.
    pub fn visible(&self, scope: &Scope) -> bool {
        scope.sees(self.team, if self.private { Visibility::Team } else { Visibility::All })
    }

    fn of(row: entity::Model) -> Self {
        let patch = row.patch.as_deref().and_then(|p| serde_json::from_str(p).ok()).unwrap_or(serde_json::Value::Null);
        let frame = ServerFrame::Event {
            seq: row.seq,
            at: Instant(row.at),
            topic: row.topic.clone(),
            kind: row.kind,
            entity: row.entity.clone(),
            rev: row.entity_version,
            patch,
        };
        let frame = serde_json::to_string(&frame).unwrap_or_default().into();
        Self {
            seq: row.seq,
            topic: row.topic,
            entity: row.entity,
            incident: row.incident_id,
            team: row.team_id.map(Id::new),
            private: row.private,
            frame,
        }
    }
}

/// A state of the journal, as this process knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    own: u64,
    seq: i64,
}

/// The feed of this node. Its state is memory and may be lost.
pub struct Feed {
    woken: Notify,
    seq: AtomicI64,
    out: broadcast::Sender<Arc<FeedEvent>>,
    /// Nudged when presence changed on any node; holds the entity, or [`ANYWHERE`], with a `!` before it when it is told by
    /// another node.
    pub presence: broadcast::Sender<Arc<str>>,
    /// Fires when other nodes must be told.
    told: watch::Sender<u64>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            woken: Notify::new(),
            seq: AtomicI64::new(0),
            out: broadcast::Sender::new(CAPACITY),
            presence: broadcast::Sender::new(CAPACITY),
            told: watch::Sender::new(0),
        }
    }
}

impl Feed {
    /// A commit of this process appended events.
    pub fn wake(&self) {
        self.woken.notify_one();
        self.told.send_modify(|n| *n += 1);
    }

    /// What this process knows to have happened: it changes with each commit of its own, and each event of another node.
    pub fn moment(&self) -> Moment {
        Moment { own: *self.told.borrow(), seq: self.seq() }
    }

    /// The newest seq that was handed out.
    pub fn seq(&self) -> i64 {
        self.seq.load(Ordering::Acquire)
    }

    /// Every event after the moment of the call.
    pub fn listen(&self) -> broadcast::Receiver<Arc<FeedEvent>> {
        self.out.subscribe()
    }

    /// Starts after the newest event that is in the journal.
    pub(crate) async fn begin(&self, store: &Store) -> Result<()> {
        self.seq.store(newest(store).await?, Ordering::Release);
        Ok(())
    }

    async fn advance(&self, store: &Store) -> Result<()> {
        loop {
            let rows = after(store, self.seq(), CHUNK).await?;
            let full = rows.len() as u64 == CHUNK;
            for event in rows {
                self.seq.store(event.seq, Ordering::Release);
                // Nobody may be listening.
                let _ = self.out.send(Arc::new(event));
            }
            if !full {
                return Ok(());
            }
        }
    }
}

/// The newest seq in the journal.
pub async fn newest(store: &Store) -> Result<i64> {
    let row =
        store.reader.query_one_raw(Statement::from_string(store.backend(), "SELECT seq FROM event ORDER BY seq DESC LIMIT 1")).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

/// The events after `seq`, oldest first.
pub async fn after(store: &Store, seq: i64, limit: u64) -> Result<Vec<FeedEvent>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Seq.gt(seq))
        .order_by_asc(entity::Column::Seq)
        .limit(limit)
        .all(&store.reader)
        .await?;
    Ok(rows.into_iter().map(FeedEvent::of).collect())
}

/// Reads behind the commits until the process ends.
pub(crate) async fn run(app: Arc<App>) {
    loop {
        if let Err(e) = app.feed.advance(&app.store).await {
            tracing::warn!(error = %e, "the live feed cannot read the journal; it goes on when the database is back");
            tokio::time::sleep(TICK).await;
        }
        tokio::select! {
            () = app.feed.woken.notified() => {}
            () = tokio::time::sleep(TICK) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

/// PostgreSQL: tells the other nodes, and listens to them, until the process ends.
pub(crate) async fn between_nodes(app: Arc<App>) {
    if app.store.kind == Kind::Sqlite {
        return;
    }
    tokio::join!(tell(&app), hear(&app));
}

async fn tell(app: &App) {
    let mut told = app.feed.told.subscribe();
    let notify =
        |payload: &str| Statement::from_sql_and_values(app.store.backend(), "SELECT pg_notify($1, $2)", [CHANNEL.into(), payload.into()]);
    let mut presence = app.feed.presence.subscribe();
    let anywhere = format!("{} {ANYWHERE}", app.node);
    // Of a change of presence that could not be told, nobody else would ever hear.
    let mut owed = false;
    loop {
        let payload = tokio::select! {
            changed = told.changed() => if changed.is_ok() { app.node.to_string() } else { return },
            entity = presence.recv() => match entity {
                // What came from another node is not told again.
                Ok(entity) if entity.starts_with('!') => continue,
                Ok(entity) => format!("{} {entity}", app.node),
                Err(RecvError::Lagged(_)) => anywhere.clone(),
                Err(RecvError::Closed) => return,
            },
            () = tokio::time::sleep(TICK), if owed => anywhere.clone(),
            () = app.stopping.cancelled() => return,
        };
        match app.store.reader.execute_raw(notify(&payload)).await {
            Ok(_) => owed &= payload != anywhere,
            Err(e) => {
                owed |= payload.contains(' ');
                tracing::debug!(error = %e, "notify; the other nodes find the events by their tick");
            }
        }
        tokio::time::sleep(NOTIFY_EVERY).await;
    }
}

async fn hear(app: &App) {
    while !app.stopping.is_cancelled() {
        let ended = tokio::select! {
            ended = listen(app) => ended,
            () = app.stopping.cancelled() => return,
        };
        let Err(e) = ended;
        tracing::debug!(error = %e, "listen; going on by tick");
        tokio::time::sleep(TICK).await;
    }
}

/// Listens until the connection is lost, or says nothing any more: who only listens does not notice that a network swallows
/// what it carries, and would be deaf for as long as the kernel believes in it.
async fn listen(app: &App) -> std::result::Result<Infallible, sqlx::Error> {
    let patience = &app.store.patience;
    let mut listener = patience.soon(PgListener::connect(&app.store.url)).await?;
    patience.soon(listener.listen(CHANNEL)).await?;
    listener.eager_reconnect(false);
    // What was said while nobody listened.
    woken(app);
    let _ = app.feed.presence.send(format!("!{ANYWHERE}").into());
    let own = app.node.to_string();
    loop {
        let Some(note) = patience.word(listener.try_recv()).await else {
            patience.soon(listener.execute("SELECT 1")).await?;
            continue;
        };
        let note = note?.ok_or_else(|| sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()))?;
        match note.payload().split_once(' ') {
            Some((node, entity)) if node != own => {
                let _ = app.feed.presence.send(format!("!{entity}").into());
            }
            None if note.payload() != own => woken(app),
            _ => {}
        }
    }
}

/// Another node's commit appended events, and may have made something due that is this node's to do.
fn woken(app: &App) {
    app.feed.woken.notify_one();
    app.due.look();
    app.jobs.waker.look();
}
