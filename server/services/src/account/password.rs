//! Changing a password: with proof of the present one, and with the end of every other session.

use domain::{
    FieldError, Id, Problem,
    account::{Secret, Session, User},
};
use serde_json::json;

use super::{attempt, repo, secret, session};
use crate::{Cx, Result, Tx, store::NewEvent};

const ACTION: &str = "password";

fn subject(user: Id<User>) -> [u8; 32] {
    secret::digest(&user.to_string())
}

/// Refuses unless this is the person's present password. Tries are counted, as those of signing in are.
pub(super) async fn prove(cx: &Cx, user: Id<User>, hash: Option<String>, given: Option<&Secret>) -> Result<()> {
    let Some(hash) = hash else { return Ok(()) };
    let refusal = |code: &str, words: &str| Problem::invalid(vec![FieldError::new("current_password", code, words)]);
    let given = given.filter(|g| !g.0.is_empty()).ok_or_else(|| refusal("required", "Your present password, to show that it is you."))?;
    attempt::count(cx, subject(user), ACTION).await?;
    if cx.app.hasher.verify(given.0.clone(), Some(hash)).await?.ok {
        Ok(())
    } else {
        Err(refusal("wrong", "This is not your present password.").into())
    }
}

/// Stores a new hash inside a write and ends the person's sessions but `keep`. Raises `rev`.
pub(super) async fn change(tx: &Tx, user: &mut User, hash: String, keep: Option<Id<Session>>) -> Result<Vec<Id<Session>>> {
    user.rev += 1;
    user.updated_at = tx.now();
    repo::update(tx, user).await?;
    repo::set_hash(tx, user.id, hash).await?;
    attempt::clear(tx, subject(user.id), ACTION).await?;
    attempt::clear(tx, secret::digest(&user.email), "sign_in").await?;
    tx.event(NewEvent { private: true, ..repo::event(user, "user.password_changed", json!({})) });
    session::end_all(tx, user.id, keep).await
}
