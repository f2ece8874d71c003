//! The two transactions that no use case is in: everything as it was at one instant, and everything at once.

use sea_orm::{AccessMode, DatabaseTransaction, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::{Kind, Store};
use crate::Result;

impl Store {
    /// One state of the whole database to read from: a read transaction on SQLite (where WAL lets writers go on), REPEATABLE
    /// READ on PostgreSQL.
    #[allow(clippy::disallowed_methods, reason = "it reads, and nothing that a dropped request could take along runs in it")]
    pub(crate) async fn snapshot(&self) -> Result<DatabaseTransaction> {
        Ok(match self.kind {
            Kind::Sqlite => self.reader.begin().await?,
            Kind::Postgres => self.reader.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?,
        })
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
