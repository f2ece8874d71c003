//! The portable backup: one archive that either database is restored from; also the way from SQLite to PostgreSQL.
//!
//! A `tar.gz` of `manifest.json` (what is inside, counted), `rows/<table>/<part>.jsonl` (a row is an array in the order of the
//! manifest's columns; instants are unix milliseconds, ids text, bytes base64), and `key.sealed` when a passphrase was given.
//! A table comes in parts because tar wants a member's length first: so neither a table in memory nor a second copy on disk
//! is needed. All rows are of one instant. The archive holds password hashes and sealed secrets: it is made 0600.
//!
//! Left out are rows that mean something only to the running installation; see [`LEFT_OUT`].

mod archive;
mod key;
mod restore;
mod value;
mod write;

pub use key::open as open_key;
pub use restore::restore;
pub use write::{Key, backup};

use domain::Instant;
use serde::{Deserialize, Serialize};

use crate::store::schema;

/// The tables that a backup leaves out, and why.
pub const LEFT_OUT: [(&str, &str); 7] = [
    ("migration", "the manifest says it"),
    ("session", "everybody signs in again"),
    ("session_flash", "lives 60 s"),
    ("presence", "lives 45 s"),
    ("lease", "belongs to running nodes"),
    ("idempotency", "the answers speak of another history"),
    ("asset", "each node stores its build's files"),
];

/// The form of the archive that this version writes and reads.
const FORMAT: u32 = 1;

/// What an archive says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub format: u32,
    /// The version of OpsGuard that wrote it.
    pub version: String,
    /// The instant of all rows.
    pub made_at: Instant,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// The names of the schema's steps, in order.
    pub schema: Vec<String>,
    /// In the order of the archive, referred tables first.
    pub tables: Vec<Counted>,
}

/// A table of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// In the order of a row's values.
    pub columns: Vec<schema::Column>,
    /// How many there are.
    pub rows: u64,
}
