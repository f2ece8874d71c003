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
    let sql = "SELECT COUNT(*) FROM alert LEFT JOIN incident ON incident.id = alert.incident_id \
        WHERE alert.status = 'firing' AND (incident.id IS NULL OR NOT incident.live) AND (alert.hold_until IS NULL OR alert.hold_until < $1)";
    // A hold that has just ended is the waker's to release; it gets a second.
    let since = app.clock.now().plus(-1_000).ms();
    let row = app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), sql, [since.into()])).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0))
}

/// Checks each second until the process ends.
pub(crate) async fn run(app: Arc<App>) {
    loop {
        match uncovered(&app).await {
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
