//! The loops that run beside the requests: a node keeps each going until it stops.
//!
//! A loop that panics is begun again, after a wait that grows while it keeps failing: one bad row, or one bug in one loop,
//! must not leave a node that answers pages and no longer pages people. Each loop finds what it needs in the rows, or in
//! memory that outlives it: nothing that another run would miss may live in the loop itself.

use std::{
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::time::Instant as Monotonic;
use tokio_util::sync::CancellationToken;

use crate::store::words;

/// Loops that were begun again, since the start of the process.
pub static RESTARTS: AtomicU64 = AtomicU64::new(0);

/// The wait before the first restart; each further one waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// The longest wait: an alert that comes meanwhile is late by no more.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Runs a loop until it returns or the node stops. `begin` is called again after each panic.
pub(crate) async fn keep<F, Fut>(name: &'static str, stopping: CancellationToken, begin: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()>,
{
    let mut wait = FIRST_WAIT;
    loop {
        let begun = Monotonic::now();
        // What it left half done in memory is behind locks that survive a panic; what it left in the database was rolled back.
        let Err(panic) = AssertUnwindSafe(async { begin().await }).catch_unwind().await else { return };
        RESTARTS.fetch_add(1, Ordering::Relaxed);
        if begun.elapsed() > LONGEST_WAIT {
            wait = FIRST_WAIT;
        }
        tracing::error!(name, panic = words(panic), "a background loop panicked; it begins again in {wait:?}");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stopping.cancelled() => return,
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// As a loop: fails so many times, then does its work until the node stops.
    async fn fails(times: usize, runs: &AtomicUsize, works: &CancellationToken, stopping: &CancellationToken) {
        assert!(runs.fetch_add(1, Ordering::Relaxed) >= times, "as the test wants it");
        works.cancel();
        stopping.cancelled().await;
    }

    #[tokio::test]
    async fn a_loop_that_panics_begins_again_and_is_counted() {
        let (runs, works, stopping) = (AtomicUsize::new(0), CancellationToken::new(), CancellationToken::new());
        let before = RESTARTS.load(Ordering::Relaxed);
        let kept = keep("test", stopping.clone(), || fails(1, &runs, &works, &stopping));
        let test = async {
            works.cancelled().await;
            stopping.cancel();
        };
        tokio::join!(kept, test);
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert!(RESTARTS.load(Ordering::Relaxed) > before);
    }

    #[tokio::test]
    async fn a_node_that_stops_begins_nothing_again() {
        let (runs, works, stopping) = (AtomicUsize::new(0), CancellationToken::new(), CancellationToken::new());
        stopping.cancel();
        keep("test", stopping.clone(), || fails(usize::MAX, &runs, &works, &stopping)).await;
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_loop_that_has_nothing_to_do_here_is_left_alone() {
        let runs = AtomicUsize::new(0);
        keep("test", CancellationToken::new(), || async {
            runs.fetch_add(1, Ordering::Relaxed);
        })
        .await;
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
}
