//! API tokens over REST.

use axum::{
    Json,
    extract::{Path, Request},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use domain::account::{ApiToken, NewToken, TokenIn};
use services::account;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::id;
use crate::{
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer},
    openapi::{Conditional, Faults},
};

/// The routes of this part.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

#[utoipa::path(get, path = "/api-tokens", tag = "account", operation_id = "listApiTokens",
    params(("user_id" = Option<uuid::Uuid>, Query, description = "Another person's; administrators only")),
    responses((status = 200, body = Vec<ApiToken>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["user_id"])?;
    let found = match params.id("user_id")? {
        Some(user) => account::tokens_of(&cx, user).await?,
        None => account::list_tokens(&cx).await?,
    };
    let columns = &["name", "scopes", "hint", "user_id", "expires_at", "last_used_at", "created_at", "id"];
    Ok(export::view(request.headers(), "api-tokens", columns, &found))
}

/// The token itself is answered this once.
#[utoipa::path(post, path = "/api-tokens", tag = "account", operation_id = "createApiToken", request_body = TokenIn,
    responses((status = 201, body = NewToken), Faults))]
async fn create(Call(cx): Call, Body(new): Body<TokenIn>) -> Answer {
    let made = account::create_token(&cx, new).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(made)).into_response())
}

#[utoipa::path(delete, path = "/api-tokens/{id}", tag = "account", operation_id = "revokeApiToken", params(("id" = String, Path,)),
    responses((status = 204), Faults))]
async fn revoke(Call(cx): Call, Path(text): Path<String>) -> Answer {
    account::revoke_token(&cx, id(&text, "token")?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
