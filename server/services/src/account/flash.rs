//! What a form without wasm is shown again after its redirect: fields and messages, for 60 s, once.

use domain::{Id, Problem, account::Session, time::MINUTE};
use sea_orm::{ConnectionTrait, Statement, Value as Sql};
use serde_json::Value;

use crate::{Cx, Result};

/// How long it waits for the next page.
const KEEP_MS: i64 = MINUTE;

fn own(cx: &Cx) -> Result<Id<Session>> {
    Ok(cx.actor.session.ok_or_else(Problem::unauthenticated)?)
}

/// Keeps the content for this session and form; a later one takes its place.
pub async fn put_flash(cx: &Cx, form: &str, content: &Value) -> Result<()> {
    let sql = "INSERT INTO session_flash (session_id, form, content, expires_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (session_id, form) DO UPDATE SET content = excluded.content, expires_at = excluded.expires_at";
    let values: [Sql; 4] =
        [own(cx)?.uuid().into(), form.into(), serde_json::to_string(content)?.into(), cx.now().plus(KEEP_MS).ms().into()];
    let put = Statement::from_sql_and_values(cx.app.store.backend(), sql, values);
    cx.write_plain(move |tx| {
        let put = put.clone();
        async move { Ok(tx.conn().execute_raw(put).await.map(drop)?) }
    })
    .await
}

/// Takes what was kept for this form; `None` when there is nothing, or it is older than a minute.
pub async fn take_flash(cx: &Cx, form: &str) -> Result<Option<Value>> {
    let backend = cx.app.store.backend();
    let values: [Sql; 3] = [own(cx)?.uuid().into(), form.into(), cx.now().ms().into()];
    // Nearly always there is nothing: a page view is not to begin a write.
    let probe = "SELECT 1 FROM session_flash WHERE session_id = $1 AND form = $2 AND expires_at > $3";
    if cx.app.store.reader.query_one_raw(Statement::from_sql_and_values(backend, probe, values.clone())).await?.is_none() {
        return Ok(None);
    }
    let sql = "DELETE FROM session_flash WHERE session_id = $1 AND form = $2 AND expires_at > $3 RETURNING content";
    let take = Statement::from_sql_and_values(backend, sql, values);
    let text: Option<String> = cx
        .write_plain(move |tx| {
            let take = take.clone();
            async move { Ok(tx.conn().query_one_raw(take).await?.map(|r| r.try_get_by_index(0)).transpose()?) }
        })
        .await?;
    Ok(text.map(|t| serde_json::from_str(&t)).transpose()?)
}
