//! A database that outlives its node: for tests that stop nodes, start several, or look at the rows themselves.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use sea_orm::{ConnectionTrait, Statement};
use services::{
    App,
    job::Registry,
    store::{Kind, Store},
};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::support::{fresh_postgres, options, system};

/// What is waited for must come within this time, on a busy machine, too.
const PATIENCE: Duration = Duration::from_secs(30);

/// A fresh database and the folder of its node.
pub struct Place {
    pub url: String,
    pub folder: tempfile::TempDir,
}

impl Place {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}", folder.path().join("opsguard.db").display()), folder }
    }

    pub async fn postgres() -> Self {
        Self { url: fresh_postgres().await, folder: tempfile::tempdir().unwrap() }
    }

    pub async fn both() -> [Self; 2] {
        [Self::sqlite(), Self::postgres().await]
    }

    pub fn options(&self) -> services::Options {
        options(self.url.clone(), self.folder.path().to_owned())
    }

    /// A node without its tasks.
    pub async fn open(&self) -> Arc<App> {
        App::open(self.options()).await.unwrap()
    }

    /// A running node.
    pub async fn start(&self) -> Arc<App> {
        App::start(self.options()).await.unwrap()
    }

    /// A running node that carries out jobs.
    pub async fn start_with(&self, jobs: Registry) -> Arc<App> {
        App::start_with(self.options(), jobs).await.unwrap()
    }
}

/// What a query counts.
pub async fn count(store: &Store, sql: &str) -> i64 {
    let row = store.reader.query_one_raw(Statement::from_string(store.backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Changes rows as no use case would.
pub async fn execute(app: &Arc<App>, sql: &str) {
    let sql = sql.to_owned();
    system(app)
        .write_plain(move |tx| {
            let sql = sql.clone();
            async move { Ok(tx.conn().execute_unprepared(&sql).await?.rows_affected()) }
        })
        .await
        .unwrap();
}

/// PostgreSQL: holds a lock of this number until it is told not to.
pub async fn hold(app: &Arc<App>, number: i64) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (begun, mut begins) = mpsc::unbounded_channel();
    let (release, released) = oneshot::channel::<()>();
    let (cx, released) = (system(app), Arc::new(Mutex::new(Some(released))));
    let held = tokio::spawn(async move {
        cx.write_plain(move |tx| {
            let (begun, released) = (begun.clone(), released.clone());
            async move {
                tx.conn().execute_unprepared(&format!("SELECT pg_advisory_xact_lock({number})")).await?;
                begun.send(()).unwrap();
                let released = released.lock().unwrap().take();
                if let Some(released) = released {
                    released.await.unwrap();
                }
                Ok(())
            }
        })
        .await
        .unwrap();
    });
    soon("the lock is held", begins.recv()).await;
    (release, held)
}

/// How many wait for such a lock.
pub const WAITING: &str = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Asks until it is so; every question goes to the database, so that others get their turn.
pub async fn until<F, Fut>(what: &str, question: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = bool>,
{
    let asked = async {
        while !question().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never came: {what}"));
}

/// The result, which must come in time.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("never came: {what}"))
}

/// A request whose sender goes away: polled so many times, then dropped.
pub async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Whether it is the database that several nodes share.
pub fn is_shared(app: &App) -> bool {
    app.store.kind == Kind::Postgres
}
