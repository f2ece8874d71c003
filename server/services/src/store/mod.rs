//! The database: SQLite by default, PostgreSQL for several nodes. Everything above sees one interface.

pub(crate) mod by_name;
mod connect;
pub(crate) mod counter;
mod gate;
pub mod keyring;
mod lock;
pub mod migrate;
pub(crate) mod page;
mod patience;
pub mod probe;
mod read;
pub mod schema;
pub(crate) mod search;
#[cfg(any(test, feature = "test-seams"))]
pub mod seen;
pub mod setting;
mod snapshot;
mod tx;
mod visible;
mod write;

pub use connect::{Kind, Store};
pub use gate::Precedence;
pub use patience::Patience;
pub use read::Reader;
pub use tx::{NewEvent, Tx};
pub(crate) use visible::within;
pub(crate) use write::words;
pub use write::{LONG_WRITE, LONG_WRITES};

use domain::Id;

/// A new id of the instant that the caller's clock shows.
pub fn id<T>(now: domain::Instant) -> Id<T> {
    Id::mint(now.ms(), rand::random())
}

/// JSON text as stored, for values that always serialise.
pub fn json<T: serde::Serialize>(value: &T) -> crate::Result<String> {
    Ok(serde_json::to_string(value)?)
}

/// A stored word read back, or the fault that names it.
pub fn word<T>(parsed: Option<T>, column: &str, text: &str) -> crate::Result<T> {
    parsed.ok_or_else(|| crate::Error::Stored(format!("{column} = {text:?}")))
}
