//! Sessions of browsers: begun by signing in, listed, ended.

use domain::{
    Id, Instant, Problem,
    account::{Action, Scope, Secret, Session, Target, User},
    event::Class,
    time::{DAY, Millis},
};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::json;

use super::{
    device, secret,
    session_entity::{Column, Entity, Model},
};
use crate::{
    Cx, Result, Tx,
    store::{self, NewEvent},
};

/// A browser's session ends when it was not used for this long.
const BROWSER_IDLE_MS: Millis = 14 * DAY;
/// The installed app's.
const INSTALLED_IDLE_MS: Millis = 90 * DAY;
/// However much it is used, a session ends after this.
const ABSOLUTE_MS: Millis = 180 * DAY;
/// Events say that a session ended, not its entity: it is gone.
const NO_REV: i64 = 0;

/// The end of a session that was used last at `used`.
pub(super) fn expiry(created: Instant, used: Instant, installed: bool) -> Instant {
    used.plus(if installed { INSTALLED_IDLE_MS } else { BROWSER_IDLE_MS }).min(created.plus(ABSOLUTE_MS))
}

/// Begins a session; answers its id and the token for the cookie.
pub(super) async fn begin(cx: &Cx, tx: &Tx, user: Id<User>, installed: bool) -> Result<(Id<Session>, Secret)> {
    let (id, token, now) = (store::id(tx.now()), secret::new(), tx.now());
    let row = Model {
        id: Id::<Session>::uuid(id),
        account_id: user.uuid(),
        token_sha256: secret::digest(&token).to_vec(),
        device: device::name(cx.request.user_agent.as_deref()),
        address: cx.request.address.clone().unwrap_or_default(),
        installed,
        created_at: now.ms(),
        last_used_at: now.ms(),
        expires_at: expiry(now, now, installed).ms(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx.conn()).await?;
    Ok((id, Secret(token)))
}

/// Ends these sessions of one person inside a write, and journals each; tell the node with `Sessions::end` after it.
async fn end(tx: &Tx, found: Vec<Model>, kind: &'static str, class: Class) -> Result<Vec<Id<Session>>> {
    let ids: Vec<_> = found.iter().map(|s| s.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Entity::delete_many().filter(Column::Id.is_in(ids.clone())).exec(tx.conn()).await?;
    for session in found {
        let payload = json!({ "user_id": session.account_id, "device": session.device });
        let event = NewEvent::record("accounts", kind, format!("session:{}", session.id), NO_REV, payload);
        tx.event(NewEvent { class, private: true, ..event });
    }
    Ok(ids.into_iter().map(Id::new).collect())
}

/// Ends every session of a person but one.
pub(super) async fn end_all(tx: &Tx, user: Id<User>, but: Option<Id<Session>>) -> Result<Vec<Id<Session>>> {
    let mut query = Entity::find().filter(Column::AccountId.eq(user.uuid()));
    if let Some(but) = but {
        query = query.filter(Column::Id.ne(but.uuid()));
    }
    let found = query.all(tx.conn()).await?;
    end(tx, found, "session.revoked", Class::Record).await
}

/// Ends the session that the call came with.
pub(super) async fn end_own(cx: &Cx, tx: &Tx, kind: &'static str) -> Result<Vec<Id<Session>>> {
    let Some(own) = cx.actor.session else { return Ok(Vec::new()) };
    let found = Entity::find_by_id(own.uuid()).all(tx.conn()).await?;
    end(tx, found, kind, Class::Trace).await
}

/// One's own sessions, the last used first.
pub async fn list_sessions(cx: &Cx) -> Result<Vec<Session>> {
    sessions_of(cx, cx.user()?).await
}

/// A person's sessions, the last used first; another's only for administrators.
pub async fn sessions_of(cx: &Cx, user: Id<User>) -> Result<Vec<Session>> {
    may_read_of(cx, user)?;
    let alive = Entity::find().filter(Column::AccountId.eq(user.uuid())).filter(Column::ExpiresAt.gt(cx.now().ms()));
    let found = alive.order_by_desc(Column::LastUsedAt).order_by_desc(Column::Id).all(cx.reader()).await?;
    let session = |m: Model| Session {
        id: Id::new(m.id),
        user_id: Id::new(m.account_id),
        device: m.device,
        address: m.address,
        created_at: Instant(m.created_at),
        last_used_at: Instant(m.last_used_at),
        current: cx.actor.session.is_some_and(|own| own.uuid() == m.id),
    };
    Ok(found.into_iter().map(session).collect())
}

/// Ends one session: one's own, or anybody's as an administrator. Another's is not there for others.
pub async fn revoke_session(cx: &Cx, id: Id<Session>) -> Result<()> {
    let call = cx.clone();
    let ended = cx
        .write(move |tx| {
            let cx = call.clone();
            async move {
                let found = Entity::find_by_id(id.uuid()).one(tx.conn()).await?.ok_or_else(|| Problem::not_found("session"))?;
                authorize_own(&cx, Id::new(found.account_id), "session")?;
                end(&tx, vec![found], "session.revoked", Class::Record).await
            }
        })
        .await?;
    cx.app.sessions.end(ended);
    Ok(())
}

/// Ends all of one's own sessions but the one that the call came with; answers how many.
pub async fn revoke_other_sessions(cx: &Cx) -> Result<usize> {
    let user = cx.user()?;
    let call = cx.clone();
    let ended = cx
        .write(move |tx| {
            let cx = call.clone();
            async move {
                cx.authorize(Action::OwnAccount, &owned(user), "user")?;
                end_all(&tx, user, cx.actor.session).await
            }
        })
        .await?;
    let count = ended.len();
    cx.app.sessions.end(ended);
    Ok(count)
}

/// What belongs to one person.
pub(super) fn owned(user: Id<User>) -> Target {
    Target { owner: Some(user), ..Target::ANY }
}

/// Allows one's own, and everybody's for administrators. For others it is not there.
pub(super) fn authorize_own(cx: &Cx, owner: Id<User>, noun: &str) -> Result<()> {
    match cx.authorize(Action::OwnAccount, &owned(owner), noun) {
        Err(_) if cx.actor.caller.user().is_some_and(|u| u != owner) => Err(Problem::not_found(noun).into()),
        checked => checked,
    }
}

/// Allows reading one's own sessions and tokens, and everybody's for administrators.
pub(super) fn may_read_of(cx: &Cx, user: Id<User>) -> Result<()> {
    let all = cx.scope("accounts")? == Scope::All;
    if all || cx.actor.caller.user() == Some(user) { Ok(()) } else { Err(Problem::forbidden("This needs the role admin.").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lasts_while_it_is_used_and_180_days_at_most() {
        let day = |n: i64| Instant(n * DAY);
        for (used, installed, end) in [(0, false, 14), (10, false, 24), (0, true, 90), (120, true, 180), (179, false, 180)] {
            assert_eq!(expiry(day(0), day(used), installed), day(end));
        }
    }
}
