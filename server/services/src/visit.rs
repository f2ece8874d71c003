//! What the frame of every page shows, in one look: who is signed in, with their teams, and the counts of the navigation.

use domain::account::Me;
use sea_orm::{ConnectionTrait, QuerySelect, QueryTrait};

use crate::{Cx, Result, account, incident};

/// Who is signed in, how many incidents are live, and how many of these nobody has taken.
pub async fn visit(cx: &Cx) -> Result<(Me, u64, u64)> {
    let [live, open] = incident::live(cx)?;
    let look = account::with_places(cx.user()?).expr_as(live, "live").expr_as(open, "open").build(cx.app.store.backend());
    let rows = cx.reader().query_all_raw(look).await?;
    let me = account::me_of(cx, &rows)?;
    let count = |column| rows.first().map_or(Ok(0), |row| row.try_get::<i64>("", column)).map(|count| count as u64);
    Ok((me, count("live")?, count("open")?))
}
