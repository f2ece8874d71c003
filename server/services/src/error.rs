//! What a use case can end with besides its result.

use domain::Problem;
use sea_orm::DbErr;

/// A refusal with its words, or a fault of the machinery.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A refusal: for the caller to read.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The database did not do as it was asked.
    #[error("database: {0}")]
    Database(#[from] DbErr),
    /// Another writer changed the row between load and store: the write is tried again.
    #[error("the row changed while it was being written")]
    Lost,
    /// A stored value could not be read back.
    #[error("stored value: {0}")]
    Stored(String),
    /// The connection was lost during COMMIT: whether it was stored is not known.
    #[error("lost the database during commit: {0}")]
    Unconfirmed(String),
    /// A use case panicked; its transaction was rolled back.
    #[error("a use case panicked: {0}")]
    Panicked(String),
    /// The task of the write was ended with the process.
    #[error("the write was cut off")]
    CutOff,
}

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<serde_json::Error> for Error {
    fn from(e: serde_json::Error) -> Self {
        Self::Stored(e.to_string())
    }
}

/// What to do about a failed write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// The same write may succeed when it is run again.
    Again,
    /// It will not.
    Never,
}

impl Error {
    /// Whether running the write again can help: serialisation failure, deadlock, busy, a unique key that a concurrent write
    /// took first, a lost version.
    ///
    /// A connection that broke before COMMIT took its transaction with it, so that the write may run again on another one.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Lost => Remedy::Again,
            e if e.is_lost_connection() => Remedy::Again,
            Self::Database(e)
                if sql_state(e).is_some_and(|s| matches!(s.as_str(), "40001" | "40P01" | "23505" | "5" | "517" | "2067" | "1555")) =>
            {
                Remedy::Again
            }
            _ => Remedy::Never,
        }
    }

    /// The words for who sits at the machine: a fault that was put into words stands alone.
    pub fn plain(&self) -> String {
        match self {
            Self::Stored(words) => words.clone(),
            other => other.to_string(),
        }
    }

    /// The refusal to show. A database that is away is a 503; everything else unexpected is told apart by its request id only.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Problem(p) => p.clone(),
            Self::Unconfirmed(_) => Problem::unavailable(
                "The database went away at the last moment, so this may or may not have been stored. Look before you try again.",
            ),
            e if e.is_unavailable() => Problem::unavailable("The database does not answer. Nothing was stored; try again in a moment."),
            _ => Problem::new(domain::Code::Internal, "Something went wrong", "It was logged under the request id."),
        }
    }

    /// The database is away, full of waiting callers, or locked out.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unconfirmed(_) | Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => true,
            Self::Database(e) => {
                let io = matches!(
                    runtime(e),
                    Some(
                        sqlx::Error::Io(_)
                            | sqlx::Error::PoolTimedOut
                            | sqlx::Error::PoolClosed
                            | sqlx::Error::WorkerCrashed
                            | sqlx::Error::Protocol(_)
                    )
                );
                // 57P0x: the server is stopping; 08xxx: connection; 53xxx: out of resources; 55P03: lock timeout.
                // SQLite 13: disk full, 10: I/O error, 5: busy.
                io || sql_state(e).is_some_and(|s| {
                    s.starts_with("57P")
                        || s.starts_with("08")
                        || s.starts_with("53")
                        || s == "55P03"
                        || matches!(s.as_str(), "5" | "10" | "13")
                })
            }
            _ => false,
        }
    }

    /// The connection broke under the statement; another one may serve. A pool that found none in time is not meant.
    pub(crate) fn is_lost_connection(&self) -> bool {
        match self {
            Self::Database(e) => {
                matches!(runtime(e), Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_)))
                    || sql_state(e).is_some_and(|s| matches!(s.as_str(), "57P01" | "57P02" | "57P03" | "08006" | "08003"))
            }
            _ => false,
        }
    }

    /// The database said nothing for longer than anybody waits.
    pub(crate) fn is_unanswered(&self) -> bool {
        matches!(self, Self::Database(DbErr::Conn(sea_orm::RuntimeErr::Internal(_))))
    }

    /// A statement waited longer for a lock than it was allowed to.
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Database(e) if sql_state(e).as_deref() == Some("55P03"))
    }
}

fn runtime(e: &DbErr) -> Option<&sqlx::Error> {
    match e {
        DbErr::Exec(sea_orm::RuntimeErr::SqlxError(e))
        | DbErr::Query(sea_orm::RuntimeErr::SqlxError(e))
        | DbErr::Conn(sea_orm::RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

/// SQLSTATE on PostgreSQL, the (extended) result code on SQLite.
fn sql_state(e: &DbErr) -> Option<String> {
    match runtime(e)? {
        sqlx::Error::Database(d) => d.code().map(|c| c.into_owned()),
        _ => None,
    }
}
