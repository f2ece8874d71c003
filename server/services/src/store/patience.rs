//! A database that neither answers nor refuses: its machine is frozen, or a network swallows what is sent. The connection
//! looks sound for as long as the kernel believes in it, which may be a quarter of an hour; so every statement has an end of
//! its own here. What ran out of patience is told as unavailable, and its connection is closed: what would come back on it
//! is an answer to another question.

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr};
use tokio::time::timeout;

/// How long a statement, and the work of a write before its commit, may take.
const LIMIT: Duration = Duration::from_secs(10);
/// A connection that is asked for a sign of life gives it within this part of the limit.
const SIGN_OF_LIFE: u32 = 5;
/// One that only listens is asked for it after this part of the limit without a word.
const QUIET: u32 = 2;

/// How long this node waits for its database.
pub struct Patience {
    limit_ms: AtomicU64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { limit_ms: AtomicU64::new(LIMIT.as_millis() as u64) }
    }
}

impl Patience {
    fn limit(&self) -> Duration {
        Duration::from_millis(self.limit_ms.load(Ordering::Relaxed))
    }

    /// Another limit, for tests that would have to wait for it.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn set_limit(&self, limit: Duration) {
        self.limit_ms.store(limit.as_millis() as u64, Ordering::Relaxed);
    }

    /// The work, or the refusal when the database was silent for too long.
    pub(super) async fn within<T, E: From<DbErr>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let limit = self.limit();
        let silent = |_| Err(DbErr::Conn(RuntimeErr::Internal(format!("the database did not answer within {limit:?}"))).into());
        timeout(limit, work).await.unwrap_or_else(silent)
    }

    /// Asks whether the other side is still there; a connection that does not say so is closed by the pool.
    pub(super) async fn sign_of_life<C: sqlx::Connection>(&self, connection: &mut C) -> Result<(), sqlx::Error> {
        self.soon(connection.ping()).await
    }

    /// What takes one round trip, or is not coming.
    pub(crate) async fn soon<T>(&self, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        let silent = |_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()));
        timeout(self.limit() / SIGN_OF_LIFE, work).await.unwrap_or_else(silent)
    }

    /// What another says unasked; `None` when it said nothing for so long that it should be asked whether it is there.
    pub(crate) async fn word<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        timeout(self.limit() / QUIET, work).await.ok()
    }
}
