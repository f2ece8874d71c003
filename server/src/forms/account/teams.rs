//! Forms of teams and their members.

use axum::{Router, extract::Path, response::Response, routing::post};
use domain::{
    Id, Problem,
    account::{DEFAULT_LOCALE, MemberIn, Team, TeamIn, TeamPatch, User},
};
use services::account;

use super::entry::wrong;
use crate::{
    forms::{Form, answer, back},
    http::{State, context::Call, refusal::Refusal},
};

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/teams", post(create))
        .route("/teams/{id}/edit", post(edit))
        .route("/teams/{id}/archive", post(archive))
        .route("/teams/{id}/restore", post(restore))
        .route("/teams/{id}/members", post(set_member))
        .route("/teams/{id}/members/{user}/remove", post(remove_member))
}

fn id(text: &str) -> Result<Id<Team>, Problem> {
    text.parse().map_err(|_| Problem::not_found("team"))
}

fn page(id: &str) -> String {
    // Only what can be an id goes into an address.
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("/team/teams/{id}")
}

async fn create(Call(cx): Call, form: Form) -> Response {
    let fields = ["name", "description", "time_zone"].map(|f| (f, form.text(f)));
    let new = TeamIn {
        name: form.text("name"),
        description: form.text("description"),
        time_zone: form.text("time_zone"),
        locale: DEFAULT_LOCALE.into(),
    };
    match account::create_team(&cx, new).await {
        Ok(team) => answer::told(&cx, &page(&team.id.to_string()), "team", "The team is made. Add its members.").await,
        Err(e) => back(&cx, "/team/teams", "teams", &fields, e).await,
    }
}

async fn edit(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let fields = ["name", "description", "time_zone"].map(|f| (f, form.text(f)));
    let edited = async {
        let seen = form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0);
        let patch = TeamPatch {
            name: Some(form.text("name")),
            description: Some(form.text("description")),
            time_zone: Some(form.text("time_zone")),
            locale: None,
        };
        Ok::<_, Refusal>(account::edit_team(&cx, id(&text)?, patch, seen).await?)
    };
    match edited.await {
        Ok(_) => answer::told(&cx, &page(&text), "team", "The team is saved.").await,
        Err(refusal) => back(&cx, &page(&text), "team", &fields, refusal).await,
    }
}

async fn archive(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { account::archive_team(&cx, id(&text)?).await };
    match done.await {
        Ok(team) => answer::told(&cx, &page(&text), "team", &format!("{} is archived.", team.name)).await,
        Err(e) => back(&cx, &page(&text), "team", &[], e).await,
    }
}

async fn restore(Call(cx): Call, Path(text): Path<String>, _: Form) -> Response {
    let done = async { account::restore_team(&cx, id(&text)?).await };
    match done.await {
        Ok(team) => answer::told(&cx, &page(&text), "team", &format!("{} is in use again.", team.name)).await,
        Err(e) => back(&cx, &page(&text), "team", &[], e).await,
    }
}

async fn set_member(Call(cx): Call, Path(text): Path<String>, form: Form) -> Response {
    let set = async {
        let user = form.0.id::<User>("user_id").ok().flatten().ok_or_else(|| wrong("user_id", "Choose a person."))?;
        let lead = form.0.get("lead").is_some_and(|v| v == "true");
        Ok::<_, Refusal>(account::set_member(&cx, id(&text)?, MemberIn { user_id: user, lead }).await?)
    };
    match set.await {
        Ok(()) => answer::told(&cx, &page(&text), "members", "The members are saved.").await,
        Err(refusal) => back(&cx, &page(&text), "members", &[("user_id", form.text("user_id"))], refusal).await,
    }
}

async fn remove_member(Call(cx): Call, Path((text, user)): Path<(String, String)>, _: Form) -> Response {
    let removed = async {
        let user: Id<User> = user.parse().map_err(|_| Problem::not_found("user"))?;
        account::remove_member(&cx, id(&text)?, user).await
    };
    match removed.await {
        Ok(()) => answer::told(&cx, &page(&text), "members", "They are no longer in the team.").await,
        Err(e) => back(&cx, &page(&text), "members", &[], e).await,
    }
}
