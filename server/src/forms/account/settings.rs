//! Forms of one's own settings: profile, password, sessions, API tokens.

use axum::{Router, extract::Path, response::Response, routing::post};
use domain::{
    Code, Id, Instant, Problem,
    account::{Secret, TokenIn, User, UserPatch},
    time::DAY,
};
use services::{Cx, account};

use super::entry::wrong;
use crate::{
    forms::{Form, answer, back},
    http::{State, context::Call, refusal::Refusal},
};

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/settings/profile", post(profile))
        .route("/settings/password", post(password))
        .route("/settings/sessions/revoke-others", post(revoke_others))
        .route("/settings/sessions/{id}/revoke", post(revoke_session))
        .route("/settings/tokens", post(create_token))
        .route("/settings/tokens/{id}/revoke", post(revoke_token))
}

fn seen(form: &Form) -> Result<i64, Problem> {
    Ok(form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0))
}

async fn edited(cx: &Cx, form: &Form, patch: UserPatch) -> Result<User, Refusal> {
    Ok(account::edit_user(cx, cx.user()?, patch, seen(form)?).await?)
}

async fn profile(Call(cx): Call, form: Form) -> Response {
    let fields = ["name", "email", "time_zone", "locale"].map(|f| (f, form.text(f)));
    let current_password = form.0.raw("current_password").filter(|p| !p.is_empty()).map(Secret::from);
    let patch = UserPatch {
        name: Some(form.text("name")),
        email: Some(form.text("email")),
        time_zone: Some(form.text("time_zone")),
        locale: Some(form.text("locale")),
        current_password,
        ..UserPatch::default()
    };
    match edited(&cx, &form, patch).await {
        Ok(_) => answer::told(&cx, "/settings", "profile", "Your profile is saved.").await,
        Err(refusal) => back(&cx, "/settings", "profile", &fields, refusal).await,
    }
}

async fn password(Call(cx): Call, form: Form) -> Response {
    let given = |name: &str| Some(Secret(form.0.raw(name).unwrap_or_default().to_owned()));
    let patch = UserPatch { password: given("password"), current_password: given("current_password"), ..UserPatch::default() };
    match edited(&cx, &form, patch).await {
        Ok(_) => answer::told(&cx, "/settings/security", "password", "Your password is changed. Every other device is signed out.").await,
        Err(refusal) => back(&cx, "/settings/security", "password", &[], refusal).await,
    }
}

async fn revoke_session(Call(cx): Call, Path(id): Path<String>) -> Response {
    let ended = async {
        let id = id.parse().map_err(|_| Problem::not_found("session"))?;
        account::revoke_session(&cx, id).await
    };
    match ended.await {
        Ok(()) => answer::told(&cx, "/settings/security", "sessions", "That device is signed out.").await,
        Err(e) => back(&cx, "/settings/security", "sessions", &[], e).await,
    }
}

async fn revoke_others(Call(cx): Call, _: Form) -> Response {
    match account::revoke_other_sessions(&cx).await {
        Ok(0) => answer::told(&cx, "/settings/security", "sessions", "No other device was signed in.").await,
        Ok(1) => answer::told(&cx, "/settings/security", "sessions", "One other device is signed out.").await,
        Ok(n) => answer::told(&cx, "/settings/security", "sessions", &format!("{n} other devices are signed out.")).await,
        Err(e) => back(&cx, "/settings/security", "sessions", &[], e).await,
    }
}

/// What a token is asked to be: `scope` once for each, `days` until its end, empty for none.
fn token_in(cx: &Cx, form: &Form) -> Result<TokenIn, Problem> {
    let days = form.0.parse("days", "a number of days", |v| v.parse::<i64>().ok().filter(|d| (1..=3_650).contains(d)));
    let days = days.map_err(|_| wrong("days", "Choose when it ends."))?;
    let expires_at = days.map(|days| Instant(cx.now().ms() + days * DAY));
    Ok(TokenIn { name: form.text("name"), scopes: form.0.all("scopes").map(str::to_owned).collect(), expires_at })
}

async fn create_token(Call(cx): Call, form: Form) -> Response {
    let scopes: Vec<&str> = form.0.all("scopes").collect();
    let fields = [("name", form.text("name")), ("days", form.text("days")), ("scopes", scopes.join(" "))];
    let made = async { Ok::<_, Refusal>(account::create_token(&cx, token_in(&cx, &form)?).await?) };
    match made.await {
        Ok(made) => {
            let shown = [("token", made.token.0), ("name", made.api_token.name)];
            answer::shown_once(&cx, "/settings/tokens", "token", &shown).await
        }
        // The same press again: the page of the first one shows it.
        Err(Refusal(p)) if p.code == Code::AlreadyDone => crate::forms::see("/settings/tokens?form=token"),
        Err(refusal) => back(&cx, "/settings/tokens", "token", &fields, refusal).await,
    }
}

async fn revoke_token(Call(cx): Call, Path(id): Path<String>) -> Response {
    let ended = async {
        let id: Id<domain::account::ApiToken> = id.parse().map_err(|_| Problem::not_found("token"))?;
        account::revoke_token(&cx, id).await
    };
    match ended.await {
        Ok(()) => answer::told(&cx, "/settings/tokens", "tokens", "The token is revoked. What still uses it is refused from now on.").await,
        Err(e) => back(&cx, "/settings/tokens", "tokens", &[], e).await,
    }
}
