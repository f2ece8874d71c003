//! A node: the open database, the clock, the feed, the queue of alerts, and the tasks that run beside the requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use domain::incident::Figures;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{
    Clock, Error, Result,
    account::{Hasher, Sessions},
    alert::Queue,
    background,
    due::{self, Due},
    event::{Feed, feed},
    incident::{Counts, Live},
    integration::Keys,
    job::{self, Jobs, Registry},
    store::{Kind, Store, keyring::KeyRing, migrate, setting},
};

/// What a node is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// `sqlite:<path>` or `postgres://..`.
    pub database_url: String,
    /// Where OpsGuard keeps its files.
    pub data_dir: PathBuf,
    /// `kid:key,..`, first = current; made on first start with SQLite when absent.
    pub secret_key: Option<String>,
}

/// A node.
pub struct App {
    /// The database.
    pub store: Store,
    /// For everything that a user can name.
    pub clock: Clock,
    /// The live feed.
    pub feed: Feed,
    /// The counts of the navigation.
    pub(crate) counts: Counts<Live>,
    /// The figures of the first page.
    pub(crate) figures: Counts<Figures>,
    /// What waits for a time.
    pub due: Due,
    /// Effects outside the database.
    pub jobs: Jobs,
    /// Alerts on their way in.
    pub ingest: Queue,
    /// Which integration a secret URL belongs to.
    pub keys: Keys,
    /// Secrets at rest.
    pub keyring: KeyRing,
    /// Bounded password hashing.
    pub hasher: Hasher,
    /// Who was seen lately, and word of sessions that end.
    pub sessions: Sessions,
    /// This process, among the nodes of one database.
    pub node: Uuid,
    /// New after each restore.
    pub epoch: String,
    /// Where OpsGuard keeps its files.
    pub data_dir: PathBuf,
    /// Set when the process is to end.
    pub stopping: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// Opens the database, brings its schema up to date, and starts the tasks of the node.
    pub async fn start(options: Options) -> Result<Arc<Self>> {
        Self::start_with(options, Registry::default()).await
    }

    /// As [`App::start`], with what carries out its jobs.
    pub async fn start_with(options: Options, jobs: Registry) -> Result<Arc<Self>> {
        let app = Self::open_with(options, jobs).await?;
        app.run_tasks();
        Ok(app)
    }

    /// Opens without the tasks: for the command line.
    pub async fn open(options: Options) -> Result<Arc<Self>> {
        Self::open_with(options, Registry::default()).await
    }

    /// On SQLite in this folder, without the tasks.
    #[cfg(test)]
    pub(crate) async fn at_rest(folder: &std::path::Path) -> Result<Arc<Self>> {
        let database_url = format!("sqlite:{}", folder.join("opsguard.db").display());
        Self::open(Options { database_url, data_dir: folder.to_owned(), secret_key: None }).await
    }

    async fn open_with(options: Options, jobs: Registry) -> Result<Arc<Self>> {
        let store = Store::open(&options.database_url).await?;
        for name in migrate::run(&store).await? {
            tracing::info!(migration = name, "schema brought up to date");
        }
        let clock = Clock::default();
        let keyring = KeyRing::open(&store, &options, clock.now()).await?;
        let epoch = setting::epoch(&store, clock.now()).await?;
        let feed = Feed::default();
        feed.begin(&store).await?;
        let app = Arc::new(Self {
            clock,
            feed,
            counts: Counts::default(),
            figures: Counts::default(),
            due: Due::default(),
            jobs: Jobs::new(jobs),
            ingest: Queue::default(),
            keys: Keys::default(),
            keyring,
            hasher: Hasher::default(),
            sessions: Sessions::default(),
            node: Uuid::new_v4(),
            epoch,
            data_dir: options.data_dir,
            stopping: CancellationToken::new(),
            tasks: TaskTracker::new(),
            store,
        });
        crate::service::ensure_unsorted(&app).await?;
        Ok(app)
    }

    /// Starts what runs beside the requests.
    pub fn run_tasks(self: &Arc<Self>) {
        self.keep("feed", feed::run);
        self.keep("feed between nodes", feed::between_nodes);
        self.keep("alerts on their way in", crate::alert::queue::run);
        self.keep("alert invariant", crate::alert::watch::run);
        self.keep("engine", due::run);
        self.keep("jobs", job::run);
        self.keep("sessions", crate::account::watch);
    }

    /// Runs a loop beside the requests until the node stops, and again when it panics; see [`crate::background`].
    pub fn keep<F, Fut>(self: &Arc<Self>, name: &'static str, run: F)
    where
        F: Fn(Arc<Self>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let app = self.clone();
        self.tasks.spawn(async move { background::keep(name, app.stopping.clone(), || run(app.clone())).await });
    }

    /// Ends the tasks and leaves the database open: for tests that look at what requests alone do.
    #[cfg(any(test, feature = "test-seams"))]
    pub async fn quiet(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Ends the tasks, finishes what was accepted, closes the database.
    pub async fn stop(&self) -> Result<()> {
        self.stopping.cancel();
        self.tasks.close();
        if tokio::time::timeout(Duration::from_secs(10), self.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end within 10 s");
        }
        // What cannot be given back now ends by itself; the database is closed in any case.
        for given_back in [job::release(self).await, due::release_leases(self).await] {
            if let Err(e) = given_back {
                tracing::warn!(error = %e, "leases could not be given back; they end within 15 s");
            }
        }
        self.store.close().await
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<()> {
        use sea_orm::{ConnectionTrait, Statement};
        if self.stopping.is_cancelled() {
            return Err(Error::CutOff);
        }
        let ping = self.store.reader.query_one_raw(Statement::from_string(self.store.backend(), "SELECT 1"));
        match tokio::time::timeout(Duration::from_secs(2), ping).await {
            Ok(row) => row.map(drop).map_err(Error::from),
            Err(_) => Err(Error::Stored("the database does not answer within 2 s".into())),
        }
    }

    /// Whether several nodes may share the database.
    pub fn is_shared(&self) -> bool {
        self.store.kind == Kind::Postgres
    }
}
