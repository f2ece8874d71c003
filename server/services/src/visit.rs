//! What the frame of every page shows, in one look: who is signed in, with their teams, and the counts of the navigation.

use domain::account::Me;
use sea_orm::{ConnectionTrait, QuerySelect, QueryTrait};

use crate::{
    Cx, Result, account,
    incident::{self, Live},
};

/// Who is signed in, how many incidents are live, and how many of these nobody has taken.
pub async fn visit(cx: &Cx) -> Result<(Me, u64, u64)> {
    let scope = cx.scope("incidents")?;
    let (moment, known) = cx.app.counts.known(&cx.app.feed, &scope);
    let mut look = account::with_places(cx.user()?);
    if known.is_none() {
        let [live, open] = incident::live(cx)?;
        look = look.expr_as(live, "live").expr_as(open, "open");
    }
    let rows = cx.reader().query_all_raw(look.build(cx.app.store.backend())).await?;
    let me = account::me_of(cx, &rows)?;
    if let Some(Live { live, open }) = known {
        return Ok((me, live, open));
    }
    let count = |column| rows.first().map_or(Ok(0), |row| row.try_get::<i64>("", column)).map(|count| count as u64);
    let counted = Live { live: count("live")?, open: count("open")? };
    cx.app.counts.keep(moment, scope, counted);
    Ok((me, counted.live, counted.open))
}
