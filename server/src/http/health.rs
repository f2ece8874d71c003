//! Whether the process lives, whether it is ready, what it is, how it does.

use std::{fmt::Write, sync::atomic::Ordering};

use axum::{
    Json,
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{State, headers::CSP_REPORTS, refusal::Refusal};

/// `GET /livez`: the process answers, whatever the database does.
pub async fn livez() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, the schema is up to date, not draining.
pub async fn readyz(Extract(state): Extract<State>) -> Response {
    match state.app.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(e) => {
            tracing::debug!(error = %e, "not ready");
            Refusal(domain::Problem::unavailable("The database does not answer, or this node is stopping.")).into_response()
        }
    }
}

/// `GET /version`.
pub async fn version(Extract(state): Extract<State>) -> Response {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "build": state.assets.build, "epoch": state.app.epoch })).into_response()
}

/// `GET /metrics`, in the Prometheus text format; needs the configured token.
pub async fn metrics(Extract(state): Extract<State>, headers: HeaderMap) -> Response {
    let sent = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    let allowed = state.config.metrics_token.as_deref().is_some_and(|token| sent == Some(token));
    if !allowed {
        return Refusal(domain::Problem::unauthenticated()).into_response();
    }
    let mut out = String::new();
    let mut gauge = |name: &str, kind: &str, help: &str, value: i64| {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    };
    gauge(
        "opsguard_uncovered_alerts",
        "gauge",
        "Firing alerts without a live incident or a hold.",
        services::alert::watch::UNCOVERED.load(Ordering::Relaxed),
    );
    gauge(
        "opsguard_long_writes_total",
        "counter",
        "Write transactions longer than 50 ms.",
        services::store::LONG_WRITES.load(Ordering::Relaxed) as i64,
    );
    gauge(
        "opsguard_background_restarts_total",
        "counter",
        "Background loops that were begun again after a panic.",
        services::background::RESTARTS.load(Ordering::Relaxed) as i64,
    );
    gauge("opsguard_csp_reports_total", "counter", "Content policy reports.", CSP_REPORTS.load(Ordering::Relaxed) as i64);
    gauge("opsguard_event_seq", "gauge", "Newest event handed to the live feed.", state.app.feed.seq());
    gauge("opsguard_live_sockets", "gauge", "Open live sockets.", crate::live::OPEN.load(Ordering::Relaxed));
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/plain; version=0.0.4")], out).into_response()
}
