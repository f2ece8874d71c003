//! Looking at a database without changing it: for `opsguard doctor`, which may run beside the server.

use std::time::Duration;

use domain::{Instant, Millis};
use sea_orm::{ConnectionTrait, Statement};
use tokio::time::Instant as Monotonic;

use super::{Kind, Store, keyring, migrate};
use crate::{Clock, Options, Result};

/// Round trips of which the median is told.
const TRIPS: usize = 21;

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Which database it is.
    pub kind: Kind,
    /// `SELECT 1`, the median.
    pub round_trip: Duration,
    /// An empty commit that reaches the disk, the median. With SQLite the disk of the data folder tells the same.
    pub commit: Option<Duration>,
    /// Steps of the schema that the database has.
    pub schema: i64,
    /// Steps that this version knows.
    pub known: i64,
    /// How many keys the ring has, or why it does not fit; absent while there is no schema.
    pub keys: Option<std::result::Result<usize, String>>,
    /// How far the database's clock is ahead of ours.
    pub clock_ahead_ms: Option<Millis>,
    /// The newest entry of the journal.
    pub newest_event: Option<Instant>,
}

/// Looks. The database must be there.
pub async fn look(options: &Options) -> Result<Probe> {
    let store = Store::peek(&options.database_url).await?;
    let seen = of(&store, options).await;
    store.close().await?;
    seen
}

async fn of(store: &Store, options: &Options) -> Result<Probe> {
    let shared = store.kind == Kind::Postgres;
    // A database without the table of migrations is an empty one.
    let schema = migrate::names(store, &store.reader).await.map_or(0, |names| names.len() as i64);
    Ok(Probe {
        kind: store.kind,
        round_trip: median(store, "SELECT 1").await?,
        // A message in the log of writes is a commit that changes nothing.
        commit: if shared { median(store, "SELECT pg_logical_emit_message(true, 'opsguard', 'doctor')").await.ok() } else { None },
        schema,
        known: migrate::ENGINE_VERSION,
        keys: if schema > 0 { Some(keyring::compare(store, options).await.map_err(|e| e.plain())) } else { None },
        clock_ahead_ms: if shared { Some(clock_ahead(store).await?) } else { None },
        newest_event: if schema > 0 { one(store, "SELECT at FROM event ORDER BY seq DESC LIMIT 1").await?.map(Instant) } else { None },
    })
}

async fn one(store: &Store, sql: &str) -> Result<Option<i64>> {
    let row = store.reader.query_one_raw(Statement::from_string(store.backend(), sql)).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?)
}

async fn median(store: &Store, sql: &str) -> Result<Duration> {
    let mut took = Vec::with_capacity(TRIPS);
    for _ in 0..TRIPS {
        let began = Monotonic::now();
        store.reader.query_one_raw(Statement::from_string(store.backend(), sql)).await?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took[TRIPS / 2])
}

/// Half of the round trip lies before the reading.
async fn clock_ahead(store: &Store) -> Result<Millis> {
    let clock = Clock::default();
    let before = clock.now();
    let theirs = one(store, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)").await?.unwrap_or_default();
    let after = clock.now();
    Ok(theirs - (before.ms() + after.since(before) / 2))
}
