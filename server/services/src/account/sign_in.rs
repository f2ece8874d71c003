//! Signing in and out with a password.
//!
//! An unknown address and a wrong password cost the same work and get the same words.

use domain::{
    Code, Id, Problem,
    account::{Caller, MAX_PASSWORD, Secret, Session, SignInIn, User},
    event::Class,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{attempt, entity::Model, hash::Verified, repo, secret, session};
use crate::{Actor, Cx, Result, Tx, store::NewEvent};

const ACTION: &str = "sign_in";

/// A session that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session.
    pub session_id: Id<Session>,
    /// For the cookie; it is kept nowhere else.
    pub token: Secret,
}

fn refusal() -> Problem {
    Problem::new(Code::Unauthenticated, "Not signed in", "E-mail or password is not right.")
}

/// Begins a session for who knows the password. The device is read from the request's user agent. After five failures for
/// one address each try must wait longer, up to five minutes (429 with the seconds).
pub async fn sign_in(cx: &Cx, given: SignInIn) -> Result<SignedIn> {
    let given = given.validate()?;
    let subject = secret::digest(&given.email);
    attempt::count(cx, subject, ACTION).await?;
    let account = repo::by_email(cx.reader(), &given.email).await?;
    let hash = account.as_ref().and_then(|a| a.password_hash.clone());
    // Longer than any password can be: the same work on less text.
    let password = if given.password.0.chars().count() > MAX_PASSWORD { String::new() } else { given.password.0.clone() };
    let verified = cx.app.hasher.verify(password, hash).await?;
    match account {
        Some(account) if verified.ok => welcome(cx, account, verified, given, subject).await,
        account => {
            refused(cx, account, subject).await?;
            Err(refusal().into())
        }
    }
}

async fn refused(cx: &Cx, account: Option<Model>, subject: [u8; 32]) -> Result<()> {
    let (entity, rev) = match &account {
        Some(a) => (format!("user:{}", a.id), a.rev),
        None => (format!("address:{}", hex(&subject[..8])), 0),
    };
    cx.write_plain(move |tx| {
        let event = NewEvent::record("accounts", "account.sign_in_refused", entity.clone(), rev, json!({}));
        tx.event(NewEvent { class: Class::Trace, private: true, ..event });
        async { Ok(()) }
    })
    .await
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

async fn welcome(cx: &Cx, account: Model, verified: Verified, given: SignInIn, subject: [u8; 32]) -> Result<SignedIn> {
    let id = Id::<User>::new(account.id);
    let stronger = if verified.rehash { Some(cx.app.hasher.hash(given.password.0).await?) } else { None };
    let call = cx.clone();
    let (signed_in, ended) = cx
        .write_plain(move |tx| {
            let (cx, known, stronger) = (call.clone(), account.password_hash.clone(), stronger.clone());
            async move {
                let (user, hash) = repo::locked(&tx, id).await?;
                // Archived, or given another password, since it was verified.
                if user.archived_at.is_some() || hash != known {
                    return Err(refusal().into());
                }
                if let Some(stronger) = stronger {
                    repo::set_hash(&tx, id, stronger).await?;
                }
                attempt::clear(&tx, subject, ACTION).await?;
                // The browser's cookie is replaced: its former session is nobody's.
                let ended = session::end_own(&cx, &tx, "session.replaced").await?;
                Ok((begin(&cx, &tx, user, given.installed).await?, ended))
            }
        })
        .await?;
    cx.app.sessions.end(ended);
    Ok(signed_in)
}

/// Begins a session inside a write and journals it as the person's own act.
pub(super) async fn begin(cx: &Cx, tx: &Tx, user: User, installed: bool) -> Result<SignedIn> {
    let (session_id, token) = session::begin(cx, tx, user.id, installed).await?;
    let event =
        NewEvent::record("accounts", "account.signed_in", format!("user:{}", user.id), user.rev, json!({ "session_id": session_id }));
    tx.event(NewEvent { class: Class::Trace, private: true, actor: Some(as_person(&user, session_id)), ..event });
    Ok(SignedIn { user, session_id, token })
}

fn as_person(user: &User, session: Id<Session>) -> Actor {
    let caller = Caller::Person { user: user.id, role: user.role, teams: Vec::new(), leads: Vec::new(), scopes: None };
    Actor { caller, kind: "user", id: Some(user.id.uuid()), session: Some(session) }
}

/// Ends the session that the call came with.
pub async fn sign_out(cx: &Cx) -> Result<()> {
    let call = cx.clone();
    let ended = cx
        .write_plain(move |tx| {
            let cx = call.clone();
            async move { session::end_own(&cx, &tx, "account.signed_out").await }
        })
        .await?;
    cx.app.sessions.end(ended);
    Ok(())
}
