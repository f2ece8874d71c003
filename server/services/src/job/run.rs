//! The workers of a node: so many jobs at once and no more, each with its lease kept while it runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::Instant as Monotonic,
};
use tokio_util::task::TaskTracker;

use super::{
    Registry,
    claim::{self, Claimed, LEASE_MS},
    registry::JobError,
};
use crate::{
    Actor, App, Cx, Request, Result,
    due::Due,
    store::{Kind, words},
};

/// Jobs that a node runs at once.
const AT_ONCE: usize = 32;
/// A lease is renewed this often.
const RENEW: Duration = Duration::from_secs(5);
/// The net below the wake-ups, and how soon after its end a lease of another node is seen.
const TICK: Duration = Duration::from_secs(1);
/// What runs when the process is to end may go on for this long.
const GRACE: Duration = Duration::from_secs(8);

/// The jobs of this node. Its state is memory; the truth is in the rows.
pub struct Jobs {
    /// Woken by commits that ask for a job.
    pub(crate) waker: Due,
    registry: Registry,
    slots: Arc<Semaphore>,
    /// What runs now; it goes on while the loop that takes jobs begins again.
    running: TaskTracker,
    /// Nobody else runs jobs of a SQLite file: what its rows say is running at the start died with the process before. Only at
    /// the start: later they are ours.
    orphans: AtomicBool,
}

impl Jobs {
    /// With these handlers.
    pub fn new(registry: Registry) -> Self {
        Self {
            waker: Due::default(),
            registry,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
            running: TaskTracker::new(),
            orphans: AtomicBool::new(true),
        }
    }
}

/// Takes jobs and runs them until the process ends.
pub(crate) async fn run(app: Arc<App>) {
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("job"));
    let kinds = app.jobs.registry.kinds();
    let orphans = || app.jobs.orphans.load(Ordering::Acquire);
    while !app.stopping.is_cancelled() {
        app.jobs.waker.forget();
        if orphans() || app.store.kind == Kind::Postgres {
            match claim::reclaim(&cx).await {
                Ok(taken) => app.jobs.orphans.store(taken > 0, Ordering::Release),
                Err(e) => tracing::warn!(error = %e, "jobs of a process that ended could not be taken back; trying again"),
            }
        }
        if !orphans() && !kinds.is_empty() {
            match step(&cx, &kinds).await {
                Ok(Some(at)) => app.jobs.waker.next(at),
                Ok(None) => {}
                Err(e) => tracing::warn!(error = %e, "jobs could not be taken; trying again"),
            }
        }
        let earliest = app.jobs.waker.earliest();
        tokio::select! {
            () = app.clock.sleep_until(earliest), if earliest.ms() < i64::MAX => {}
            () = app.jobs.waker.sooner() => {}
            () = tokio::time::sleep(TICK) => {}
            () = app.stopping.cancelled() => {}
        }
    }
    app.jobs.running.close();
    app.jobs.running.wait().await;
}

/// Starts what is due while there is room; answers when to look again.
async fn step(cx: &Cx, kinds: &[&'static str]) -> Result<Option<domain::Instant>> {
    loop {
        let room = cx.app.jobs.slots.available_permits();
        if room == 0 {
            // The next job that ends wakes us.
            return Ok(None);
        }
        match claim::next(&cx.app, kinds).await? {
            Some(at) if at <= cx.now() => {}
            later => return Ok(later),
        }
        let claimed = claim::claim(cx, kinds, room).await?;
        if claimed.is_empty() {
            // Another node was faster.
            return Ok(None);
        }
        for job in claimed {
            let Ok(slot) = cx.app.jobs.slots.clone().try_acquire_owned() else { return Ok(None) };
            cx.app.jobs.running.spawn(one(cx.clone(), job, slot));
        }
    }
}

async fn one(cx: Cx, job: Claimed, slot: OwnedSemaphorePermit) {
    let outcome = match (cx.app.jobs.registry.handler(&job.kind), job.input.clone()) {
        (Some(handler), Ok(input)) => attend(&cx, &job, tokio::spawn(handler(cx.clone(), input))).await,
        (None, _) => Some(Err(JobError::again("this node has no handler for it"))),
        (_, Err(unreadable)) => Some(Err(unreadable)),
    };
    if let Some(outcome) = outcome {
        report(&cx, &job, &outcome).await;
    }
    drop(slot);
    cx.app.jobs.waker.look();
}

/// Waits for the end of an attempt and keeps its lease meanwhile; nothing when the lease was lost or the process ends first.
async fn attend(cx: &Cx, job: &Claimed, mut work: JoinHandle<Result<(), JobError>>) -> Option<Result<(), JobError>> {
    let lease = Duration::from_millis(LEASE_MS as u64);
    let mut kept = Monotonic::now();
    let mut beat = tokio::time::interval_at(kept + RENEW, RENEW);
    let stopped = async {
        cx.app.stopping.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            ended = &mut work => return Some(ended.unwrap_or_else(|e| Err(panicked(e)))),
            _ = beat.tick(), if cx.app.store.kind == Kind::Postgres => match claim::renew(cx, job).await {
                Ok(true) => kept = Monotonic::now(),
                Ok(false) => break,
                Err(e) if kept.elapsed() < lease => tracing::debug!(error = %e, id = %job.id, "a lease could not be renewed; trying again"),
                Err(_) => break,
            },
            () = &mut stopped => break,
        }
    }
    work.abort();
    tracing::warn!(id = %job.id, kind = job.kind, attempt = job.attempt, "a job was ended: its lease was lost, or the process stops");
    None
}

fn panicked(e: tokio::task::JoinError) -> JobError {
    let said = e.try_into_panic().map_or_else(|_| "it was cut off".to_owned(), words);
    JobError::again(format!("the handler panicked: {said}"))
}

/// Writes the outcome down, for as long as it takes: the effect has happened, and a row that nobody ends would repeat it.
async fn report(cx: &Cx, job: &Claimed, outcome: &Result<(), JobError>) {
    if let Err(e) = outcome {
        tracing::info!(id = %job.id, kind = job.kind, attempt = job.attempt, error = %e, "a job failed");
    }
    loop {
        match claim::finish(cx, job, outcome).await {
            Ok(true) => return,
            Ok(false) => {
                return tracing::warn!(id = %job.id, kind = job.kind, attempt = job.attempt, "a job's lease was lost; its outcome is another's to say");
            }
            Err(e) => tracing::warn!(error = %e, id = %job.id, "a job's outcome could not be written down; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = cx.app.stopping.cancelled() => return,
        }
    }
}
