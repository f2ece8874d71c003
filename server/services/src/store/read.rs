//! Reading: statement by statement, or several that see one state of the database (`cx.read`).
//!
//! A list and its total, an incident and what happened to it: between two statements another's commit would show the one
//! without the other. `cx.read` puts them into one snapshot. As a write, it runs on a task of its own with owned arguments: a
//! request that is dropped mid-way leaves no connection in the middle of a BEGIN (sqlx 0.9 on PostgreSQL).

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement, prelude::async_trait,
};

use super::{Patience, write::on_task};
use crate::{Cx, Result};

/// Where queries go: the pool of readers, or a snapshot. Each statement ends when the patience with the database does.
#[derive(Clone)]
pub struct Reader {
    via: Via,
    patience: Arc<Patience>,
}

#[derive(Clone)]
enum Via {
    Pool(DatabaseConnection),
    Snapshot(Arc<DatabaseTransaction>),
}

impl Reader {
    pub(super) fn of(pool: DatabaseConnection, patience: Arc<Patience>) -> Self {
        Self { via: Via::Pool(pool), patience }
    }

    /// The pool, unless it is a snapshot.
    pub(super) fn pool(&self) -> Option<&DatabaseConnection> {
        match &self.via {
            Via::Pool(pool) => Some(pool),
            Via::Snapshot(_) => None,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match &self.via {
            Via::Pool(pool) => pool.get_database_backend(),
            Via::Snapshot(snapshot) => snapshot.get_database_backend(),
        }
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        match &self.via {
            Via::Pool(pool) => self.patience.within(pool.execute_raw(stmt)).await,
            Via::Snapshot(snapshot) => self.patience.within(snapshot.execute_raw(stmt)).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.via {
            Via::Pool(pool) => self.patience.within(pool.execute_unprepared(sql)).await,
            Via::Snapshot(snapshot) => self.patience.within(snapshot.execute_unprepared(sql)).await,
        }
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.via {
            Via::Pool(pool) => self.patience.within(pool.query_one_raw(stmt)).await,
            Via::Snapshot(snapshot) => self.patience.within(snapshot.query_one_raw(stmt)).await,
        }
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.via {
            Via::Pool(pool) => self.patience.within(pool.query_all_raw(stmt)).await,
            Via::Snapshot(snapshot) => self.patience.within(snapshot.query_all_raw(stmt)).await,
        }
    }
}

impl Cx {
    /// For queries: of the snapshot inside [`Cx::read`], else each on its own.
    pub(crate) fn reader(&self) -> &Reader {
        self.snapshot.as_ref().unwrap_or(&self.app.store.reader)
    }

    /// Runs queries that see one state of the database, whoever commits meanwhile. What is called with the given context
    /// belongs to the same snapshot; a read inside a read is part of it.
    pub async fn read<T, F, Fut>(&self, run: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T>> + Send + 'static,
    {
        if self.snapshot.is_some() {
            return run(self.clone()).await;
        }
        let cx = self.clone();
        on_task(async move {
            let patience = cx.app.store.patience.clone();
            let snapshot = Arc::new(patience.within(cx.app.store.snapshot()).await?);
            let reader = Reader { via: Via::Snapshot(snapshot.clone()), patience: patience.clone() };
            let outcome = run(Self { snapshot: Some(reader), ..cx }).await;
            // Whoever keeps it beyond the end ends it by letting go.
            if let Ok(snapshot) = Arc::try_unwrap(snapshot)
                && let Err(e) = patience.within(snapshot.rollback()).await
            {
                tracing::debug!(error = %e, "the end of a snapshot; what was read is whole");
            }
            outcome
        })
        .await
    }
}
