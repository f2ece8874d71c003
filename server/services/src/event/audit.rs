//! The journal as the audit reads it: with addresses, and what each edit changed.

use domain::{
    account::{Action, Scope, Target},
    event::Audited,
};
use sea_orm::{FromQueryResult, JoinType, QuerySelect, QueryTrait, sea_query::Expr};

use super::read::{Named, Query, matching};
use crate::{Cx, Error, Result};

/// A row with what only administrators may know of it.
#[derive(FromQueryResult)]
struct Private {
    #[sea_orm(nested)]
    named: Named,
    address: Option<String>,
    user_agent: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

/// Events that match, with what only administrators may know of them. Newest first, unless `after` is given.
pub async fn audit(cx: &Cx, query: &Query) -> Result<Vec<Audited>> {
    cx.authorize(Action::Audit, &Target::ANY, "journal")?;
    let beside = |select, column| QuerySelect::expr_as(select, Expr::col(("event_private", column)), column);
    let mut select = ["address", "user_agent", "before", "after"].into_iter().fold(matching(&Scope::All, query), beside);
    QueryTrait::query(&mut select).join(JoinType::LeftJoin, "event_private", Expr::cust("event_private.seq = event.seq"));
    let json = |text: Option<String>| text.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::from);
    let audited = |p: Private| {
        let (before, after) = (json(p.before)?, json(p.after)?);
        Ok(Audited { event: p.named.event(), address: p.address, user_agent: p.user_agent, before, after })
    };
    select.into_model::<Private>().all(cx.reader()).await?.into_iter().map(audited).collect()
}
