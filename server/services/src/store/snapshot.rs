//! The two transactions that no write of a use case is in: everything as it was at one instant, and everything at once.

use sea_orm::{ConnectionTrait, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::{Kind, Store, connect::sound};
use crate::{Error, Result};

impl Store {
    /// One state of the whole database to read from: a read transaction on SQLite (where WAL lets writers go on, and the
    /// readers' connections cannot write), REPEATABLE READ on PostgreSQL. [`crate::Cx::read`] is how use cases get it.
    #[allow(clippy::disallowed_methods, reason = "it reads, on a task that no dropped request takes along")]
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction> {
        let Some(pool) = self.reader.pool() else { return Err(Error::Stored("a snapshot begins at the pool".into())) };
        sound(|| async {
            let snapshot = pool.begin().await?;
            if self.kind == Kind::Postgres {
                // One round trip instead of the two that sea-orm takes for it.
                snapshot.execute_unprepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            }
            Ok(snapshot)
        })
        .await
    }

    /// One transaction that fills an empty database, all of it or nothing.
    #[allow(clippy::disallowed_methods, reason = "nobody else uses a database that is being restored")]
    pub(crate) async fn filling(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.kind == Kind::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }
}
