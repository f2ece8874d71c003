//! Forms on the way in and out: sign-in, sign-out, the first administrator, an invitation; and the theme, which needs nobody.

use axum::{
    Router,
    extract::{Path, State as Extract},
    http::{HeaderMap, header},
    response::Response,
    routing::post,
};
use domain::{
    Code, Problem,
    account::{AcceptIn, DEFAULT_LOCALE, DEFAULT_TIME_ZONE, Secret, SetupIn, SignInIn},
};
use services::account::{self, SignedIn};

use crate::{
    forms::{Form, answer, is_local, see},
    http::{State, context::Call, cookie},
};

/// The cookie lives as long as a session may; the server ends it earlier when it is not used.
const SESSION_S: i64 = 180 * 86_400;
const YEAR_S: i64 = 365 * 86_400;

pub(super) fn router() -> Router<State> {
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/setup", post(setup))
        .route("/invite/{token}", post(accept))
        .route("/preferences/theme", post(theme))
}

fn welcome(state: &State, signed_in: &SignedIn, to: &str) -> Response {
    let mut response = see(to);
    response.headers_mut().append(header::SET_COOKIE, cookie::session(&state.config, &signed_in.token.0, SESSION_S));
    response
}

fn secret(form: &Form, name: &str) -> Secret {
    // As typed: spaces belong to a password.
    Secret(form.0.raw(name).unwrap_or_default().to_owned())
}

async fn sign_in(Extract(state): Extract<State>, Call(cx): Call, form: Form) -> Response {
    let next = Some(form.text("next")).filter(|next| is_local(next)).unwrap_or_else(|| "/".into());
    let given = SignInIn {
        email: form.text("email"),
        password: secret(&form, "password"),
        code: None,
        installed: form.0.get("installed").is_some(),
    };
    match account::sign_in(&cx, given).await {
        Ok(signed_in) => welcome(&state, &signed_in, &next),
        Err(e) => answer::refused(&state, &cx, &app::server::sign_in_address(&next), "sign-in", &[("email", form.text("email"))], e).await,
    }
}

async fn sign_out(Extract(state): Extract<State>, Call(cx): Call) -> Response {
    if let Err(e) = account::sign_out(&cx).await {
        tracing::warn!(error = %e, "a session could not be ended; its cookie is taken all the same");
    }
    let mut response = see("/sign-in");
    response.headers_mut().append(header::SET_COOKIE, cookie::session(&state.config, "", 0));
    response
}

async fn setup(Extract(state): Extract<State>, Call(cx): Call, form: Form) -> Response {
    let given =
        SetupIn { token: secret(&form, "token"), name: form.text("name"), email: form.text("email"), password: secret(&form, "password") };
    let sign_in = SignInIn { email: given.email.clone(), password: given.password.clone(), ..SignInIn::default() };
    let begun = async {
        account::create_first_admin(&cx, given).await?;
        account::sign_in(&cx, sign_in).await
    };
    match begun.await {
        Ok(signed_in) => welcome(&state, &signed_in, "/welcome"),
        Err(e) => {
            let to = format!("/setup?token={}", answer::escaped(&form.text("token")));
            answer::refused(&state, &cx, &to, "setup", &[("name", form.text("name")), ("email", form.text("email"))], e).await
        }
    }
}

async fn accept(Extract(state): Extract<State>, Call(cx): Call, Path(token): Path<String>, form: Form) -> Response {
    let zone = Some(form.text("time_zone")).filter(|zone| !zone.is_empty());
    let given = AcceptIn {
        token: Secret(token.clone()),
        name: form.text("name"),
        password: secret(&form, "password"),
        time_zone: zone.unwrap_or_else(|| DEFAULT_TIME_ZONE.into()),
        locale: DEFAULT_LOCALE.into(),
        installed: form.0.get("installed").is_some(),
    };
    match account::accept_invitation(&cx, given).await {
        Ok(signed_in) => welcome(&state, &signed_in, "/"),
        // The same press again, after the first one went through.
        Err(e) if e.problem().code == Code::AlreadyDone => see("/sign-in"),
        Err(e) => {
            let to = format!("/invite/{}", answer::escaped(&token));
            answer::refused(&state, &cx, &to, "invite", &[("name", form.text("name"))], e).await
        }
    }
}

async fn theme(Extract(state): Extract<State>, headers: HeaderMap, form: Form) -> Response {
    let mut response = see(&back_to(&headers, &form));
    let chosen = form.text("theme");
    if ["light", "dark", "system"].contains(&chosen.as_str()) {
        response.headers_mut().append(header::SET_COOKIE, cookie::write(&state.config, "theme", &chosen, YEAR_S, false));
    }
    response
}

/// The page that the form was on: what it says, or what the browser says.
fn back_to(headers: &HeaderMap, form: &Form) -> String {
    let said = form.text("next");
    if is_local(&said) {
        return said;
    }
    let referer = headers.get(header::REFERER).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once("://"));
    let path = referer.and_then(|(_, rest)| rest.find('/').map(|at| rest[at..].to_owned()));
    path.filter(|path| is_local(path)).unwrap_or_else(|| "/settings".into())
}

/// A refusal that every page of this noun words alike.
pub(super) fn wrong(field: &str, words: &str) -> Problem {
    Problem::invalid(vec![domain::FieldError::new(field, "not_allowed", words)])
}
