//! Who a request comes from: the person of a session cookie, or the owner of an API token.

use std::{
    sync::Arc,
    time::{Duration, Instant as Monotonic},
};

use domain::{
    Id, Instant,
    account::{Caller, Role},
    time::MINUTE,
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

use super::{
    secret, session,
    sessions::{Kind, Known},
    token,
};
use crate::{Actor, App, Cx, Request, Result, store::word};

/// The last use is stored to the minute.
const TOUCH_MS: i64 = MINUTE;
/// A request waits this long at most for its use to be stored; the write goes on behind it.
const TOUCH_WAIT: Duration = Duration::from_secs(1);

/// The person whose browser sends this token, with their rights as they are now; `None` for an unknown or ended session.
/// `address` is the client's, for the list of sessions.
pub async fn authenticate_session(app: &Arc<App>, token: &str, address: Option<&str>) -> Result<Option<Actor>> {
    if token.len() != secret::LENGTH {
        return Ok(None);
    }
    known(app, Kind::Session, token, address).await
}

/// The owner of this API token (`ogt_...`), with their rights as they are now, cut down by the token's scopes; `None` for an
/// unknown, revoked or ended token, and for one whose owner is archived.
pub async fn authenticate_token(app: &Arc<App>, bearer: &str) -> Result<Option<Actor>> {
    if bearer.strip_prefix(token::PREFIX).is_none_or(|rest| rest.len() != secret::LENGTH) {
        return Ok(None);
    }
    known(app, Kind::Token, bearer, None).await
}

/// The actor again, with the rights of now; `None` when the session or token has ended. For what lives longer than a request.
pub async fn renew(app: &App, actor: &Actor) -> Result<Option<Actor>> {
    let found = match (actor.session, actor.kind, actor.id) {
        (Some(session), ..) => load(app, Kind::Session, "s.id", session.uuid().into()).await?,
        (None, "token", Some(id)) => load(app, Kind::Token, "s.id", id.into()).await?,
        _ => return Ok(Some(actor.clone())),
    };
    Ok(found.map(|k| k.actor))
}

async fn known(app: &Arc<App>, kind: Kind, text: &str, address: Option<&str>) -> Result<Option<Actor>> {
    let key = (kind, secret::digest(text));
    let now = app.clock.now();
    let known = match app.sessions.get(&key) {
        Ok(known) if !known.has_ended(now) => known,
        missed => {
            let generation = missed.err();
            let read = Monotonic::now();
            let Some(known) = load(app, kind, "s.token_sha256", key.1.to_vec().into()).await? else { return Ok(None) };
            if let Some(generation) = generation {
                app.sessions.put(key, generation, read, known.clone());
            }
            known
        }
    };
    if now.since(known.last_used_at) >= TOUCH_MS {
        app.sessions.used(&key, now);
        // Its failure is no reason to turn anybody away.
        if let Ok(Err(e)) = tokio::time::timeout(TOUCH_WAIT, touch(app, kind, &known, address)).await {
            tracing::debug!(error = %e, "the last use was not stored");
        }
    }
    Ok(Some(known.actor))
}

/// One look by an indexed column: the session or token, its owner, and a row for each of the owner's teams.
async fn load(app: &App, kind: Kind, column: &'static str, value: Value) -> Result<Option<Known>> {
    let own = match kind {
        Kind::Session => "s.last_used_at, s.installed, NULL FROM session s",
        Kind::Token => "COALESCE(s.last_used_at, 0), NULL, s.scopes FROM api_token s",
    };
    let alive = match kind {
        Kind::Session => "s.expires_at > $2",
        Kind::Token => "s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $2)",
    };
    let sql = format!(
        "SELECT m.team_id, m.lead, s.id, s.account_id, a.role, s.created_at, s.expires_at, {own} \
         JOIN account a ON a.id = s.account_id LEFT JOIN team_member m ON m.account_id = a.id \
         WHERE {column} = $1 AND {alive} AND a.archived_at IS NULL"
    );
    let values = [value, app.clock.now().ms().into()];
    let rows = app.store.reader.query_all_raw(Statement::from_sql_and_values(app.store.backend(), sql, values)).await?;
    rows.first().map(|first| of(kind, first, &rows)).transpose()
}

fn of(kind: Kind, first: &QueryResult, rows: &[QueryResult]) -> Result<Known> {
    let (mut teams, mut leads) = (Vec::new(), Vec::new());
    for row in rows {
        if let Some(team) = row.try_get_by_index::<Option<uuid::Uuid>>(0)?.map(Id::new) {
            teams.push(team);
            if row.try_get_by_index::<Option<bool>>(1)?.unwrap_or_default() {
                leads.push(team);
            }
        }
    }
    let id: uuid::Uuid = first.try_get_by_index(2)?;
    let user: uuid::Uuid = first.try_get_by_index(3)?;
    let role: String = first.try_get_by_index(4)?;
    let role = word(Role::parse(&role), "account.role", &role)?;
    let scopes = match kind {
        Kind::Session => None,
        Kind::Token => Some(token::scopes(&first.try_get_by_index::<String>(9)?)),
    };
    let caller = Caller::Person { user: Id::new(user), role, teams, leads, scopes };
    let actor = match kind {
        Kind::Session => Actor { caller, kind: "user", id: Some(user), session: Some(Id::new(id)) },
        Kind::Token => Actor { caller, kind: "token", id: Some(id), session: None },
    };
    Ok(Known {
        actor,
        id,
        created_at: Instant(first.try_get_by_index(5)?),
        expires_at: first.try_get_by_index::<Option<i64>>(6)?.map(Instant),
        last_used_at: Instant(first.try_get_by_index(7)?),
        installed: kind == Kind::Session && first.try_get_by_index::<bool>(8)?,
    })
}

async fn touch(app: &Arc<App>, kind: Kind, known: &Known, address: Option<&str>) -> Result<()> {
    let now = app.clock.now();
    let id = known.id;
    let (sql, values): (_, Vec<Value>) = match kind {
        Kind::Session => (
            "UPDATE session SET last_used_at = $2, expires_at = $3, address = COALESCE($4, address) WHERE id = $1 AND last_used_at < $2",
            vec![
                id.into(),
                now.ms().into(),
                session::expiry(known.created_at, now, known.installed).ms().into(),
                address.map(str::to_owned).into(),
            ],
        ),
        Kind::Token => (
            "UPDATE api_token SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
            vec![id.into(), now.ms().into()],
        ),
    };
    let touch = Statement::from_sql_and_values(app.store.backend(), sql, values);
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("engine"));
    cx.write_plain(move |tx| {
        let touch = touch.clone();
        async move { Ok(tx.conn().execute_raw(touch).await.map(drop)?) }
    })
    .await
}
