//! `cx.write`: the only way to write.
//!
//! It runs on a task of its own with owned arguments: a request that is dropped mid-way neither poisons a connection nor
//! leaves half a write. Begin, run the use case (which loads inside), append the events as the last statements (on
//! PostgreSQL behind one advisory lock, so that their order is the order of commits), commit, wake who waits. What another
//! writer spoiled is run again, at most five times. A use case that panics is an error of its caller, never the end of the
//! loop that called it. A database that does not answer is not waited for without end (see `patience`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::Instant;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait};
use serde::{Serialize, de::DeserializeOwned};

use super::{Kind, Tx, connect::sound, tx::Inner};
use crate::{Cx, Error, Result, error::Remedy, event::journal, idempotency};

/// How often a write is run before its conflict is shown.
const ATTEMPTS: u32 = 5;
/// A write that is longer than this is a fault of its use case.
pub const LONG_WRITE: Duration = Duration::from_millis(50);
/// Writes that were longer, since the start of the process.
pub static LONG_WRITES: AtomicU64 = AtomicU64::new(0);

impl Cx {
    /// Runs a use case as one transaction. With an idempotency key on the call, the outcome of the first time is answered
    /// again and nothing happens twice.
    pub async fn write<T, F, Fut>(&self, run: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Tx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let cx = self.clone();
        on_task(async move { again(&cx, || attempt(&cx, &run, idempotency::Keep::Outcome)).await }).await
    }

    /// As [`Cx::write`], for an outcome that holds a secret: it is not kept, and the same key again is refused as done.
    pub async fn write_secret<T, F, Fut>(&self, run: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: Fn(Tx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let cx = self.clone();
        on_task(async move { again(&cx, || attempt(&cx, &run, idempotency::Keep::Marker)).await }).await
    }

    /// As [`Cx::write`], without idempotency: for the engine, whose effects have unique keys of their own, and for outcomes
    /// that cannot be stored.
    pub async fn write_plain<T, F, Fut>(&self, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(Tx) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        let cx = self.clone();
        on_task(async move { again(&cx, || once(&cx, &run)).await }).await
    }
}

pub(super) async fn on_task<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(outcome) => outcome,
        Err(e) if e.is_panic() => Err(Error::Panicked(words(e.into_panic()))),
        Err(_) => Err(Error::CutOff),
    }
}

/// What a panic said.
pub(crate) fn words(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or_else(|| "without a word".to_owned(), |text| (*text).to_owned()),
    }
}

/// Whether the write may run again. One whose commit is in doubt may only under an idempotency key: if it was stored after
/// all, the second run answers what the first one did.
fn may_run_again(cx: &Cx, e: &Error) -> bool {
    e.remedy() == Remedy::Again || matches!(e, Error::Unconfirmed(_)) && cx.idempotency.is_some()
}

async fn again<T, F, Fut>(cx: &Cx, run: F) -> Result<T>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let mut tries = 1;
    loop {
        // One writer connection on SQLite: wait here, in our order, not inside the pool with its timeout.
        let turn = if cx.app.store.kind == Kind::Sqlite { Some(cx.app.store.gate.turn(cx.precedence()).await) } else { None };
        let started = tokio::time::Instant::now();
        let outcome = run().await;
        drop(turn);
        if started.elapsed() > LONG_WRITE {
            LONG_WRITES.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(ms = started.elapsed().as_millis() as u64, "a long write");
        }
        match outcome {
            Err(e) if may_run_again(cx, &e) && tries < ATTEMPTS => {
                tracing::debug!(error = %e, tries, "write is run again");
                tokio::time::sleep(Duration::from_millis(rand::random_range(1..=5 * u64::from(tries)))).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn attempt<T, F, Fut>(cx: &Cx, run: &F, keep: idempotency::Keep) -> Result<T>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: Fn(Tx) -> Fut,
    Fut: Future<Output = Result<T>> + Send,
{
    let (outcome, replayed) = once(cx, |tx| async move {
        if let Some(kept) = idempotency::claim(cx, &tx).await? {
            return Ok((serde_json::from_value(kept)?, true));
        }
        let outcome = run(tx.clone()).await?;
        let kept = idempotency::kept(cx, &outcome, keep)?;
        idempotency::keep(cx, &tx, kept).await?;
        Ok((outcome, false))
    })
    .await?;
    cx.replayed.store(replayed, Ordering::Relaxed);
    Ok(outcome)
}

/// One run. A database that falls silent before the commit has stored nothing; during it, nobody knows.
async fn once<T, F, Fut>(cx: &Cx, run: F) -> Result<T>
where
    F: Fn(Tx) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let work = async {
        let tx = begin(cx).await?;
        match run(tx.clone()).await {
            Ok(outcome) => Ok((outcome, ready(cx, tx).await?)),
            Err(e) => abandon(tx, e).await,
        }
    };
    let (outcome, ready) = cx.app.store.patience.within(work).await?;
    commit(cx, ready).await?;
    Ok(outcome)
}

#[allow(clippy::disallowed_methods, reason = "the one place where a business transaction begins")]
async fn begin(cx: &Cx) -> Result<Tx> {
    let store = &cx.app.store;
    let options = TransactionOptions {
        sqlite_transaction_mode: (store.kind == Kind::Sqlite).then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let conn = sound(|| async { Ok(store.writer.begin_with_options(options).await?) }).await?;
    let inner =
        Inner { conn, kind: store.kind, now: cx.now(), events: Default::default(), due: Default::default(), jobs: Default::default() };
    Ok(Tx(Arc::new(inner)))
}

/// An arbitrary number, the same on every node: who holds it appends to the journal next.
const EVENTS_LOCK: i64 = 7_201_002;

/// A write with everything done but the commit.
struct Ready {
    conn: DatabaseTransaction,
    now: Instant,
    wrote_events: bool,
    due: Option<Instant>,
    jobs: Option<Instant>,
}

/// Appends the events, as the last statements.
async fn ready(cx: &Cx, tx: Tx) -> Result<Ready> {
    let events = tx.take_events();
    let (now, due, jobs) = (tx.now(), tx.take_due(), tx.take_jobs());
    let wrote_events = !events.is_empty();
    if wrote_events {
        if tx.kind() == Kind::Postgres {
            let lock = Statement::from_sql_and_values(cx.app.store.backend(), "SELECT pg_advisory_xact_lock($1)", [EVENTS_LOCK.into()]);
            tx.conn().execute_raw(lock).await?;
        }
        journal::append(cx, &tx, events).await?;
    }
    Ok(Ready { conn: owned(tx)?, now, wrote_events, due, jobs })
}

async fn commit(cx: &Cx, ready: Ready) -> Result<()> {
    let Ready { conn, now, wrote_events, due, jobs } = ready;
    cx.app.store.patience.within(conn.commit()).await.map_err(|e: DbErr| match Error::from(e) {
        lost if lost.is_lost_connection() || lost.is_unanswered() => Error::Unconfirmed(lost.to_string()),
        e => e,
    })?;
    if wrote_events {
        cx.app.feed.wake();
    }
    if let Some(at) = due {
        cx.app.due.at(at.max(now));
    }
    if let Some(at) = jobs {
        cx.app.jobs.waker.at(at.max(now));
    }
    Ok(())
}

async fn abandon<T>(tx: Tx, cause: Error) -> Result<T> {
    if let Err(e) = owned(tx)?.rollback().await {
        tracing::debug!(error = %e, "rollback");
    }
    Err(cause)
}

/// The transaction itself, once the use case has let go of it.
fn owned(tx: Tx) -> Result<DatabaseTransaction> {
    match Arc::try_unwrap(tx.0) {
        Ok(inner) => Ok(inner.conn),
        Err(_) => Err(Error::Stored("a use case kept its transaction beyond its end".into())),
    }
}
