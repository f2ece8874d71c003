//! Which integration a secret key belongs to: asked for every payload, so the answers are kept for two seconds.
//!
//! A change on this node drops its answers at once; other nodes follow within the two seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    Id, Instant, Problem,
    integration::{Integration, Kind, Settings},
    service::Service,
};
use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};
use tokio::time::Instant as Monotonic;

use crate::{
    App, Result,
    alert::{Source, rejects_key},
};

/// Answers are kept this long.
const FRESH: Duration = Duration::from_secs(2);
/// Answers that are kept at most; above it all are dropped.
const MOST: usize = 10_000;

/// What is known of a key.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where its alerts go.
    pub source: Source,
    /// The integration's id.
    pub id: uuid::Uuid,
    /// What people call it.
    pub name: String,
    /// Of its kind.
    pub settings: Settings,
    /// While set, what comes is refused.
    pub disabled_at: Option<Instant>,
    /// The service is archived.
    pub archived: bool,
    /// An incident says that it rejects payloads: the next good one resolves it.
    pub rejecting: bool,
}

impl Found {
    /// What is known of an integration that was loaded by its id.
    pub(super) fn of(integration: &Integration, service: &Service) -> Self {
        Self {
            source: Source { integration: Some(integration.id), service: integration.service_id, kind: Some(integration.kind) },
            id: integration.id.uuid(),
            name: integration.name.clone(),
            settings: integration.settings.clone(),
            disabled_at: integration.disabled_at,
            archived: service.archived_at.is_some(),
            rejecting: integration.last_error_at.is_some(),
        }
    }
}

impl Found {
    /// The refusal while it is disabled or its service is archived: nothing that comes is read, stored or complained about.
    pub fn check_open(&self) -> Result<(), Problem> {
        let why = match (self.archived, self.disabled_at) {
            (true, _) => "Its service is archived.",
            (false, Some(_)) => "This integration is disabled.",
            (false, None) => return Ok(()),
        };
        Err(Problem::forbidden(format!("{why} Nothing was stored.")))
    }
}

/// The kept answers by the hash of the key, each with when it was read.
type Kept = HashMap<[u8; 32], (Monotonic, Arc<Found>)>;

/// The kept answers of this node; memory, may be lost. An answer that was read before a change and arrives after it is of a
/// generation that is over, and not kept: a rotated key would hold on.
#[derive(Default)]
pub struct Keys(Mutex<(u64, Kept)>);

impl Keys {
    /// The integration of this key, if any.
    pub async fn find(&self, app: &App, key: &str) -> Result<Option<Arc<Found>>> {
        let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
        let generation = match self.get(&hash) {
            Ok(found) => return Ok(Some(found)),
            Err(generation) => generation,
        };
        let read = Monotonic::now();
        let Some(found) = load(app, &hash).await?.map(Arc::new) else { return Ok(None) };
        self.put(hash, generation, read, found.clone());
        Ok(Some(found))
    }

    fn kept(&self) -> MutexGuard<'_, (u64, Kept)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that is still fresh, or the generation under which to keep a new one.
    fn get(&self, hash: &[u8; 32]) -> Result<Arc<Found>, u64> {
        let (generation, kept) = &*self.kept();
        match kept.get(hash) {
            Some((read, found)) if read.elapsed() < FRESH => Ok(found.clone()),
            _ => Err(*generation),
        }
    }

    fn put(&self, hash: [u8; 32], generation: u64, read: Monotonic, found: Arc<Found>) {
        let (now, kept) = &mut *self.kept();
        if *now != generation {
            return;
        }
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(hash, (read, found));
    }

    /// Drops every answer: an integration changed.
    pub fn forget(&self) {
        let (generation, kept) = &mut *self.kept();
        *generation += 1;
        kept.clear();
    }
}

async fn load(app: &App, hash: &[u8; 32]) -> Result<Option<Found>> {
    let select = "SELECT i.id, i.service_id, i.kind, i.name, i.settings, i.disabled_at, s.archived_at \
        FROM integration i JOIN service s ON s.id = i.service_id WHERE i.key_sha256 = $1";
    let Some(row) =
        app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), select, [hash.to_vec().into()])).await?
    else {
        return Ok(None);
    };
    let id: uuid::Uuid = row.try_get_by_index(0)?;
    let service: uuid::Uuid = row.try_get_by_index(1)?;
    let kind: String = row.try_get_by_index(2)?;
    let settings: String = row.try_get_by_index(4)?;
    let firing = "SELECT 1 FROM alert WHERE service_id = $1 AND dedup_key = $2 AND superseded_at IS NULL AND status = 'firing'";
    let firing = Statement::from_sql_and_values(app.store.backend(), firing, [service.into(), rejects_key(id).into()]);
    Ok(Some(Found {
        source: Source {
            integration: Some(Id::new(id)),
            service: Id::new(service),
            kind: Some(crate::store::word(Kind::parse(&kind), "integration.kind", &kind)?),
        },
        id,
        name: row.try_get_by_index(3)?,
        settings: serde_json::from_str(&settings)?,
        disabled_at: row.try_get_by_index::<Option<i64>>(5)?.map(Instant),
        archived: row.try_get_by_index::<Option<i64>>(6)?.is_some(),
        rejecting: app.store.reader.query_one_raw(firing).await?.is_some(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_read_before_a_change_is_not_kept_after_it() {
        let found = Arc::new(Found {
            source: Source { integration: None, service: domain::service::UNSORTED, kind: None },
            id: uuid::Uuid::nil(),
            name: "Prometheus".into(),
            settings: Settings::default(),
            disabled_at: None,
            archived: false,
            rejecting: false,
        });
        let (keys, hash) = (Keys::default(), [7; 32]);
        let before = keys.get(&hash).unwrap_err();
        keys.forget();
        keys.put(hash, before, Monotonic::now(), found.clone());
        let now = keys.get(&hash).expect_err("the key was rotated meanwhile");
        keys.put(hash, now, Monotonic::now(), found);
        assert!(keys.get(&hash).is_ok());
    }
}
