//! Dead letters: jobs that ended without success, for administrators to see and to send off again.

use domain::{
    Id, Instant, Problem,
    account::{Action, Target},
};
use sea_orm::{ConnectionTrait, Statement};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Job;
use crate::{Cx, Result, store::NewEvent};

/// A job that is not tried any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadJob {
    /// Its id.
    pub id: Id<Job>,
    /// Which handler.
    pub kind: String,
    /// What the handler got.
    pub input: Value,
    /// How often it was tried.
    pub attempts: i64,
    /// What the last attempt said.
    pub error: String,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it was given up.
    pub finished_at: Instant,
}

/// Dead letters, the latest first; behind the instant `before` when one is given.
pub async fn list_dead(cx: &Cx, before: Option<Instant>, limit: u64) -> Result<Vec<DeadJob>> {
    cx.authorize(Action::Administer, &Target::ANY, "job")?;
    let select = "SELECT id, kind, input, attempt, error, created_at, finished_at FROM job \
        WHERE state = 'dead' AND finished_at < $1 ORDER BY finished_at DESC LIMIT $2";
    let values = [before.map_or(i64::MAX, Instant::ms).into(), (limit.min(200) as i64).into()];
    let rows = cx.reader().query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), select, values)).await?;
    rows.iter()
        .map(|row| {
            let input: String = row.try_get_by_index(2)?;
            Ok(DeadJob {
                id: Id::new(row.try_get_by_index::<Uuid>(0)?),
                kind: row.try_get_by_index(1)?,
                // A letter may be dead because of this.
                input: serde_json::from_str(&input).unwrap_or(Value::String(input)),
                attempts: row.try_get_by_index(3)?,
                error: row.try_get_by_index::<Option<String>>(4)?.unwrap_or_default(),
                created_at: Instant(row.try_get_by_index(5)?),
                finished_at: Instant(row.try_get_by_index(6)?),
            })
        })
        .collect()
}

/// Sends a dead letter off again, with all its attempts.
pub async fn retry(cx: &Cx, id: Id<Job>) -> Result<()> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            cx.authorize(Action::Administer, &Target::ANY, "job")?;
            let backend = tx.conn().get_database_backend();
            let lock = if cx.app.is_shared() { " FOR UPDATE" } else { "" };
            let select = format!("SELECT kind, state, unique_key FROM job WHERE id = $1{lock}");
            let row = tx.conn().query_one_raw(Statement::from_sql_and_values(backend, select, [id.uuid().into()])).await?;
            let row = row.ok_or_else(|| Problem::not_found("job"))?;
            let (kind, state): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            if state != "dead" {
                return Err(Problem::conflict("Only a job that was given up can be sent off again.").into());
            }
            if let Some(key) = row.try_get_by_index::<Option<String>>(2)? {
                let live = "SELECT 1 FROM job WHERE unique_key = $1 AND state IN ('waiting', 'running')";
                if tx.conn().query_one_raw(Statement::from_sql_and_values(backend, live, [key.into()])).await?.is_some() {
                    return Err(Problem::conflict("A newer job for the same thing waits or runs already.").into());
                }
            }
            let update = "UPDATE job SET state = 'waiting', attempt = 0, run_at = $2, finished_at = NULL WHERE id = $1";
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, update, [id.uuid().into(), tx.now().ms().into()])).await?;
            tx.job_at(tx.now());
            tx.event(NewEvent {
                private: true,
                ..NewEvent::record("jobs", "job.retried", format!("job:{id}"), 0, json!({ "kind": kind }))
            });
            Ok(())
        }
    })
    .await
}
