//! What waits for a time: one waker, set to the earliest instant that anything is due at.
//!
//! Nouns keep their instant in an indexed column; a write that sets one tells the waker. The work itself is done by
//! reconcilers without input ("find what is due, do it"), which may run at any time and twice: a slow tick is the net.

mod clean;
mod lease;

pub(crate) use lease::release as release_leases;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::Instant;
use tokio::sync::Notify;

use crate::{Actor, App, Cx, Request, Result};

/// The net below the wake-ups.
const TICK: Duration = Duration::from_secs(5);

/// The waker. Its state is memory; the truth is in the rows.
pub struct Due {
    earliest: AtomicI64,
    sooner: Notify,
}

impl Default for Due {
    fn default() -> Self {
        Self { earliest: AtomicI64::new(i64::MAX), sooner: Notify::new() }
    }
}

impl Due {
    /// Something is due then.
    pub fn at(&self, at: Instant) {
        if self.is_earlier(at) {
            self.sooner.notify_one();
        }
    }

    /// What a look found to be due next: there is no need to look again before.
    pub(crate) fn next(&self, at: Instant) {
        self.is_earlier(at);
    }

    fn is_earlier(&self, at: Instant) -> bool {
        at.ms() < self.earliest.fetch_min(at.ms(), Ordering::AcqRel)
    }

    /// Something may have become due: look now.
    pub fn look(&self) {
        self.sooner.notify_one();
    }

    /// Before a look: what is told from here on counts.
    pub(crate) fn forget(&self) {
        self.earliest.store(i64::MAX, Ordering::Release);
    }

    /// The earliest instant told since.
    pub(crate) fn earliest(&self) -> Instant {
        Instant(self.earliest.load(Ordering::Acquire))
    }

    /// Returns when something sooner was told.
    pub(crate) async fn sooner(&self) {
        self.sooner.notified().await;
    }
}

/// Runs every reconciler once; answers how many things were done.
pub async fn reconcile(cx: &Cx) -> Result<u64> {
    let mut done = 0;
    done += crate::alert::release_held(cx).await?;
    done += crate::incident::resolve_quiet(cx).await?;
    done += crate::incident::auto_close(cx).await?;
    done += clean::expired(cx).await?;
    Ok(done)
}

/// The earliest instant that a row waits for.
async fn next(cx: &Cx) -> Result<Option<Instant>> {
    use sea_orm::{ConnectionTrait, Statement};
    let sql = "SELECT MIN(at) FROM (\
        SELECT MIN(hold_until) AS at FROM alert WHERE hold_until IS NOT NULL \
        UNION ALL SELECT MIN(auto_close_at) FROM incident WHERE auto_close_at IS NOT NULL \
        UNION ALL SELECT MIN(quiet_until) FROM incident WHERE quiet_until IS NOT NULL) AS due";
    let row = cx.reader().query_one_raw(Statement::from_string(cx.app.store.backend(), sql)).await?;
    let at: Option<i64> = row.map(|r| r.try_get_by_index(0)).transpose()?.flatten();
    Ok(at.map(Instant))
}

/// The engine's loop, until the process ends.
pub(crate) async fn run(app: Arc<App>) {
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("engine"));
    loop {
        app.due.forget();
        match step(&cx).await {
            Ok(Some(at)) => app.due.next(at),
            Ok(None) => {}
            Err(e) => tracing::warn!(error = %e, "what is due could not be done; trying again"),
        }
        let earliest = app.due.earliest();
        tokio::select! {
            () = app.clock.sleep_until(earliest), if earliest.ms() < i64::MAX => {}
            () = app.due.sooner() => {}
            () = tokio::time::sleep(TICK) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

async fn step(cx: &Cx) -> Result<Option<Instant>> {
    // Asked again after each chunk: a backlog may outlive the lease, and must not hold up the end of the process.
    while lease::holds(&cx.app, "engine").await? {
        if cx.app.stopping.is_cancelled() {
            return Ok(None);
        }
        if reconcile(cx).await? == 0 {
            return next(cx).await;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use domain::incident::IncidentIn;

    use super::*;
    use crate::incident;

    const WEEK: i64 = 7 * 86_400_000;

    #[tokio::test]
    async fn the_engine_rests_until_what_it_found_or_something_sooner() {
        let due = Due::default();
        let wakes = async || tokio::time::timeout(Duration::ZERO, due.sooner()).await.is_ok();
        due.forget();
        due.next(Instant(2_000));
        assert!(!wakes().await, "what was found is no news");
        due.at(Instant(3_000));
        assert!(!wakes().await, "nor is what comes later");
        due.at(Instant(1_000));
        assert!(wakes().await);
        assert_eq!(due.earliest(), Instant(1_000));
    }

    #[tokio::test]
    async fn a_process_that_ends_leaves_what_is_overdue_to_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::at_rest(folder.path()).await.unwrap();
        let cx = Cx::new(app.clone(), Actor::system(), Request::inside("cli"));
        let new = IncidentIn { title: "Checkout fails".into(), ..IncidentIn::default() };
        let id = incident::declare(&cx, new).await.unwrap().id;
        incident::resolve(&cx, id, "rolled back".into()).await.unwrap();
        app.clock.advance(WEEK);
        app.stopping.cancel();
        run(app.clone()).await;
        assert_eq!(reconcile(&cx).await.unwrap(), 1);
        app.stop().await.unwrap();
    }
}
