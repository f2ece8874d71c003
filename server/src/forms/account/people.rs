//! Forms about other people: invitations, roles, archive.

use axum::{
    Router,
    extract::{Path, State as Extract},
    response::Response,
    routing::post,
};
use domain::{
    Code, Id, Problem,
    account::{InvitationIn, NewInvitation, Role, User, UserPatch},
};
use services::{Cx, account};

use super::entry::wrong;
use crate::{
    forms::{Form, answer, back, see},
    http::{State, context::Call, refusal::Refusal},
};

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/users/invite", post(invite))
        .route("/users/{id}/edit", post(edit))
        .route("/users/{id}/archive", post(archive))
        .route("/users/{id}/restore", post(restore))
        .route("/invitations/{id}/revoke", post(revoke))
}

fn role(form: &Form) -> Result<Role, Problem> {
    Role::parse(&form.text("role")).ok_or_else(|| wrong("role", "Choose a role."))
}

async fn invited(cx: &Cx, form: &Form) -> Result<NewInvitation, Refusal> {
    let team_id = form.0.id("team_id").map_err(|_| wrong("team_id", "Choose a team."))?;
    Ok(account::invite(cx, InvitationIn { email: form.text("email"), role: role(form)?, team_id }).await?)
}

async fn invite(Extract(state): Extract<State>, Call(cx): Call, form: Form) -> Response {
    let fields = ["email", "role", "team_id"].map(|f| (f, form.text(f)));
    match invited(&cx, &form).await {
        Ok(made) => {
            let link = format!("{}/invite/{}", state.config.public_url, made.token.0);
            answer::shown_once(&cx, "/team", "invite", &[("link", link), ("invited", made.invitation.email)]).await
        }
        // The same press again: the page of the first one shows the link.
        Err(Refusal(p)) if p.code == Code::AlreadyDone => see("/team?form=invite"),
        Err(refusal) => back(&cx, "/team", "invite", &fields, refusal).await,
    }
}

fn id(text: &str) -> Result<Id<User>, Problem> {
    text.parse().map_err(|_| Problem::not_found("user"))
}

async fn edit(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let edited = async {
        let seen = form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0);
        let patch = UserPatch { role: Some(role(&form)?), ..UserPatch::default() };
        Ok::<_, Refusal>(account::edit_user(&cx, id(&text)?, patch, seen).await?)
    };
    match edited.await {
        Ok(user) => answer::told(&cx, "/team", "people", &format!("{} is now {}.", user.name, with_article(user.role))).await,
        Err(refusal) => back(&cx, "/team", "people", &[], refusal).await,
    }
}

fn with_article(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer",
        Role::Responder => "a responder",
        Role::Manager => "a manager",
        Role::Admin => "an administrator",
    }
}

async fn archive(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { account::archive_user(&cx, id(&text)?).await };
    match done.await {
        Ok(user) => answer::told(&cx, "/team", "people", &format!("{} is archived and signed out everywhere.", user.name)).await,
        Err(e) => back(&cx, "/team", "people", &[], e).await,
    }
}

async fn restore(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { account::restore_user(&cx, id(&text)?).await };
    match done.await {
        Ok(user) => answer::told(&cx, "/team", "people", &format!("{} may sign in again.", user.name)).await,
        Err(e) => back(&cx, "/team?archived=true", "people", &[], e).await,
    }
}

async fn revoke(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async {
        let id = text.parse().map_err(|_| Problem::not_found("invitation"))?;
        account::revoke_invitation(&cx, id).await
    };
    match done.await {
        Ok(()) => answer::told(&cx, "/team", "people", "The invitation is withdrawn; its link no longer works.").await,
        Err(e) => back(&cx, "/team", "people", &[], e).await,
    }
}
