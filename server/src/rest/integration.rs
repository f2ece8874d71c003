//! Integrations over REST: made below their service, then known by their own id.

use axum::{
    extract::{Path, Request, State as Extract},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use domain::{
    Id, Problem,
    integration::{Integration, IntegrationIn, IntegrationPatch, Kind, Payload},
};
use serde::Serialize;
use services::integration::{self, WithSecret};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::service;
use crate::{
    config::Config,
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, edit))
        .routes(routes!(secret))
        .routes(routes!(rotate))
        .routes(routes!(payloads))
        .routes(routes!(replay))
}

fn id(text: &str) -> Result<Id<Integration>, Problem> {
    text.parse().map_err(|_| Problem::not_found("integration"))
}

/// An integration with its secret URL.
#[derive(Serialize, utoipa::ToSchema)]
pub struct IntegrationWithUrl {
    /// The integration.
    #[serde(flatten)]
    integration: Integration,
    /// Where the source sends to.
    url: String,
    /// The secret in it; PagerDuty's routing key.
    key: String,
}

/// Where a source of this kind sends to.
pub fn url(config: &Config, kind: Kind, key: &str) -> String {
    match kind {
        Kind::Pagerduty => format!("{}/v2/enqueue", config.public_url),
        kind => format!("{}/in/{}/{key}", config.public_url, kind.as_str()),
    }
}

fn shown(config: &Config, made: WithSecret) -> IntegrationWithUrl {
    IntegrationWithUrl { url: url(config, made.integration.kind, &made.key), key: made.key, integration: made.integration }
}

#[utoipa::path(get, path = "/services/{id}/integrations", tag = "integrations", operation_id = "listIntegrations", params(("id" = String, Path,)),
    responses((status = 200, body = Vec<Integration>), Conditional, Faults))]
async fn list(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let columns = &["name", "kind", "key_hint", "disabled_at", "last_received_at", "last_error_at", "created_at", "id"];
    Ok(export::view(&headers, "integrations", columns, &integration::list(&cx, service::id(&text)?).await?))
}

#[utoipa::path(post, path = "/services/{id}/integrations", tag = "integrations", operation_id = "createIntegration", request_body = IntegrationIn,
    params(("id" = String, Path,)), responses((status = 201, body = IntegrationWithUrl), Faults))]
async fn create(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>, Body(new): Body<IntegrationIn>) -> Answer {
    let made = shown(&state.config, integration::create(&cx, service::id(&text)?, new).await?);
    Ok(tag::created(&format!("/api/v1/integrations/{}", made.integration.id), 1, 1, &made))
}

#[utoipa::path(get, path = "/integrations/{id}", tag = "integrations", operation_id = "getIntegration", params(("id" = String, Path,)),
    responses((status = 200, body = Integration), Conditional, Faults))]
async fn get(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let i = integration::get(&cx, id(&text)?).await?;
    Ok(tag::item(&headers, i.version, i.rev, &i))
}

#[utoipa::path(patch, path = "/integrations/{id}", tag = "integrations", operation_id = "editIntegration", request_body = IntegrationPatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = Integration), Faults))]
async fn edit(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<IntegrationPatch>) -> Answer {
    let id = id(&text)?;
    let i = integration::edit(&cx, id, patch, tag::seen(&headers)?).await?;
    Ok(tag::item(&HeaderMap::new(), i.version, i.rev, &i))
}

/// The secret URL again; that it was shown is journalled.
#[utoipa::path(post, path = "/integrations/{id}/reveal", tag = "integrations", operation_id = "revealIntegration", params(("id" = String, Path,)),
    responses((status = 200, body = IntegrationWithUrl), Faults))]
async fn secret(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>) -> Answer {
    let found = shown(&state.config, integration::reveal(&cx, id(&text)?).await?);
    Ok((StatusCode::OK, [("cache-control", "no-store")], axum::Json(found)).into_response())
}

/// A new secret; the old URL stops at once.
#[utoipa::path(post, path = "/integrations/{id}/rotate", tag = "integrations", operation_id = "rotateIntegration", params(("id" = String, Path,)),
    responses((status = 200, body = IntegrationWithUrl), Faults))]
async fn rotate(Extract(state): Extract<State>, Call(cx): Call, Path(text): Path<String>) -> Answer {
    let found = shown(&state.config, integration::rotate(&cx, id(&text)?).await?);
    Ok((StatusCode::OK, [("cache-control", "no-store")], axum::Json(found)).into_response())
}

#[utoipa::path(get, path = "/integrations/{id}/payloads", tag = "integrations", operation_id = "listPayloads",
    params(("id" = String, Path,), ("failed" = Option<bool>, Query,)), responses((status = 200, body = Vec<Payload>), Conditional, Faults))]
async fn payloads(Call(cx): Call, Path(text): Path<String>, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["failed"])?;
    let failed = params.parse("failed", "true or false", |v| v.parse().ok())?.unwrap_or(false);
    let columns = &["at", "status", "error", "replayed_at", "body", "id"];
    Ok(export::view(request.headers(), "payloads", columns, &integration::payloads(&cx, id(&text)?, failed).await?))
}

/// What a replay left unread.
#[derive(Serialize, utoipa::ToSchema)]
struct Replayed {
    /// Words for each part that could not be read.
    not_read: Vec<String>,
}

#[utoipa::path(post, path = "/integrations/{id}/payloads/{payload_id}/replay", tag = "integrations", operation_id = "replayPayload",
    params(("id" = String, Path,), ("payload_id" = String, Path,)), responses((status = 200, body = Replayed), Faults))]
async fn replay(Call(cx): Call, Path((text, payload)): Path<(String, String)>) -> Answer {
    let payload = payload.parse().map_err(|_| Problem::not_found("payload"))?;
    let not_read = integration::replay(&cx, id(&text)?, payload).await?;
    Ok(axum::Json(Replayed { not_read }).into_response())
}
