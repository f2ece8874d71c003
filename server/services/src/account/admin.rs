//! What the command line does with accounts: `admin create-user|reset-password|create-token`. Who can run the binary on the
//! data may do everything.

use std::sync::Arc;

use domain::{
    Problem,
    account::{NewToken, Secret, TokenIn, User, UserIn, check_password},
    problem::Faults,
};

use super::{password, repo, token, user_edit};
use crate::{Actor, App, Cx, Request, Result};

fn cx(app: &Arc<App>) -> Cx {
    Cx::new(app.clone(), Actor::system(), Request::inside("cli"))
}

async fn by_email(app: &App, email: &str) -> Result<User> {
    let found = repo::by_email(&app.store.reader, &email.trim().to_lowercase()).await?;
    repo::of(found.ok_or_else(|| Problem::not_found("user"))?)
}

/// Makes an account.
pub async fn admin_create_user(app: &Arc<App>, new: UserIn) -> Result<User> {
    user_edit::create_user(&cx(app), new).await
}

/// Sets somebody's password and ends all their sessions.
pub async fn admin_reset_password(app: &Arc<App>, email: &str, new: Secret) -> Result<User> {
    let found = by_email(app, email).await?;
    let mut faults = Faults::default();
    check_password(&mut faults, "password", &new.0, &found.email);
    faults.finish()?;
    let hash = app.hasher.hash(new.0).await?;
    let (user, ended) = cx(app)
        .write_plain(move |tx| {
            let hash = hash.clone();
            async move {
                let (mut user, _) = repo::locked(&tx, found.id).await?;
                let ended = password::change(&tx, &mut user, hash, None).await?;
                Ok((user, ended))
            }
        })
        .await?;
    app.sessions.end(ended);
    Ok(user)
}

/// Makes an API token for somebody.
pub async fn admin_create_token(app: &Arc<App>, email: &str, new: TokenIn) -> Result<NewToken> {
    let owner = by_email(app, email).await?;
    token::make(&cx(app), owner.id, new).await
}
