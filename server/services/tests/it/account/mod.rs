//! People: setup, signing in, sessions, tokens, users, invitations, teams.

mod invitations;
mod sessions;
mod setup;
mod sign_in;
mod teams;
mod tokens;
mod users;

use std::sync::Arc;

use domain::{
    Code,
    account::{Role, SetupIn, SignInIn, User, UserIn},
    event::Event,
};
use services::{
    Actor, App, Cx, Error, Request, account,
    event::read::{self, Query},
};

use crate::support::system;

const PASSWORD: &str = "correct horse battery";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> Code {
    result.unwrap_err().problem().code
}

/// The fields that were refused.
fn fields<T: std::fmt::Debug>(result: Result<T, Error>) -> Vec<String> {
    result.unwrap_err().problem().fields.into_iter().map(|f| f.field).collect()
}

/// A call from a browser.
fn browser(app: &Arc<App>, actor: Actor) -> Cx {
    let request = Request { address: Some("203.0.113.7".into()), user_agent: Some(FIREFOX.into()), ..Request::inside("web") };
    Cx::new(app.clone(), actor, request)
}

fn nobody(app: &Arc<App>) -> Cx {
    browser(app, Actor::anonymous())
}

fn given(email: &str, password: &str) -> SignInIn {
    SignInIn { email: email.into(), password: password.into(), ..SignInIn::default() }
}

fn new_user(name: &str, role: Role) -> UserIn {
    UserIn {
        name: name.into(),
        email: format!("{}@example.org", name.to_lowercase()),
        role,
        password: Some(PASSWORD.into()),
        time_zone: "UTC".into(),
        locale: "en".into(),
    }
}

/// An account with a password.
async fn user(app: &Arc<App>, name: &str, role: Role) -> User {
    account::create_user(&system(app), new_user(name, role)).await.unwrap()
}

/// A request with the cookie of this token, as each request is looked at.
async fn with_cookie(app: &Arc<App>, token: &str) -> Option<Cx> {
    account::authenticate_session(app, token, Some("203.0.113.7")).await.unwrap().map(|actor| browser(app, actor))
}

/// Somebody signs in; their next request.
async fn signed_in(app: &Arc<App>, user: &User) -> Cx {
    let session = account::sign_in(&nobody(app), given(&user.email, PASSWORD)).await.unwrap();
    with_cookie(app, &session.token.0).await.unwrap()
}

/// An account that is signed in.
async fn joined(app: &Arc<App>, name: &str, role: Role) -> Cx {
    let user = user(app, name, role).await;
    signed_in(app, &user).await
}

async fn setup(app: &Arc<App>) -> SetupIn {
    let token = account::setup_token(app).await.unwrap().unwrap();
    SetupIn { token: token.as_str().into(), name: "Ada".into(), email: "Ada@Example.org".into(), password: PASSWORD.into() }
}

/// What the journal says of accounts, oldest first.
async fn journal(app: &Arc<App>) -> Vec<Event> {
    let query = Query { topic: Some("accounts".into()), after: Some(0), limit: 500, ..Query::default() };
    read::list(&system(app), &query).await.unwrap()
}

async fn kinds(app: &Arc<App>) -> Vec<String> {
    journal(app).await.into_iter().map(|e| e.kind).collect()
}
