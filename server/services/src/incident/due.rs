//! What happens to incidents by time: resolved ones close; quiet ones resolve after they flapped.

use domain::{
    Instant,
    incident::{Applied, close, resolve},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use super::{
    entity::{Column, Entity},
    repo::Stored,
    verb::settle,
};
use crate::{Cx, Result};

/// Incidents that one write settles.
const CHUNK: u64 = 50;

/// Closes what was resolved long enough ago; answers how many.
pub async fn auto_close(cx: &Cx) -> Result<u64> {
    settle_due(cx, Column::AutoCloseAt, "incident.closed", |i, now| close(i, None, "", now).is_ok_and(|a| a == Applied::Changed)).await
}

/// Resolves what flapped and has been quiet since; answers how many.
pub async fn resolve_quiet(cx: &Cx) -> Result<u64> {
    settle_due(cx, Column::QuietUntil, "incident.resolved", |i, now| {
        i.firing_count == 0 && resolve(i, None, "", now).is_ok_and(|a| a == Applied::Changed)
    })
    .await
}

async fn settle_due(cx: &Cx, column: Column, kind: &'static str, run: fn(&mut domain::incident::Incident, Instant) -> bool) -> Result<u64> {
    // The longest overdue first, by the index of the column; locked in the order in which everybody locks.
    let overdue = Entity::find().select_only().column(Column::Id).filter(column.lte(cx.now().ms())).order_by_asc(column).limit(CHUNK);
    let ids: Vec<uuid::Uuid> = overdue.into_tuple().all(cx.reader()).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    cx.write_plain(move |tx| {
        let ids = ids.clone();
        async move {
            let due = Entity::find().filter(Column::Id.is_in(ids)).filter(column.lte(tx.now().ms())).order_by_asc(Column::Id);
            let rows = tx.for_update(due).all(tx.conn()).await?;
            let done = rows.len() as u64;
            for row in rows {
                let mut stored = Stored::of(row)?;
                let from = stored.incident.status;
                stored.quiet_until = None;
                if run(&mut stored.incident, tx.now()) {
                    settle(&tx, &mut stored, kind, from, json!({ "by": "time" })).await?;
                } else {
                    stored.incident.auto_close_at = None;
                    super::repo::update(&tx, &stored).await?;
                }
            }
            Ok(done)
        }
    })
    .await
}
