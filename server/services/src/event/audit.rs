//! The journal as the audit reads it: with addresses, and what each edit changed.

use std::collections::HashMap;

use domain::{
    account::{Action, Scope, Target},
    event::Audited,
};
use sea_orm::{ConnectionTrait, Statement, Value};

use super::read::{Query, matching};
use crate::{Cx, Error, Result};

/// What stands beside a row: address, user agent, before, after.
type Private = (Option<String>, Option<String>, Option<String>, Option<String>);

/// Events that match, with what only administrators may know of them. Newest first, unless `after` is given.
pub async fn audit(cx: &Cx, query: &Query) -> Result<Vec<Audited>> {
    cx.authorize(Action::Audit, &Target::ANY, "journal")?;
    let query = query.clone();
    cx.read(move |cx| async move { audited(&cx, &query).await }).await
}

async fn audited(cx: &Cx, query: &Query) -> Result<Vec<Audited>> {
    let events = matching(cx, &Scope::All, query).await?;
    let mut known = private(cx, events.iter().map(|event| event.seq).collect()).await?;
    let json = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::from);
    let audited = |event: domain::event::Event| {
        let (address, user_agent, before, after) = known.remove(&event.seq).unwrap_or_default();
        Ok(Audited { event, address, user_agent, before: json(before)?, after: json(after)? })
    };
    events.into_iter().map(audited).collect()
}

async fn private(cx: &Cx, seqs: Vec<i64>) -> Result<HashMap<i64, Private>> {
    if seqs.is_empty() {
        return Ok(HashMap::new());
    }
    let marks: Vec<String> = (1..=seqs.len()).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT seq, address, user_agent, before, after FROM event_private WHERE seq IN ({})", marks.join(", "));
    let select = Statement::from_sql_and_values(cx.app.store.backend(), sql, seqs.into_iter().map(Value::from));
    let rows = cx.reader().query_all_raw(select).await?;
    rows.iter()
        .map(|r| {
            Ok((r.try_get_by_index(0)?, (r.try_get_by_index(1)?, r.try_get_by_index(2)?, r.try_get_by_index(3)?, r.try_get_by_index(4)?)))
        })
        .collect()
}
