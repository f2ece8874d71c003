//! Signing in and out, and the list of browsers that are signed in.

use axum::{
    Json,
    extract::{Path, Request, State as Extract},
    http::{HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use domain::{
    account::{Me, Session, SignInIn, User},
    time::DAY,
};
use serde::Serialize;
use services::account;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::id;
use crate::{
    http::{State, body::Body, context::Call, cookie, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The ways in and out: for people who are not signed in, too.
pub fn entry() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(sign_in, sign_out))
}

/// The routes of this part.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(me)).routes(routes!(list)).routes(routes!(revoke)).routes(routes!(revoke_others))
}

/// The longest life of a session: the cookie lives as long, the server decides when it ends.
const COOKIE_S: i64 = 180 * DAY / 1_000;

/// Who is signed in now.
#[derive(Serialize, utoipa::ToSchema)]
struct SignedIn {
    /// The person.
    user: User,
}

/// Begins a session; its token is in the cookie and nowhere else.
#[utoipa::path(post, path = "/session", tag = "account", operation_id = "signIn", request_body = SignInIn, security(()),
    responses((status = 200, body = SignedIn, headers(("set-cookie" = String))), Faults))]
async fn sign_in(Extract(state): Extract<State>, Call(cx): Call, Body(given): Body<SignInIn>) -> Answer {
    let begun = account::sign_in(&cx, given).await?;
    let headers = AppendHeaders([
        (header::SET_COOKIE, cookie::session(&state.config, &begun.token.0, COOKIE_S)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    Ok((headers, Json(SignedIn { user: begun.user })).into_response())
}

/// Ends the session of the cookie; nothing happens when nobody is signed in.
#[utoipa::path(delete, path = "/session", tag = "account", operation_id = "signOut", security(()), responses((status = 204), Faults))]
async fn sign_out(Extract(state): Extract<State>, Call(cx): Call) -> Answer {
    account::sign_out(&cx).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, cookie::session(&state.config, "", 0))])).into_response())
}

#[utoipa::path(get, path = "/me", tag = "account", operation_id = "getMe", responses((status = 200, body = Me), Conditional, Faults))]
async fn me(Call(cx): Call, request: Request) -> Answer {
    Params::read(request.uri().query(), &[])?;
    Ok(tag::view(request.headers(), &account::me(&cx).await?))
}

#[utoipa::path(get, path = "/sessions", tag = "account", operation_id = "listSessions",
    params(("user_id" = Option<uuid::Uuid>, Query, description = "Another person's; administrators only")),
    responses((status = 200, body = Vec<Session>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["user_id"])?;
    let found = match params.id("user_id")? {
        Some(user) => account::sessions_of(&cx, user).await?,
        None => account::list_sessions(&cx).await?,
    };
    let columns = &["device", "address", "current", "last_used_at", "created_at", "user_id", "id"];
    Ok(export::view(request.headers(), "sessions", columns, &found))
}

#[utoipa::path(delete, path = "/sessions/{id}", tag = "account", operation_id = "revokeSession", params(("id" = String, Path,)),
    responses((status = 204), Faults))]
async fn revoke(Call(cx): Call, Path(text): Path<String>) -> Answer {
    account::revoke_session(&cx, id(&text, "session")?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// How many sessions ended.
#[derive(Serialize, utoipa::ToSchema)]
struct Ended {
    /// Sessions.
    ended: usize,
}

/// Ends all of one's own sessions but the one of this request.
#[utoipa::path(post, path = "/sessions/revoke-others", tag = "account", operation_id = "revokeOtherSessions",
    responses((status = 200, body = Ended), Faults))]
async fn revoke_others(Call(cx): Call) -> Answer {
    let ended = account::revoke_other_sessions(&cx).await?;
    Ok(Json(Ended { ended }).into_response())
}
