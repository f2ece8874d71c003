//! What stands on many pages and is the sum of many incidents: counted once for each state of the journal.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::account::Scope;
use sea_orm::QueryResult;

use crate::{
    Result,
    event::feed::{Feed, Moment},
};

/// However quiet the journal is: a backstop, not a freshness anybody relies on.
const AGE: Duration = Duration::from_secs(2);
/// Different rights that are remembered.
const SCOPES: usize = 64;

/// How many incidents are live, and how many of these nobody has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Live {
    pub live: u64,
    pub open: u64,
}

impl Live {
    /// The columns of a row that brings both along.
    pub const LIVE: &str = "live";
    pub const OPEN: &str = "open";

    pub fn of(row: &QueryResult) -> Result<Self> {
        let count = |column| row.try_get::<i64>("", column).map(|count| count as u64);
        Ok(Self { live: count(Self::LIVE)?, open: count(Self::OPEN)? })
    }
}

/// What was counted last. Memory of this process: another node counts for itself.
pub(crate) struct Counts<T>(Mutex<Option<Counted<T>>>);

struct Counted<T> {
    at: Moment,
    since: Instant,
    by_scope: Vec<(Scope, T)>,
}

impl<T> Default for Counts<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Copy> Counts<T> {
    /// What was counted for these rights, if nothing has happened since; and the moment that a new count will belong to.
    pub fn known(&self, feed: &Feed, scope: &Scope) -> (Moment, Option<T>) {
        let now = feed.moment();
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = held.as_ref().filter(|counted| counted.at == now && counted.since.elapsed() < AGE);
        (now, fresh.and_then(|counted| counted.by_scope.iter().find(|(known, _)| known == scope)).map(|(_, live)| *live))
    }

    /// Keeps a count that was begun at that moment: what was committed meanwhile made another one.
    pub fn keep(&self, at: Moment, scope: Scope, value: T) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.as_mut().filter(|counted| counted.at == at && counted.since.elapsed() < AGE && counted.by_scope.len() < SCOPES) {
            Some(counted) => counted.by_scope.push((scope, value)),
            None => *held = Some(Counted { at, since: Instant::now(), by_scope: vec![(scope, value)] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_known_until_something_is_committed() {
        let (feed, counts) = (Feed::default(), Counts::default());
        let (before, unknown) = counts.known(&feed, &Scope::All);
        assert_eq!(unknown, None);
        let live = Live { live: 3, open: 2 };
        counts.keep(before, Scope::All, live);
        assert_eq!(counts.known(&feed, &Scope::All).1, Some(live));
        assert_eq!(counts.known(&feed, &Scope::Teams(Vec::new())).1, None, "each for their own rights");
        feed.wake();
        let (after, unknown) = counts.known(&feed, &Scope::All);
        assert_eq!(unknown, None, "this process committed");
        counts.keep(before, Scope::All, Live { live: 9, open: 9 });
        assert_eq!(counts.known(&feed, &Scope::All), (after, None), "a count that began before does not pass for a new one");
    }
}
