//! Connections. SQLite: one writer, several readers that cannot write. PostgreSQL: one pool.

use std::{path::PathBuf, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

use super::lock::FileLock;
use crate::{Error, Result};

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Embedded, one node.
    Sqlite,
    /// A server, several nodes.
    Postgres,
}

/// The open database.
pub struct Store {
    /// Which database it is.
    pub kind: Kind,
    /// Only [`crate::Cx::write`] and migrations use it.
    pub(super) writer: DatabaseConnection,
    /// For everything else; on SQLite it refuses to write.
    pub reader: DatabaseConnection,
    /// The address, as given.
    pub url: String,
    /// The database file, with SQLite.
    pub file: Option<PathBuf>,
    /// Orders writers in this process: SQLite has one connection for them, and a queue here is fair where busy-waiting is not.
    pub(super) gate: tokio::sync::Mutex<()>,
    _lock: Option<FileLock>,
}

impl Store {
    /// Opens the database that `url` names (`sqlite:<path>` or `postgres://..`). Refuses a second server on one SQLite file.
    pub async fn open(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Self::sqlite(url).await,
            Some("postgres" | "postgresql") => Self::postgres(url).await,
            _ => Err(Error::Stored(format!("{url:?} is not a database address; right: sqlite:data/opsguard.db or postgres://user@host/name"))),
        }
    }

    async fn sqlite(url: &str) -> Result<Self> {
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default().to_owned();
        let file = PathBuf::from(&path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|e| Error::Stored(format!("{}: {e}", folder.display())))?;
        }
        let lock = FileLock::take(&file)?;
        let options = |connections: u32, read_only: bool| {
            let mut o = ConnectOptions::new(format!("sqlite:{path}"));
            o.max_connections(connections).min_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(5));
            o.map_sqlx_sqlite_opts(move |o| {
                let o = o
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(5))
                    .foreign_keys(true)
                    .statement_cache_capacity(256)
                    .pragma("cache_size", "-16000")
                    .pragma("temp_store", "memory");
                if read_only { o.pragma("query_only", "1") } else { o }
            });
            o
        };
        let writer = Database::connect(options(1, false)).await?;
        let reader = Database::connect(options(4, true)).await?;
        Ok(Self { kind: Kind::Sqlite, writer, reader, url: url.to_owned(), file: Some(file), gate: tokio::sync::Mutex::new(()), _lock: Some(lock) })
    }

    async fn postgres(url: &str) -> Result<Self> {
        let mut o = ConnectOptions::new(url);
        o.max_connections(20).min_connections(2).sqlx_logging(false).acquire_timeout(Duration::from_secs(5)).connect_timeout(Duration::from_secs(5));
        o.test_before_acquire(false);
        let pool = Database::connect(o).await?;
        Ok(Self { kind: Kind::Postgres, writer: pool.clone(), reader: pool, url: url.to_owned(), file: None, gate: tokio::sync::Mutex::new(()), _lock: None })
    }

    /// The SQL dialect.
    pub fn backend(&self) -> DbBackend {
        match self.kind {
            Kind::Sqlite => DbBackend::Sqlite,
            Kind::Postgres => DbBackend::Postgres,
        }
    }

    /// Ends every connection; on SQLite this folds the WAL into the file.
    pub async fn close(&self) -> Result<()> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await?;
        Ok(())
    }
}
