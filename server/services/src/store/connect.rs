//! Connections. SQLite: one writer, several readers that cannot write. PostgreSQL: one pool.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sqlx::{
    Connection, Executor,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{Patience, Reader, gate::Gate, lock::FileLock};
use crate::{Error, Result};

/// Connections of a node to PostgreSQL.
const CONNECTIONS: u32 = 20;
/// For each connection. A plan that was kept since a table was empty reads all of it in the storm that fills it: plans are
/// made for the data at hand. Compiling them would take longer than any of our queries runs.
const PLANS: &str = "SET plan_cache_mode = force_custom_plan; SET jit = off";
/// A connection that rested this long is looked at before its use: the server may have been restarted meanwhile.
const RESTED: Duration = Duration::from_millis(500);

/// Begins on a sound connection: after a restart of the database every one of the pool is broken, and each says so once.
pub(super) async fn sound<T, Fut: Future<Output = Result<T>>>(begin: impl Fn() -> Fut) -> Result<T> {
    let mut broken = 0;
    loop {
        match begin().await {
            Err(e) if e.is_lost_connection() && broken < CONNECTIONS => broken += 1,
            begun => return begun,
        }
    }
}

/// The file behind a name that may be a link or lie behind one.
fn real(file: &std::path::Path) -> PathBuf {
    let folder = || Some(file.parent()?.canonicalize().ok()?.join(file.file_name()?));
    file.canonicalize().ok().or_else(folder).unwrap_or_else(|| file.to_owned())
}

fn file_of(url: &str) -> PathBuf {
    url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default().into()
}

fn sqlite_options(file: &std::path::Path, connections: u32, read_only: bool) -> ConnectOptions {
    let mut o = ConnectOptions::new(format!("sqlite:{}", file.display()));
    o.max_connections(connections).min_connections(1).sqlx_logging(false).acquire_timeout(Duration::from_secs(5));
    o.map_sqlx_sqlite_opts(move |o| {
        let o = o
            .create_if_missing(!read_only)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .statement_cache_capacity(256)
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory");
        if read_only { o.pragma("query_only", "1") } else { o }
    });
    // SQLite may end a transaction by itself, as when the disk is full. The rollback then fails, and what follows would be steps
    // of a transaction that nobody commits: such a connection is closed, which ends it.
    o.map_sqlx_sqlite_pool_opts(|o| o.before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) })));
    o
}

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
    pub reader: Reader,
    /// With a database that does not answer.
    pub patience: Arc<Patience>,
    /// The address, as given.
    pub url: String,
    /// The database file, with SQLite.
    pub file: Option<PathBuf>,
    /// Orders writers in this process; with SQLite only.
    pub(super) gate: Gate,
    /// The statements of the reader, for tests that count them or explain their plans.
    #[cfg(any(test, feature = "test-seams"))]
    pub seen: super::seen::Seen,
    /// Held while the database is open.
    lock: std::sync::Mutex<Option<FileLock>>,
}

impl Store {
    /// Opens the database that `url` names (`sqlite:<path>` or `postgres://..`). Refuses a second server on one SQLite file.
    pub async fn open(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Self::sqlite(url).await,
            Some("postgres" | "postgresql") => Self::postgres(url).await,
            _ => Err(Error::Stored(format!(
                "{url:?} is not a database address; right: sqlite:data/opsguard.db or postgres://user@host/name"
            ))),
        }
    }

    /// Opens the database to read it only: for a backup beside the server that has it.
    pub async fn peek(url: &str) -> Result<Self> {
        if !url.starts_with("sqlite:") {
            return Self::open(url).await;
        }
        let file = real(&file_of(url));
        if !file.is_file() {
            return Err(Error::Stored(format!("there is no database at {}", file.display())));
        }
        let reader = Database::connect(sqlite_options(&file, 1, true)).await?;
        Ok(Self::of(Kind::Sqlite, reader.clone(), reader, url, Some(file), None, Arc::default()))
    }

    async fn sqlite(url: &str) -> Result<Self> {
        let file = file_of(url);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(|e| Error::Stored(format!("{}: {e}", folder.display())))?;
        }
        // The lock stands beside the real file: two names for one database are one database.
        let file = real(&file);
        let lock = FileLock::take(&file)?;
        let writer = Database::connect(sqlite_options(&file, 1, false)).await?;
        let reader = Database::connect(sqlite_options(&file, 4, true)).await?;
        Ok(Self::of(Kind::Sqlite, writer, reader, url, Some(file), Some(lock), Arc::default()))
    }

    fn of(
        kind: Kind,
        writer: DatabaseConnection,
        reader: DatabaseConnection,
        url: &str,
        file: Option<PathBuf>,
        lock: Option<FileLock>,
        patience: Arc<Patience>,
    ) -> Self {
        #[cfg(any(test, feature = "test-seams"))]
        let (reader, seen) = super::seen::watch(reader);
        Self {
            kind,
            writer,
            reader: Reader::of(reader, patience.clone()),
            patience,
            url: url.to_owned(),
            file,
            gate: Gate::default(),
            #[cfg(any(test, feature = "test-seams"))]
            seen,
            lock: std::sync::Mutex::new(lock),
        }
    }

    async fn postgres(url: &str) -> Result<Self> {
        let mut o = ConnectOptions::new(url);
        o.max_connections(CONNECTIONS)
            .min_connections(2)
            .sqlx_logging(false)
            .acquire_timeout(Duration::from_secs(5))
            .connect_timeout(Duration::from_secs(5));
        // A look at each connection before its use costs a round trip; only one that rested may have died unseen.
        o.test_before_acquire(false);
        let patience = Arc::<Patience>::default();
        let (before, after) = (patience.clone(), patience.clone());
        o.map_sqlx_postgres_pool_opts(move |o| {
            let (before, after) = (before.clone(), after.clone());
            o.after_connect(|connection, _| Box::pin(async move { connection.execute(PLANS).await.map(drop) }))
                .before_acquire(move |connection, meta| {
                    let patience = before.clone();
                    Box::pin(async move {
                        if meta.idle_for >= RESTED {
                            patience.sign_of_life(connection).await?;
                        }
                        Ok(true)
                    })
                })
                .after_release(move |connection, _| {
                    let patience = after.clone();
                    // The pool asks, too, but would wait for as long as the kernel does, with this connection's place taken.
                    Box::pin(async move { patience.sign_of_life(connection).await.map(|()| true) })
                })
        });
        let pool = Database::connect(o).await?;
        Ok(Self::of(Kind::Postgres, pool.clone(), pool, url, None, None, patience))
    }

    /// How many writes wait for the one writer of SQLite.
    #[cfg(any(test, feature = "test-seams"))]
    pub fn waiting_writes(&self) -> usize {
        self.gate.waiting()
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
        let closing = async {
            if let Some(readers) = self.reader.pool() {
                readers.close_by_ref().await?;
            }
            self.writer.close_by_ref().await
        };
        match self.kind {
            Kind::Sqlite => closing.await?,
            // A connection that says nothing need not say goodbye: the end of the process closes it.
            Kind::Postgres => {
                self.patience.within(closing).await.unwrap_or_else(|e| tracing::warn!(error = %e, "connections were left open"))
            }
        }
        // From here on another server may have the file, whoever still holds this store.
        drop(self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take());
        Ok(())
    }
}
