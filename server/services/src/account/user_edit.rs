//! Making, editing, archiving an account.

use domain::{
    Id, Problem,
    account::{Action, Role, Session, Target, User, UserIn, UserPatch},
};
use sea_orm::EntityTrait;
use serde_json::json;

use super::{entity::Entity, grant, password, repo, session, zone};
use crate::{Cx, Result, Tx, store};

/// Makes an account, without an invitation.
pub async fn create_user(cx: &Cx, new: UserIn) -> Result<User> {
    may_manage(cx)?;
    let mut new = new.validate(zone::known)?;
    let hash = match new.password.take() {
        Some(password) => Some(cx.app.hasher.hash(password.0).await?),
        None => None,
    };
    cx.write(move |tx| {
        let (new, hash) = (new.clone(), hash.clone());
        async move {
            repo::refuse_taken(&tx, &new.email, None).await?;
            let user = repo::insert(&tx, store::id(tx.now()), new, hash).await?;
            tx.event(repo::event(&user, "user.created", json!({ "role": user.role })));
            Ok(user)
        }
    })
    .await
}

fn may_manage(cx: &Cx) -> Result<()> {
    cx.authorize(Action::ManageUsers, &Target::ANY, "user")?;
    grant::required(cx)
}

/// One's own profile is one's own; role, and the credentials of others, are the administrators'.
fn may_edit(cx: &Cx, user: &User, patch: &UserPatch) -> Result<()> {
    cx.authorize(Action::OwnAccount, &session::owned(user.id), "user")?;
    if patch.role.is_some_and(|r| r != user.role) {
        may_manage(cx)?;
    }
    if patch.changes_credentials(user) {
        grant::required(cx)?;
    }
    Ok(())
}

/// Applies an edit made on top of version `seen`. To change one's own password or address one shows the present password;
/// a new password ends every session but the one of the call.
pub async fn edit_user(cx: &Cx, id: Id<User>, patch: UserPatch, seen: i64) -> Result<User> {
    let found = Entity::find_by_id(id.uuid()).one(cx.reader()).await?.ok_or_else(|| Problem::not_found("user"))?;
    let known_hash = found.password_hash.clone();
    let user = repo::of(found)?;
    let mut patch = patch.validate(&user, zone::known)?;
    may_edit(cx, &user, &patch)?;
    let own = cx.actor.caller.user() == Some(id);
    let proven = own && patch.changes_credentials(&user);
    if proven {
        password::prove(cx, id, known_hash.clone(), patch.current_password.as_ref()).await?;
    }
    patch.current_password = None;
    let new_hash = match &patch.password {
        Some(password) => Some(cx.app.hasher.hash(password.0.clone()).await?),
        None => None,
    };
    let call = cx.clone();
    let (user, ended) = cx
        .write(move |tx| {
            let (cx, patch, known_hash, new_hash) = (call.clone(), patch.clone(), known_hash.clone(), new_hash.clone());
            async move {
                let (user, hash) = repo::locked(&tx, id).await?;
                if proven && hash != known_hash {
                    return Err(Problem::conflict("The password was changed meanwhile; sign in again.").into());
                }
                may_edit(&cx, &user, &patch)?;
                if user.version != seen {
                    return Err(Problem::stale(serde_json::to_value(&user)?, Vec::new()).into());
                }
                let keep = if own { cx.actor.session } else { None };
                apply(&tx, user, &patch, new_hash, keep).await
            }
        })
        .await?;
    cx.app.sessions.end(ended);
    Ok(user)
}

async fn apply(
    tx: &Tx,
    mut user: User,
    patch: &UserPatch,
    new_hash: Option<String>,
    keep: Option<Id<Session>>,
) -> Result<(User, Vec<Id<Session>>)> {
    let before = user.clone();
    if patch.apply(&mut user, tx.now()) {
        if user.email != before.email && user.archived_at.is_none() {
            repo::refuse_taken(tx, &user.email, Some(user.id)).await?;
        }
        if before.role == Role::Admin && user.role != Role::Admin && user.archived_at.is_none() {
            repo::refuse_last_admin(tx, user.id).await?;
        }
        repo::update(tx, &user).await?;
        repo::changed(tx, &before, &user, "user.edited")?;
        if user.role != before.role {
            tx.event(repo::event(&user, "user.role_changed", json!({ "from": before.role, "to": user.role })));
        }
    }
    let ended = match new_hash {
        Some(hash) => password::change(tx, &mut user, hash, keep).await?,
        None => Vec::new(),
    };
    Ok((user, ended))
}

/// Puts an account away: it cannot sign in, its sessions end, its tokens and open invitations no longer hold.
pub async fn archive_user(cx: &Cx, id: Id<User>) -> Result<User> {
    let call = cx.clone();
    let (user, ended) = cx
        .write(move |tx| {
            let cx = call.clone();
            async move {
                cx.authorize(Action::ManageUsers, &Target::ANY, "user")?;
                let (mut user, _) = repo::locked(&tx, id).await?;
                if user.archived_at.is_some() {
                    return Ok((user, Vec::new()));
                }
                if user.role == Role::Admin {
                    repo::refuse_last_admin(&tx, id).await?;
                }
                user.archived_at = Some(tx.now());
                touched(&tx, &mut user, "user.archived").await?;
                let ended = session::end_all(&tx, id, None).await?;
                Ok((user, ended))
            }
        })
        .await?;
    cx.app.sessions.end(ended);
    Ok(user)
}

/// Takes an account back into use, with its role, password, teams and tokens.
pub async fn restore_user(cx: &Cx, id: Id<User>) -> Result<User> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            may_manage(&cx)?;
            let (mut user, _) = repo::locked(&tx, id).await?;
            if user.archived_at.is_some() {
                repo::refuse_taken(&tx, &user.email, Some(id)).await?;
                user.archived_at = None;
                touched(&tx, &mut user, "user.restored").await?;
            }
            Ok(user)
        }
    })
    .await
}

async fn touched(tx: &Tx, user: &mut User, kind: &'static str) -> Result<()> {
    user.rev += 1;
    user.updated_at = tx.now();
    repo::update(tx, user).await?;
    tx.event(repo::event(user, kind, json!({})));
    Ok(())
}
