//! `opsguard serve`: opens the node, builds the router, listens, and ends in order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{any, get, post},
    serve::ListenerExt,
};
use services::App;
use tower::service_fn;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::{
    cli,
    config::Config,
    forms,
    http::{State, assets, compress, context, csrf, export, headers, health, pwa, refusal, request_id, throttle},
    ingest, live, openapi, render, rest, tls,
};

/// Opens the node and starts its tasks.
pub async fn state(config: Config) -> anyhow::Result<State> {
    let app = App::start(config.options()).await?;
    with_app(config, app)
}

/// The shared state over a node that is open.
pub fn with_app(config: Config, app: Arc<App>) -> anyhow::Result<State> {
    Ok(State { app, config: Arc::new(config), assets: Arc::new(assets::Assets::load()), throttle: Arc::default() })
}

/// Everything that is answered, from outside in.
pub fn router(state: State) -> Router {
    // Rendering spawns on tokio. A second router in one process finds it set already.
    let _ = any_spawner::Executor::init_tokio();
    let (api, document) = OpenApiRouter::new().nest("/api/v1", rest::router()).split_for_parts();
    let (unversioned, _) = OpenApiRouter::new().nest("/api", rest::router()).split_for_parts();
    let document = Arc::new(openapi::complete(document));

    let api = Router::new().merge(api).merge(unversioned);
    let lists = api.clone().fallback(async || refusal::no_such_address()).with_state(state.clone());

    // People and programs that say who they are.
    let known = Router::new()
        .merge(api)
        .merge(forms::router().method_not_allowed_fallback(render::page))
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/docs", get(openapi::docs))
        .nest_service("/api", service_fn(move |request| export::of_any_list(lists.clone(), request)))
        .route("/live", get(live::upgrade))
        .route("/rpc/{*function}", any(render::server_function))
        .method_not_allowed_fallback(refusal::no_such_method)
        .fallback(render::page)
        .layer(axum::middleware::from_fn(export::layer))
        .layer(from_fn_with_state(state.clone(), context::layer))
        .layer(from_fn_with_state(state.clone(), csrf::layer))
        .layer(from_fn_with_state(state.clone(), throttle::layer))
        .layer(compress::layer())
        .layer(Extension(document));

    // Sources of alerts, browsers that report, files, probes: nobody signs in here.
    let open = Router::new()
        .route("/in/{kind}/{key}", post(ingest::by_url))
        .route("/in/{kind}", post(ingest::by_bearer))
        .route("/v2/enqueue", post(ingest::enqueue))
        .route("/csp-report", post(headers::csp_report).layer(DefaultBodyLimit::max(headers::CSP_REPORT_LIMIT)))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .route("/version", get(health::version))
        .route("/metrics", get(health::metrics))
        .route("/sw.js", get(pwa::worker))
        .route("/manifest.webmanifest", get(pwa::manifest))
        .route("/pkg/{*file}", get(assets::pkg));
    let open = FILES.iter().fold(open, |router, path| router.route(path, get(pwa::file)));
    #[cfg(feature = "test-seams")]
    let open = open.merge(crate::testing::router());
    let open = open.method_not_allowed_fallback(refusal::no_such_method);

    open.merge(known)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(state.clone(), headers::layer))
        .layer(CatchPanicLayer::custom(refusal::panicked))
        .layer(axum::middleware::from_fn(request_id::layer))
        .with_state(state)
}

/// Files at the root of the site.
const FILES: [&str; 12] = [
    "/outbox.js",
    "/pwa.js",
    "/offline.html",
    "/offline.css",
    "/offline.js",
    "/favicon.svg",
    "/icon.svg",
    "/icon-maskable.svg",
    "/icon-180.png",
    "/icon-192.png",
    "/icon-512.png",
    "/icon-maskable-512.png",
];

/// As [`state`], with demo data when the installation is empty; before the node's tasks run, so that they find all of it made.
async fn state_with_demo(config: Config) -> anyhow::Result<State> {
    let app = App::open(config.options()).await?;
    cli::ensure_demo(&app).await?;
    app.run_tasks();
    with_app(config, app)
}

/// Serves until a signal, then lets requests end, closes sockets, and closes the database.
pub async fn run(config: Config, demo: bool) -> anyhow::Result<()> {
    let addr = config.addr;
    let state = if demo { state_with_demo(config).await? } else { state(config).await? };
    first_administrator(&state).await?;
    let listener = tokio::net::TcpListener::bind(addr)
        .await
        .with_context(|| format!("OPSGUARD_ADDR {addr} cannot be listened on; right: a free port, such as 127.0.0.1:3001"))?;
    let app = state.app.clone();
    let config = state.config.clone();
    let sharing = state.clone();
    app.keep("files of this build", move |_| assets::share(sharing.clone()));
    let router = router(state);
    announce(&config, listener.local_addr()?);
    let stopping = app.stopping.clone();
    let ended = {
        let stopping = stopping.clone();
        async move {
            signalled().await;
            tracing::info!("stopping: requests end, sockets are told to come back");
            stopping.cancel();
        }
    };
    let nodelay = |stream: &mut tokio::net::TcpStream| {
        // Without it a streamed answer waits 40 ms for an acknowledgement.
        let _ = stream.set_nodelay(true);
    };
    let served = async {
        match &config.tls {
            Some((cert, key)) => {
                let listener = tls::Listener::new(&app, listener, cert, key)?;
                let service = router.into_make_service_with_connect_info::<tls::PeerAddr>();
                axum::serve(listener, service).with_graceful_shutdown(ended).await.context("serve")
            }
            None => {
                let service = router.into_make_service_with_connect_info::<SocketAddr>();
                axum::serve(listener.tap_io(nodelay), service).with_graceful_shutdown(ended).await.context("serve")
            }
        }
    };
    let drained = async {
        stopping.cancelled().await;
        // Connections that stay open without a request are not waited for longer than this.
        tokio::time::sleep(Duration::from_secs(5)).await;
    };
    tokio::select! {
        served = served => served?,
        () = drained => tracing::info!("some connections were cut after 5 s"),
    }
    app.stop().await?;
    Ok(())
}

async fn first_administrator(state: &State) -> anyhow::Result<()> {
    if let Some((email, password)) = &state.config.admin {
        services::account::ensure_admin_from_env(&state.app, email, password)
            .await
            .context("OPSGUARD_ADMIN_EMAIL / OPSGUARD_ADMIN_PASSWORD")?;
    }
    if let Some(token) = services::account::setup_token(&state.app).await? {
        // Shown once, in the terminal of who installs: this is the way in, not a log line that travels.
        println!("\n  First start. Make the first administrator here, once:\n  {}/setup?token={token}\n", state.config.public_url);
    }
    Ok(())
}

fn announce(config: &Config, addr: SocketAddr) {
    let loopback = ["127.0.0.1", "localhost", "[::1]"].iter().any(|h| config.public_host().is_some_and(|host| host.starts_with(h)));
    if !config.is_https() && !loopback {
        tracing::warn!(
            "OPSGUARD_PUBLIC_URL is plain http: browsers will not install it, push to it, or keep it offline; put https in front"
        );
    }
    println!("  OpsGuard {} serves {} (listening on {addr})", env!("CARGO_PKG_VERSION"), config.public_url);
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
