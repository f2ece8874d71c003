//! The clock for everything that a user can name. Leases and timeouts of the machinery never use it.
//!
//! Between readings of the system clock it runs on the monotonic one, so that a jump back of the system clock cannot delay a
//! due step: a jump forward is taken at once, a jump back is made up by running slower until the two agree. With the
//! feature `test-seams` tests move it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, UNIX_EPOCH},
};

use domain::Instant;
use tokio::{sync::watch, time::Instant as Monotonic};

/// After a jump back, this share of the passing time is taken off until the clock agrees again: an hour in ten.
const SLEW_DIVISOR: i64 = 10;

/// A shared clock; clones tell the same time.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    anchor: Mutex<Anchor>,
    moved: watch::Sender<()>,
}

#[derive(Debug)]
struct Anchor {
    at: i64,
    read: Monotonic,
    /// Added by tests.
    offset: i64,
    /// Stopped by tests: only `advance` and `set` move it.
    stopped: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(Inner {
            anchor: Mutex::new(Anchor { at: system(), read: Monotonic::now(), offset: 0, stopped: false }),
            moved: watch::Sender::new(()),
        }))
    }
}

#[allow(clippy::disallowed_methods, reason = "the one reader of the system clock")]
fn system() -> i64 {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64)
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Instant {
        let mut anchor = self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let read = Monotonic::now();
        let passed = read.duration_since(anchor.read).as_millis() as i64;
        // Finer readings would only round to zero milliseconds over and over.
        if passed > 0 && !anchor.stopped {
            anchor.at = follow(anchor.at, passed, system());
            anchor.read = read;
        }
        Instant(anchor.at + anchor.offset)
    }

    /// Returns when the clock shows `at` or later, moved clocks included.
    pub async fn sleep_until(&self, at: Instant) {
        let mut moved = self.0.moved.subscribe();
        loop {
            let left = at.since(self.now());
            if left <= 0 {
                return;
            }
            // A slewed clock runs late by a tenth: look again when the rest is due.
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left as u64)) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// Stops the clock, for tests whose seconds must not depend on the machine.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn stop(&self) {
        self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
    }

    /// Moves the clock by `ms`, for tests.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn advance(&self, ms: i64) {
        self.0.anchor.lock().unwrap_or_else(PoisonError::into_inner).offset += ms;
        self.0.moved.send_replace(());
    }

    /// Sets the clock, for tests.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn set(&self, to: Instant) {
        let by = to.since(self.now());
        self.advance(by);
    }
}

/// Where the clock stands after `passed` monotonic milliseconds, given what the system clock shows.
fn follow(at: i64, passed: i64, system: i64) -> i64 {
    let straight = at + passed;
    if system >= straight {
        system
    } else {
        (straight - (passed / SLEW_DIVISOR).max(i64::from(passed >= 1 && straight - system > 1_000))).max(system).max(at)
    }
}

#[cfg(test)]
mod tests {
    use super::follow;

    #[test]
    fn a_jump_forward_is_taken_and_a_jump_back_is_made_up_slowly() {
        assert_eq!(follow(1_000_000, 100, 1_000_100), 1_000_100);
        assert_eq!(follow(1_000_000, 100, 4_600_000), 4_600_000);
        // An hour back: the clock goes on, a tenth slower.
        assert_eq!(follow(10_000_000, 1_000, 6_400_000), 10_000_900);
        assert!(follow(10_000_000, 1, 6_400_000) >= 10_000_000);
    }
}
