//! A node on a fresh database of each kind.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use domain::{
    Id,
    account::{Caller, Role, User},
    alert::{Signal, SignalStatus},
    incident::Severity,
    service::{Service, ServiceIn},
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use services::{
    Actor, App, Cx, Options, Request,
    alert::{Delivery, Source},
};

const KEY: &str = "test:0123456789abcdef0123456789abcdef";
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Runs a test on SQLite and on PostgreSQL. The address of a PostgreSQL that tests may make databases in is in
/// `OPSGUARD_TEST_POSTGRES`; `cargo xtask test` starts one.
pub async fn on_both<F, Fut>(test: F)
where
    F: Fn(Arc<App>) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("opsguard.db").display());
    run(url, folder.path().to_owned(), &test).await;

    let folder = tempfile::tempdir().unwrap();
    run(fresh_postgres().await, folder.path().to_owned(), &test).await;
}

/// A new, empty PostgreSQL database.
pub async fn fresh_postgres() -> String {
    let server = std::env::var("OPSGUARD_TEST_POSTGRES")
        .expect("OPSGUARD_TEST_POSTGRES names no server: run `cargo xtask test`, or `cargo xtask postgres` and set it");
    let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut options = ConnectOptions::new(&server);
    options.max_connections(1).sqlx_logging(false);
    let admin = Database::connect(options).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

/// Options of a node on this database.
pub fn options(database_url: String, data_dir: std::path::PathBuf) -> Options {
    Options { database_url, data_dir, secret_key: Some(KEY.into()) }
}

async fn run<F, Fut>(url: String, data_dir: std::path::PathBuf, test: &F)
where
    F: Fn(Arc<App>) -> Fut,
    Fut: Future<Output = ()>,
{
    let app = App::start(options(url, data_dir)).await.unwrap();
    test(app.clone()).await;
    app.stop().await.unwrap();
}

/// A context of OpsGuard itself.
pub fn system(app: &Arc<App>) -> Cx {
    Cx::new(app.clone(), Actor::system(), Request::inside("cli"))
}

/// A person of this role in no team, as a row and as a context.
pub async fn person(app: &Arc<App>, name: &str, role: Role) -> Cx {
    let id = Id::<User>::new(uuid::Uuid::now_v7());
    let sql = "INSERT INTO account (id, name, email, role, password_hash, time_zone, locale, archived_at, created_at, updated_at, version, rev) \
               VALUES ($1, $2, $3, $4, NULL, 'UTC', 'en', NULL, 0, 0, 1, 1)";
    let backend = app.store.backend();
    let values: Vec<sea_orm::Value> =
        vec![id.uuid().into(), name.into(), format!("{}@example.org", name.to_lowercase()).into(), role.as_str().into()];
    system(app)
        .write_plain(move |tx| {
            let insert = sea_orm::Statement::from_sql_and_values(backend, sql, values.clone());
            async move { Ok(tx.conn().execute_raw(insert).await?.rows_affected()) }
        })
        .await
        .unwrap();
    let caller = Caller::Person { user: id, role, teams: vec![], leads: vec![], scopes: None };
    Cx::new(app.clone(), Actor { caller, kind: "user", id: Some(id.uuid()), session: None }, Request::inside("web"))
}

/// A service of this name with these settings.
pub async fn service(app: &Arc<App>, name: &str, change: impl Fn(&mut ServiceIn)) -> Service {
    let mut new = ServiceIn { name: name.into(), ..ServiceIn::default() };
    change(&mut new);
    services::service::create(&system(app), new).await.unwrap()
}

/// A signal of a source.
pub fn signal(key: &str, status: SignalStatus, severity: Severity) -> Signal {
    Signal {
        dedup_key: key.into(),
        key_from: "fingerprint".into(),
        status,
        title: format!("Alert {key}"),
        description: String::new(),
        severity,
        severity_from: "labels.severity".into(),
        labels: [("host".to_owned(), key.chars().take(1).collect::<String>())].into(),
        links: vec![],
        started_at: None,
    }
}

/// Signals arrive for a service, in one request.
pub async fn arrive(app: &Arc<App>, service: &Service, signals: Vec<Signal>) {
    let source = Source { integration: None, service: service.id, kind: None };
    app.ingest.accept(Delivery { source, signals }).await.unwrap();
}
