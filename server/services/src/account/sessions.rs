//! Who is known on this node right now. State: node memory, may be lost.
//!
//! Every request asks who it comes from. The answer of the database is used again for [`FRESH`], so that a page and its
//! parts cost one look. A change of accounts on this node forgets all answers before it returns; a change on another node
//! arrives with the feed, and is in force here after [`FRESH`] at the latest. An answer that was read while a change was
//! made is not kept: its generation is over.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant as Monotonic},
};

use domain::{Id, Instant, account::Session};
use tokio::sync::broadcast;

use crate::{Actor, App};

/// How long an answer of the database is used.
const FRESH: Duration = Duration::from_secs(2);
/// Answers that are kept at most.
const CAPACITY: usize = 10_000;

/// A session or a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Session,
    Token,
}

/// What the database said of a session or a token.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub actor: Actor,
    /// Of the session or token.
    pub id: uuid::Uuid,
    pub created_at: Instant,
    pub last_used_at: Instant,
    pub expires_at: Option<Instant>,
    pub installed: bool,
}

impl Known {
    pub fn has_ended(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }
}

type Key = (Kind, [u8; 32]);

/// The sessions and tokens that were seen lately, and word of sessions that end.
pub struct Sessions {
    seen: Mutex<Seen>,
    ended: broadcast::Sender<Id<Session>>,
}

#[derive(Default)]
struct Seen {
    generation: u64,
    by_key: HashMap<Key, (Monotonic, Known)>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self { seen: Mutex::default(), ended: broadcast::Sender::new(1_024) }
    }
}

impl Sessions {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Word of each session that ends before its time, on whichever node. Who lags should ask again with `renew`.
    pub fn ended(&self) -> broadcast::Receiver<Id<Session>> {
        self.ended.subscribe()
    }

    /// The answer that is still fresh, or the generation under which to keep a new one.
    pub(super) fn get(&self, key: &Key) -> Result<Known, u64> {
        let seen = self.seen();
        match seen.by_key.get(key) {
            Some((read, known)) if read.elapsed() < FRESH => Ok(known.clone()),
            _ => Err(seen.generation),
        }
    }

    /// Keeps an answer whose question was put at `read`.
    pub(super) fn put(&self, key: Key, generation: u64, read: Monotonic, known: Known) {
        let mut seen = self.seen();
        if seen.generation != generation {
            return;
        }
        if seen.by_key.len() >= CAPACITY {
            seen.by_key.retain(|_, (read, _)| read.elapsed() < FRESH);
        }
        if seen.by_key.len() < CAPACITY {
            seen.by_key.insert(key, (read, known));
        }
    }

    /// It was used just now: others need not write that again.
    pub(super) fn used(&self, key: &Key, at: Instant) {
        if let Some((_, known)) = self.seen().by_key.get_mut(key) {
            known.last_used_at = at;
        }
    }

    /// Accounts changed: ask the database again.
    pub fn forget(&self) {
        let mut seen = self.seen();
        seen.generation += 1;
        seen.by_key.clear();
    }

    /// These sessions ended.
    pub(crate) fn end(&self, sessions: impl IntoIterator<Item = Id<Session>>) {
        self.forget();
        for id in sessions {
            // Nobody may be listening.
            let _ = self.ended.send(id);
        }
    }
}

/// Follows the accounts topic of the journal until the process ends: what other nodes changed, and what a dropped request
/// changed here. An event about `session:<id>` is the end of that session.
pub(crate) async fn watch(app: Arc<App>) {
    use tokio::sync::broadcast::error::RecvError;
    let mut feed = app.feed.listen();
    // What happened before is not heard.
    app.sessions.forget();
    loop {
        let event = tokio::select! {
            event = feed.recv() => event,
            () = app.stopping.cancelled() => return,
        };
        match event {
            Ok(event) if event.topic == "accounts" => {
                let session = event.entity.strip_prefix("session:").and_then(|id| id.parse::<Id<Session>>().ok());
                app.sessions.end(session);
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => app.sessions.forget(),
            Err(RecvError::Closed) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let at = Instant(1);
        Known { actor: Actor::system(), id: uuid::Uuid::nil(), created_at: at, last_used_at: at, expires_at: None, installed: false }
    }

    #[test]
    fn an_answer_that_was_read_before_a_change_is_not_kept() {
        let sessions = Sessions::default();
        let key = (Kind::Session, [1; 32]);
        let before = sessions.get(&key).unwrap_err();
        sessions.forget();
        sessions.put(key, before, Monotonic::now(), known());
        let after = sessions.get(&key).unwrap_err();
        sessions.put(key, after, Monotonic::now(), known());
        assert!(sessions.get(&key).is_ok());
        assert!(sessions.get(&(Kind::Token, [1; 32])).is_err());
    }

    #[test]
    fn an_old_answer_is_not_used() {
        let sessions = Sessions::default();
        let key = (Kind::Session, [1; 32]);
        let read = Monotonic::now().checked_sub(FRESH).unwrap();
        sessions.put(key, 0, read, known());
        assert!(sessions.get(&key).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let sessions = Sessions::default();
        for n in 0..CAPACITY as u64 + 10 {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_be_bytes());
            sessions.put((Kind::Token, hash), 0, Monotonic::now(), known());
        }
        assert_eq!(sessions.seen().by_key.len(), CAPACITY);
    }
}
