//! What a form without wasm is shown again after its redirect: fields, messages, a secret that was just made. For 60 s,
//! once, sealed at rest.
//!
//! It belongs to a session; before there is one, to a visitor, whom a short-lived random cookie names. Visitors are stored
//! under a hash, so that no cookie can name a session.

use domain::{Problem, time::MINUTE};
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde_json::Value;
use uuid::Uuid;

use super::secret;
use crate::{Cx, Error, Result};

/// How long it waits for the next page.
const KEEP_MS: i64 = MINUTE;

fn own(cx: &Cx) -> Result<Uuid> {
    Ok(cx.actor.session.ok_or_else(Problem::unauthenticated)?.uuid())
}

fn of_visitor(visitor: Uuid) -> Uuid {
    let hash = secret::digest(&format!("visitor {visitor}"));
    uuid::Builder::from_random_bytes(std::array::from_fn(|i| hash[i])).into_uuid()
}

/// Keeps the content for this session and form; a later one takes its place.
pub async fn put_flash(cx: &Cx, form: &str, content: &Value) -> Result<()> {
    put(cx, own(cx)?, form, content).await
}

/// As [`put_flash`], for who has no session yet.
pub async fn put_visitor_flash(cx: &Cx, visitor: Uuid, form: &str, content: &Value) -> Result<()> {
    put(cx, of_visitor(visitor), form, content).await
}

/// Takes what was kept for this form; `None` when there is nothing, or it is older than a minute.
pub async fn take_flash(cx: &Cx, form: &str) -> Result<Option<Value>> {
    take(cx, own(cx)?, form).await
}

/// As [`take_flash`], for who has no session yet.
pub async fn take_visitor_flash(cx: &Cx, visitor: Uuid, form: &str) -> Result<Option<Value>> {
    take(cx, of_visitor(visitor), form).await
}

fn place(owner: Uuid, form: &str) -> String {
    format!("session_flash|content|{owner}|{form}")
}

async fn put(cx: &Cx, owner: Uuid, form: &str, content: &Value) -> Result<()> {
    let sealed = cx.app.keyring.seal(&place(owner, form), serde_json::to_string(content)?.as_bytes())?;
    let sql = "INSERT INTO session_flash (session_id, form, content, expires_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (session_id, form) DO UPDATE SET content = excluded.content, expires_at = excluded.expires_at";
    let values: [Sql; 4] = [owner.into(), form.into(), sealed.into(), cx.now().plus(KEEP_MS).ms().into()];
    let put = Statement::from_sql_and_values(cx.app.store.backend(), sql, values);
    cx.write_plain(move |tx| {
        let put = put.clone();
        async move { Ok(tx.conn().execute_raw(put).await.map(drop)?) }
    })
    .await
}

async fn take(cx: &Cx, owner: Uuid, form: &str) -> Result<Option<Value>> {
    let backend = cx.app.store.backend();
    let values: [Sql; 3] = [owner.into(), form.into(), cx.now().ms().into()];
    // Nearly always there is nothing: a page view is not to begin a write.
    let probe = "SELECT 1 FROM session_flash WHERE session_id = $1 AND form = $2 AND expires_at > $3";
    if cx.reader().query_one_raw(Statement::from_sql_and_values(backend, probe, values.clone())).await?.is_none() {
        return Ok(None);
    }
    let sql = "DELETE FROM session_flash WHERE session_id = $1 AND form = $2 AND expires_at > $3 RETURNING content";
    let take = Statement::from_sql_and_values(backend, sql, values);
    let sealed: Option<String> = cx
        .write_plain(move |tx| {
            let take = take.clone();
            async move { Ok(tx.conn().query_one_raw(take).await?.map(|r| r.try_get_by_index(0)).transpose()?) }
        })
        .await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let opened = cx.app.keyring.open_sealed(&place(owner, form), &sealed)?;
    serde_json::from_slice(&opened).map(Some).map_err(Error::from)
}
