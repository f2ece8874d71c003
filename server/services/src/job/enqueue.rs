//! Asking for a job, in the transaction of its cause.

use domain::Instant;
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde_json::Value;

use super::Job;
use crate::{Result, Tx, store};

/// Rows in one statement.
const CHUNK: usize = 200;

/// A job to do.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which handler.
    pub kind: &'static str,
    /// What the handler gets.
    pub input: Value,
    /// At most one job of this key waits or runs.
    pub unique_key: Option<String>,
    /// Not before; at once when absent.
    pub run_at: Option<Instant>,
    /// After so many attempts it is a dead letter.
    pub max_attempts: u32,
}

impl NewJob {
    /// A job to do at once, with at most 10 attempts (about an hour).
    pub const fn new(kind: &'static str, input: Value) -> Self {
        Self { kind, input, unique_key: None, run_at: None, max_attempts: 10 }
    }
}

/// Asks for a job. False when one of its key waits or runs already: that one will do.
pub async fn enqueue(tx: &Tx, new: NewJob) -> Result<bool> {
    Ok(enqueue_many(tx, vec![new]).await? == 1)
}

/// Asks for several; answers how many were new.
pub async fn enqueue_many(tx: &Tx, mut new: Vec<NewJob>) -> Result<u64> {
    // In the order of their keys, so that two writes that ask for the same jobs wait for each other in one direction.
    new.sort_by(|a, b| a.unique_key.cmp(&b.unique_key));
    let mut added = 0;
    for chunk in new.chunks(CHUNK) {
        let mut values: Vec<Sql> = Vec::new();
        let mut rows = Vec::new();
        for job in chunk {
            let run_at = job.run_at.unwrap_or(tx.now());
            tx.job_at(run_at);
            let n = values.len();
            rows.push(format!("(${}, ${}, ${}, 'waiting', ${}, 0, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7));
            values.extend([
                store::id::<Job>(tx.now()).uuid().into(),
                job.kind.into(),
                store::json(&job.input)?.into(),
                job.unique_key.clone().into(),
                i64::from(job.max_attempts.max(1)).into(),
                run_at.ms().into(),
                tx.now().ms().into(),
            ]);
        }
        let insert = format!(
            "INSERT INTO job (id, kind, input, state, unique_key, attempt, max_attempts, run_at, created_at) VALUES {} \
             ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL AND state IN ('waiting', 'running') DO NOTHING",
            rows.join(", ")
        );
        added +=
            tx.conn().execute_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), insert, values)).await?.rows_affected();
    }
    Ok(added)
}
