//! `POST /in/<kind>/<key>` and `POST /v2/enqueue`: alerts in. 2xx only after the commit; never a 5xx for bad input.

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Path, Request, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Code, Problem,
    integration::{Kind, read_pagerduty},
};
use serde_json::json;
use services::{
    App,
    integration::{Found, Rejected, accept, accept_pagerduty, made_key, reject},
};

use crate::http::{refusal::Refusal, request_id};

/// The largest payload.
pub const LIMIT: usize = 5 * 1024 * 1024;

/// How long a sender waits for the database: less than the 10 s after which Alertmanager gives up.
const PATIENCE: Duration = Duration::from_secs(8);

/// The work, or a 503 when the database neither answers nor refuses. What is queued by then may be stored all the same: the
/// sender comes again, and by its key it is the same alert.
async fn in_time<T, E: From<Problem>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let late = |_| Err(Problem::unavailable("The database does not answer; send it again in a moment.").into());
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(late)
}

/// Tells the team of a payload that was refused. The sender gets the refusal, whether or not that could be stored.
async fn complain(app: &Arc<App>, found: &Found, content_type: &str, body: &[u8], status: u16, faults: &[String]) {
    let _ = tokio::time::timeout(PATIENCE, reject(app, found, content_type, body, status, faults)).await;
}

fn content_type(headers: &HeaderMap) -> String {
    headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json").to_ascii_lowercase()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once(' ')).map(|(_, key)| key.trim())
}

fn unknown_key() -> Refusal {
    Problem::new(Code::NotFound, "Unknown integration", "This key belongs to no integration; copy the URL from the service's page.").into()
}

/// `POST /in/{kind}/{key}`.
pub async fn by_url(Extract(app): Extract<Arc<App>>, Path((kind, key)): Path<(String, String)>, request: Request) -> Response {
    receive(&app, &kind, &key, request).await.unwrap_or_else(IntoResponse::into_response)
}

/// `POST /in/{kind}` with the key as bearer token.
pub async fn by_bearer(Extract(app): Extract<Arc<App>>, Path(kind): Path<String>, request: Request) -> Response {
    let key = bearer(request.headers()).map(str::to_owned);
    match key {
        Some(key) => receive(&app, &kind, &key, request).await.unwrap_or_else(IntoResponse::into_response),
        None => unknown_key().into_response(),
    }
}

async fn receive(app: &Arc<App>, kind: &str, key: &str, request: Request) -> Result<Response, Refusal> {
    let found = in_time(app.keys.find(app, key)).await?.ok_or_else(unknown_key)?;
    if Kind::parse(kind) != found.source.kind {
        return Err(unknown_key());
    }
    found.check_open()?;
    let content_type = content_type(request.headers());
    let body = read(app, &found, &content_type, request.into_body()).await?;
    match in_time(accept(app, &found, &content_type, &body)).await {
        Ok(faults) => {
            let answer = json!({ "status": "accepted", "request_id": request_id::current(), "not_read": faults });
            Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
        }
        Err(Rejected::Unreadable(faults)) => Err(Problem::bad_request(faults.join("; ")).into()),
        Err(Rejected::Fault(e)) => Err(e.into()),
    }
}

/// The body within its limit; above it the sender gets 413 and the team an incident.
async fn read(app: &Arc<App>, found: &Found, content_type: &str, body: Body) -> Result<axum::body::Bytes, Refusal> {
    match to_bytes(body, LIMIT).await {
        Ok(bytes) => Ok(bytes),
        Err(_) => {
            let fault = format!("The payload is larger than {LIMIT} bytes.");
            complain(app, found, content_type, b"", 413, std::slice::from_ref(&fault)).await;
            Err(Problem::new(Code::TooLarge, "Too large", fault).into())
        }
    }
}

/// `POST /v2/enqueue`: PagerDuty Events v2; the official clients and Alertmanager's `pagerduty_configs` work unchanged.
pub async fn enqueue(Extract(app): Extract<Arc<App>>, request: Request) -> Response {
    enqueue_event(&app, request).await.unwrap_or_else(|e| e)
}

fn invalid(message: &str, errors: &[String]) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "status": "invalid event", "message": message, "errors": errors }))).into_response()
}

async fn enqueue_event(app: &Arc<App>, request: Request) -> Result<Response, Response> {
    let refuse = |r: Refusal| r.into_response();
    let header_key = request.headers().get("x-routing-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let body = to_bytes(request.into_body(), LIMIT)
        .await
        .map_err(|_| refuse(Problem::new(Code::TooLarge, "Too large", format!("At most {LIMIT} bytes.")).into()))?;
    let event = read_pagerduty(&body, &made_key());
    let key = match &event {
        Ok(event) if !event.routing_key.is_empty() => event.routing_key.clone(),
        // What cannot be read may still say whose it is.
        _ => routing_key_of(&body).or(header_key).unwrap_or_default(),
    };
    let found = in_time(app.keys.find(app, &key)).await.map_err(|e| refuse(e.into()))?.filter(|f| f.source.kind == Some(Kind::Pagerduty));
    if let Some(found) = &found {
        found.check_open().map_err(|closed| refuse(closed.into()))?;
    }
    match (event, found) {
        (Ok(_), None) => Err(invalid("Event object is invalid", &["'routing_key' is missing or belongs to no integration".to_owned()])),
        (Err((message, errors)), None) => Err(invalid(&message, &errors)),
        (Err((message, errors)), Some(found)) => {
            complain(app, &found, "application/json", &body, 400, &errors).await;
            Err(invalid(&message, &errors))
        }
        (Ok(event), Some(found)) => {
            let dedup_key = event.signal.dedup_key.clone();
            match in_time(accept_pagerduty(app, &found, event, &body)).await {
                Ok(()) => {
                    let answer = json!({ "status": "success", "message": "Event processed", "dedup_key": dedup_key });
                    Ok((StatusCode::ACCEPTED, Json(answer)).into_response())
                }
                Err(Rejected::Unreadable(errors)) => Err(invalid("Event object is invalid", &errors)),
                Err(Rejected::Fault(e)) => Err(refuse(e.into())),
            }
        }
    }
}

fn routing_key_of(body: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    value["routing_key"].as_str().map(str::to_owned)
}
