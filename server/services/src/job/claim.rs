//! The life of a row: taken with a lease, kept, ended; taken back when its process is gone.
//!
//! `run_at` is an instant that people can name, so the movable clock decides about it. Leases never ask that clock:
//! PostgreSQL compares with its own; on SQLite there is no lease to end.

use domain::{Id, Instant, event::Class};
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Job, JobError, backoff};
use crate::{
    App, Cx, Result, Tx,
    store::{Kind, NewEvent},
};

/// A lease that is not renewed ends after this.
pub(super) const LEASE_MS: i64 = 15_000;
/// PostgreSQL's own clock, in unix milliseconds.
const CLOCK: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
/// The row of one attempt of one owner, while it is still theirs.
const MINE: &str = "id = $1 AND attempt = $2 AND lease_owner = $3 AND state = 'running'";

/// A job that this node runs.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    pub id: Id<Job>,
    pub kind: String,
    /// What the handler gets; an error when the row holds no JSON.
    pub input: std::result::Result<Value, JobError>,
    pub attempt: i64,
    pub max_attempts: i64,
}

/// The instant of the earliest waiting job of these kinds.
pub(super) async fn next(app: &App, kinds: &[&'static str]) -> Result<Option<Instant>> {
    let (marks, values) = listed(kinds, 1);
    let sql = format!("SELECT run_at FROM job WHERE state = 'waiting' AND kind IN ({marks}) ORDER BY run_at LIMIT 1");
    let row = app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), sql, values)).await?;
    Ok(row.map(|r| r.try_get_by_index(0)).transpose()?.map(Instant))
}

fn listed(kinds: &[&'static str], first: usize) -> (String, Vec<Sql>) {
    let marks: Vec<_> = (first..first + kinds.len()).map(|n| format!("${n}")).collect();
    (marks.join(", "), kinds.iter().map(|k| (*k).into()).collect())
}

/// Takes up to `most` jobs that are due, in one statement; what another node is taking is passed over.
pub(super) async fn claim(cx: &Cx, kinds: &[&'static str], most: usize) -> Result<Vec<Claimed>> {
    let (marks, kinds) = listed(kinds, 4);
    let due = format!("SELECT id FROM job WHERE state = 'waiting' AND run_at <= $2 AND kind IN ({marks}) ORDER BY run_at, id LIMIT $3");
    let take = "UPDATE job SET state = 'running', attempt = job.attempt + 1, lease_owner = $1";
    let answer = "RETURNING job.id, job.kind, job.input, job.attempt, job.max_attempts";
    let sql = match cx.app.store.kind {
        Kind::Sqlite => format!("{take} WHERE id IN ({due}) {answer}"),
        Kind::Postgres => {
            format!(
                "WITH due AS ({due} FOR UPDATE SKIP LOCKED) {take}, lease_until = {CLOCK} + {LEASE_MS} FROM due WHERE job.id = due.id {answer}"
            )
        }
    };
    let node = cx.app.node;
    cx.write_plain(move |tx| {
        let mut values: Vec<Sql> = vec![node.into(), tx.now().ms().into(), (most as i64).into()];
        values.extend(kinds.iter().cloned());
        let statement = Statement::from_sql_and_values(tx.conn().get_database_backend(), sql.clone(), values);
        async move {
            let mut claimed = Vec::new();
            for row in tx.conn().query_all_raw(statement).await? {
                let input: String = row.try_get_by_index(2)?;
                claimed.push(Claimed {
                    id: Id::new(row.try_get_by_index::<Uuid>(0)?),
                    kind: row.try_get_by_index(1)?,
                    input: serde_json::from_str(&input).map_err(|e| JobError::hopeless(format!("its input is not JSON: {e}"))),
                    attempt: row.try_get_by_index(3)?,
                    max_attempts: row.try_get_by_index(4)?,
                });
            }
            claimed.sort_by_key(|c| c.id);
            Ok(claimed)
        }
    })
    .await
}

/// Keeps the lease; false when it was lost.
pub(super) async fn renew(cx: &Cx, job: &Claimed) -> Result<bool> {
    let sql = format!("UPDATE job SET lease_until = {CLOCK} + {LEASE_MS} WHERE {MINE}");
    let values: Vec<Sql> = vec![job.id.uuid().into(), job.attempt.into(), cx.app.node.into()];
    cx.write_plain(move |tx| {
        let renew = Statement::from_sql_and_values(tx.conn().get_database_backend(), sql.clone(), values.clone());
        async move { Ok(tx.conn().execute_raw(renew).await?.rows_affected() == 1) }
    })
    .await
}

/// Writes down how an attempt ended; false when the lease was lost, and it is another's to say.
pub(super) async fn finish(cx: &Cx, job: &Claimed, outcome: &std::result::Result<(), JobError>) -> Result<bool> {
    let (job, outcome, node, roll) = (job.clone(), outcome.clone(), cx.app.node, rand::random::<f64>());
    cx.write_plain(move |tx| {
        let (job, outcome) = (job.clone(), outcome.clone());
        async move {
            let mine = [job.id.uuid().into(), job.attempt.into(), node.into()];
            match outcome {
                Ok(()) => ended(&tx, mine, "done", None).await,
                Err(e) if e.hopeless || job.attempt >= job.max_attempts => {
                    let is_mine = ended(&tx, mine, "dead", Some(&e.message)).await?;
                    if is_mine {
                        journal_death(&tx, job.id, &job.kind, job.attempt, &e.message);
                    }
                    Ok(is_mine)
                }
                Err(e) => {
                    let wait = backoff::wait(job.attempt, roll).max(e.retry_after_ms.unwrap_or(0));
                    let run_at = tx.now().plus(wait);
                    tx.job_at(run_at);
                    let sql = format!(
                        "UPDATE job SET state = 'waiting', run_at = $4, error = $5, lease_owner = NULL, lease_until = NULL WHERE {MINE}"
                    );
                    let values = mine.into_iter().chain([run_at.ms().into(), e.message.into()]);
                    Ok(execute(&tx, sql, values.collect()).await? == 1)
                }
            }
        }
    })
    .await
}

async fn ended(tx: &Tx, mine: [Sql; 3], state: &'static str, error: Option<&str>) -> Result<bool> {
    let sql = format!("UPDATE job SET state = $4, error = $5, finished_at = $6, lease_owner = NULL, lease_until = NULL WHERE {MINE}");
    let values = mine.into_iter().chain([state.into(), error.map(str::to_owned).into(), tx.now().ms().into()]);
    Ok(execute(tx, sql, values.collect()).await? == 1)
}

async fn execute(tx: &Tx, sql: String, values: Vec<Sql>) -> Result<u64> {
    Ok(tx.conn().execute_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values)).await?.rows_affected())
}

fn journal_death(tx: &Tx, id: Id<Job>, kind: &str, attempt: i64, error: &str) {
    let payload = json!({ "kind": kind, "attempts": attempt, "error": error });
    // What the other side said may hold an address: for administrators.
    tx.event(NewEvent {
        private: true,
        class: Class::Trace,
        ..NewEvent::record("jobs", "job.dead", format!("job:{id}"), attempt, payload)
    });
}

/// Takes back the jobs whose process is gone: on PostgreSQL those whose lease has ended, on SQLite every running one, which
/// only the start of the process may ask for. Those without an attempt left become dead letters. Answers how many.
pub async fn reclaim(cx: &Cx) -> Result<u64> {
    let lapsed = match cx.app.store.kind {
        Kind::Sqlite => "state = 'running'".to_owned(),
        Kind::Postgres => format!("state = 'running' AND lease_until < {CLOCK}"),
    };
    let backend = cx.app.store.backend();
    // A read first: in the usual case there is nothing to do and no write to begin.
    let probe = Statement::from_string(backend, format!("SELECT 1 FROM job WHERE {lapsed} LIMIT 1"));
    if cx.reader().query_one_raw(probe).await?.is_none() {
        return Ok(0);
    }
    let skip = if cx.app.store.kind == Kind::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    cx.write_plain(move |tx| {
        let select = Statement::from_string(
            backend,
            format!("SELECT id, kind, attempt, max_attempts FROM job WHERE {lapsed} ORDER BY id LIMIT 100 {skip}"),
        );
        async move {
            let rows = tx.conn().query_all_raw(select).await?;
            for row in &rows {
                let (id, kind): (Uuid, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let (attempt, most): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
                let error = "the process that ran it ended, or lost the database";
                let (state, finished) = if attempt >= most { ("dead", Some(tx.now().ms())) } else { ("waiting", None) };
                let sql = "UPDATE job SET state = $2, finished_at = $3, error = $4, lease_owner = NULL, lease_until = NULL WHERE id = $1";
                execute(&tx, sql.into(), vec![id.into(), state.into(), finished.into(), error.into()]).await?;
                if state == "dead" {
                    journal_death(&tx, Id::new(id), &kind, attempt, error);
                }
                tx.job_at(tx.now());
            }
            Ok(rows.len() as u64)
        }
    })
    .await
}

/// Gives back what this node still holds at its end, so that another need not wait for the lease.
pub(crate) async fn release(app: &App) -> Result<()> {
    if app.store.kind == Kind::Postgres {
        let sql = format!("UPDATE job SET lease_until = {CLOCK} - 1 WHERE lease_owner = $1 AND state = 'running'");
        app.store.reader.execute_raw(Statement::from_sql_and_values(app.store.backend(), sql, [app.node.into()])).await?;
    }
    Ok(())
}
