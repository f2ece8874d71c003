//! A server on a fresh database of each kind, and who asks it.

mod client;
pub mod socket;

use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::Router;
use domain::{
    Id,
    account::{MemberIn, Role, Secret, Team, TeamIn, TokenIn, User, UserIn},
    incident::{Incident, IncidentIn, Severity},
    integration::{IntegrationIn, Kind, Settings},
    service::{Service, ServiceIn, Visibility},
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use server::{
    config::Config,
    http::{State, assets::Assets, throttle::Throttle},
    serve,
};
use services::{Actor, App, Cx, Request, integration::WithSecret};

pub use client::{Answer, Client};

const KEY: &str = "test:0123456789abcdef0123456789abcdef";
/// Everybody's.
pub const PASSWORD: &str = "a long walk by the sea";
static NEXT: AtomicU32 = AtomicU32::new(0);

/// What a node does beside the requests is waited for at most this long.
pub const SOON: Duration = Duration::from_secs(10);

/// A server on one database.
#[derive(Clone)]
pub struct TestApp {
    /// What its handlers share.
    pub state: State,
    /// What it answers with.
    pub router: Router,
}

/// Runs a test on SQLite and on PostgreSQL. The address of a PostgreSQL that tests may make databases in is in
/// `OPSGUARD_TEST_POSTGRES`; `cargo xtask test` starts one.
pub async fn on_both<F, Fut>(test: F)
where
    F: Fn(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    on_both_with(&[], Assets::default, test).await;
}

/// The same, configured differently.
pub async fn on_both_with<F, Fut>(settings: &[(&str, &str)], assets: fn() -> Assets, test: F)
where
    F: Fn(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    for kind in ["sqlite", "postgres"] {
        let folder = tempfile::tempdir().unwrap();
        let database = match kind {
            "sqlite" => format!("sqlite:{}", folder.path().join("opsguard.db").display()),
            _ => fresh_postgres().await,
        };
        let app = TestApp::start(&database, folder.path(), settings, assets()).await;
        test(app.clone()).await;
        app.stop().await;
    }
}

/// For what does not depend on the database.
pub async fn on_sqlite<F, Fut>(settings: &[(&str, &str)], assets: fn() -> Assets, test: F)
where
    F: Fn(TestApp) -> Fut,
    Fut: Future<Output = ()>,
{
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("opsguard.db").display());
    let app = TestApp::start(&database, folder.path(), settings, assets()).await;
    test(app.clone()).await;
    app.stop().await;
}

async fn fresh_postgres() -> String {
    let server = std::env::var("OPSGUARD_TEST_POSTGRES")
        .expect("OPSGUARD_TEST_POSTGRES names no server: run `cargo xtask test`, or `cargo xtask postgres` and set it");
    let name = format!("h{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut options = ConnectOptions::new(&server);
    options.max_connections(1).sqlx_logging(false);
    let admin = Database::connect(options).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    admin.close().await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

impl TestApp {
    async fn start(database: &str, folder: &Path, settings: &[(&str, &str)], assets: Assets) -> Self {
        let folder = folder.to_str().unwrap();
        let mut given: BTreeMap<&str, &str> = settings.iter().copied().collect();
        given.extend([("OPSGUARD_DATABASE_URL", database), ("OPSGUARD_DATA_DIR", folder), ("OPSGUARD_SECRET_KEY", KEY)]);
        let config = Config::read(|key| given.get(key).map(|v| (*v).to_owned()), None).unwrap();
        let app = App::start(config.options()).await.unwrap();
        let state = State { app, config: Arc::new(config), assets: Arc::new(assets), throttle: Arc::new(Throttle::default()) };
        Self { router: serve::router(state.clone()), state }
    }

    async fn stop(&self) {
        if let Err(e) = self.state.app.stop().await {
            assert!(e.is_unavailable(), "{e}, though the database was not taken away by the test");
        }
    }

    /// OpsGuard itself, for what a test needs to be there.
    pub fn system(&self) -> Cx {
        Cx::new(self.state.app.clone(), Actor::system(), Request::inside("cli"))
    }

    /// Nobody is signed in.
    pub fn anonymous(&self) -> Client {
        Client::of(&self.router)
    }

    /// An account named after its role.
    pub async fn user(&self, role: Role) -> User {
        self.named(role.as_str(), role).await
    }

    /// An account.
    pub async fn named(&self, name: &str, role: Role) -> User {
        let new = UserIn {
            name: name.into(),
            email: format!("{name}@example.org"),
            role,
            password: Some(Secret::from(PASSWORD)),
            time_zone: "UTC".into(),
            locale: "en".into(),
        };
        services::account::create_user(&self.system(), new).await.unwrap()
    }

    /// A new session of an account.
    pub async fn sign_in(&self, user: &User) -> Client {
        let answer = self.try_sign_in(&user.email, PASSWORD).await.expect(200);
        self.anonymous().with_cookie(&answer.cookie())
    }

    /// What signing in is answered.
    pub async fn try_sign_in(&self, email: &str, password: &str) -> Answer {
        // Each try from an address of its own: the limit per address has its own test.
        let n = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let body = serde_json::json!({ "email": email, "password": password });
        self.anonymous().from([10, n[1], n[2], n[3]]).post("/api/v1/session", &body).await
    }

    /// A new account of this role, signed in.
    pub async fn as_role(&self, role: Role) -> Client {
        let user = self.user(role).await;
        self.sign_in(&user).await
    }

    /// A program with a token of this owner.
    pub async fn token(&self, owner: &User, scopes: &[&str]) -> Client {
        let new = TokenIn { name: "robot".into(), scopes: scopes.iter().map(|s| (*s).to_owned()).collect(), expires_at: None };
        let made = services::account::admin_create_token(&self.state.app, &owner.email, new).await.unwrap();
        self.anonymous().with("authorization", &format!("Bearer {}", made.token.0))
    }

    /// A team with these members.
    pub async fn team(&self, name: &str, members: &[&User]) -> Team {
        let new = TeamIn { name: name.into(), description: String::new(), time_zone: "UTC".into(), locale: "en".into() };
        let team = services::account::create_team(&self.system(), new).await.unwrap();
        for member in members {
            let place = MemberIn { user_id: member.id, lead: false };
            services::account::set_member(&self.system(), team.id, place).await.unwrap();
        }
        team
    }

    /// A service that everybody sees.
    pub async fn service(&self, name: &str) -> Service {
        services::service::create(&self.system(), ServiceIn { name: name.into(), ..ServiceIn::default() }).await.unwrap()
    }

    /// A service that only its team sees.
    pub async fn private_service(&self, name: &str, team: &Team) -> Service {
        let new = ServiceIn { name: name.into(), team_id: Some(team.id), visibility: Visibility::Team, ..ServiceIn::default() };
        services::service::create(&self.system(), new).await.unwrap()
    }

    /// An incident of a service.
    pub async fn incident(&self, service: Id<Service>, title: &str) -> Incident {
        let new = IncidentIn { title: title.into(), severity: Severity::High, service_id: Some(service), ..IncidentIn::default() };
        services::incident::declare(&self.system(), new).await.unwrap()
    }

    /// An integration of a service, with its key.
    pub async fn integration(&self, service: Id<Service>, kind: Kind) -> WithSecret {
        let new = IntegrationIn { kind, name: format!("From {}", kind.as_str()), settings: Settings::default() };
        services::integration::create(&self.system(), service, new).await.unwrap()
    }
}

/// Asks until the answer is there; what a node does behind a request has no answer to wait for.
pub async fn eventually<T, Fut: Future<Output = Option<T>>>(what: &str, ask: impl Fn() -> Fut) -> T {
    let asked = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, asked).await.unwrap_or_else(|_| panic!("{what} within {SOON:?}"))
}
