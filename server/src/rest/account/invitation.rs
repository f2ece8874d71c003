//! Invitations over REST, for administrators.

use axum::{
    Json,
    extract::{Path, Request, State as Extract},
    http::{HeaderValue, StatusCode, header},
    response::IntoResponse,
};
use domain::account::{Invitation, InvitationIn};
use serde::Serialize;
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

/// An invitation with its link.
#[derive(Serialize, utoipa::ToSchema)]
struct InvitationWithUrl {
    /// The invitation.
    #[serde(flatten)]
    invitation: Invitation,
    /// Where the invited person makes their account.
    url: String,
}

#[utoipa::path(get, path = "/invitations", tag = "users", operation_id = "listInvitations", responses((status = 200, body = Vec<Invitation>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    Params::read(request.uri().query(), &[])?;
    let columns = &["email", "role", "team_id", "invited_by", "created_at", "expires_at", "id"];
    Ok(export::view(request.headers(), "invitations", columns, &account::list_invitations(&cx).await?))
}

/// The link is answered this once.
#[utoipa::path(post, path = "/invitations", tag = "users", operation_id = "invite", request_body = InvitationIn,
    responses((status = 201, body = InvitationWithUrl), Faults))]
async fn create(Extract(state): Extract<State>, Call(cx): Call, Body(new): Body<InvitationIn>) -> Answer {
    let made = account::invite(&cx, new).await?;
    let url = format!("{}/invite/{}", state.config.public_url, made.token.0);
    let answer = InvitationWithUrl { invitation: made.invitation, url };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)).into_response())
}

#[utoipa::path(delete, path = "/invitations/{id}", tag = "users", operation_id = "revokeInvitation", params(("id" = String, Path,)),
    responses((status = 204), Faults))]
async fn revoke(Call(cx): Call, Path(text): Path<String>) -> Answer {
    account::revoke_invitation(&cx, id(&text, "invitation")?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
