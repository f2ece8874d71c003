//! The invariant behind "never silent", proved each second: every firing alert has an incident that is neither resolved nor
//! closed, or a visible hold with an end. A breach is a metric, a log line and a red banner.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, Statement};

use crate::{App, Result};

/// How many firing alerts nobody answers for, at the latest check; -1 before the first.
pub static UNCOVERED: AtomicI64 = AtomicI64::new(-1);

/// Counts the firing alerts without a live incident and without a hold that ends in the future.
pub async fn uncovered(app: &App) -> Result<i64> {
    // Looked up alert by alert: joined, PostgreSQL would read all incidents that ever were.
    count(
        app,
        "SELECT COUNT(*) FROM alert WHERE alert.status = 'firing' AND (alert.hold_until IS NULL OR alert.hold_until < $1) \
         AND NOT COALESCE((SELECT incident.live FROM incident WHERE incident.id = alert.incident_id), FALSE)",
    )
    .await
}

/// Counts the holds that ended and were not released: the part that time alone can change.
async fn forgotten(app: &App) -> Result<i64> {
    count(app, "SELECT COUNT(*) FROM alert WHERE hold_until < $1 AND status = 'firing' AND incident_id IS NULL").await
}

async fn count(app: &App, sql: &str) -> Result<i64> {
    // A hold that has just ended is the waker's to release; it gets a second.
    let since = app.clock.now().plus(-1_000).ms();
    let row = app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), sql, [since.into()])).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

/// Rounds after which every firing alert is looked at though nothing is said to have happened.
const AT_LEAST: u32 = 10;

/// Checks each second until the process ends. While the journal stands still only holds are looked at, and all of it every
/// ten seconds: with thousands of firing alerts a look at each is the dearest thing that a quiet server does.
pub(crate) async fn run(app: Arc<App>) {
    let (mut seen, mut round) = (None, 0_u32);
    loop {
        let now = app.feed.moment();
        let whole = seen != Some(now) || round.is_multiple_of(AT_LEAST);
        let checked =
            if whole { uncovered(&app).await } else { forgotten(&app).await.map(|holds| holds.max(UNCOVERED.load(Ordering::Relaxed))) };
        round = round.wrapping_add(1);
        seen = checked.is_ok().then_some(now);
        match checked {
            Ok(count) => {
                if count > 0 && UNCOVERED.load(Ordering::Relaxed) <= 0 {
                    tracing::error!(count, "firing alerts have no incident");
                }
                UNCOVERED.store(count, Ordering::Relaxed);
            }
            Err(e) => tracing::debug!(error = %e, "the alert invariant could not be checked"),
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}
