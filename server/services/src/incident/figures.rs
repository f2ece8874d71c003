//! Figures over incidents: how quickly people take what comes.

use domain::{
    Instant, Millis,
    account::Scope,
    incident::{Figures, Filter, Severity, median},
    time::DAY,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::{
    entity::{Column, Entity},
    list::{matching, within},
};
use crate::{Cx, Result};

/// A week that is busier than this is measured by its newest part.
const AT_MOST: u64 = 10_000;

/// The figures of the first page.
pub async fn figures(cx: &Cx) -> Result<Figures> {
    cx.read(|cx| async move { measured(&cx).await }).await
}

async fn measured(cx: &Cx) -> Result<Figures> {
    let scope = cx.scope("incidents")?;
    let (now, week) = (cx.now(), 7 * DAY);
    let critical = Filter { severity: vec![Severity::Critical], ..Filter::live() };
    let reader = cx.reader();
    let critical = matching(&scope, &critical, cx.app.store.backend()).select_only().column(Column::Number).limit(AT_MOST);
    let recent =
        Entity::find().filter(within(&scope)).filter(Column::CreatedAt.gte(now.plus(-week).ms())).select_only().column(Column::Number);
    Ok(Figures {
        critical: critical.count(reader).await?,
        ack_median_ms: median(acknowledged_after(cx, &scope, now.plus(-week), now).await?),
        ack_median_before_ms: median(acknowledged_after(cx, &scope, now.plus(-2 * week), now.plus(-week)).await?),
        week: recent.limit(AT_MOST).count(reader).await?,
    })
}

/// Detected to first acknowledged, of incidents made in a span of time.
async fn acknowledged_after(cx: &Cx, scope: &Scope, from: Instant, to: Instant) -> Result<Vec<Millis>> {
    let select = Entity::find()
        .select_only()
        .column(Column::DetectedAt)
        .column(Column::AcknowledgedAt)
        .filter(within(scope))
        .filter(Column::CreatedAt.gte(from.ms()))
        .filter(Column::CreatedAt.lt(to.ms()))
        .filter(Column::AcknowledgedAt.is_not_null())
        .limit(AT_MOST);
    let rows: Vec<(i64, i64)> = select.into_tuple().all(cx.reader()).await?;
    Ok(rows.into_iter().map(|(detected, acknowledged)| acknowledged - detected).collect())
}
