//! What the frame of every page shows, in one look: who is signed in, with their teams, and the counts of the navigation.

use domain::account::Me;
use sea_orm::{ConnectionTrait, QuerySelect, QueryTrait};

use crate::{
    Cx, Error, Result, account,
    incident::{self, Live},
};

/// Who is signed in, how many incidents are live, and how many of these nobody has taken.
pub async fn visit(cx: &Cx) -> Result<(Me, u64, u64)> {
    let scope = cx.scope("incidents")?;
    let (moment, known) = cx.app.counts.known(&cx.app.feed, &scope);
    let mut look = account::with_places(cx.user()?);
    if known.is_none() {
        let [live, open] = incident::live(cx)?;
        look = look.expr_as(live, Live::LIVE).expr_as(open, Live::OPEN);
    }
    let rows = cx.reader().query_all_raw(look.build(cx.app.store.backend())).await?;
    let me = account::me_of(cx, &rows)?;
    let Live { live, open } = match (known, rows.first()) {
        (Some(known), _) => known,
        (None, row) => {
            let counted = Live::of(row.ok_or(Error::Lost)?)?;
            cx.app.counts.keep(moment, scope, counted);
            counted
        }
    };
    Ok((me, live, open))
}
