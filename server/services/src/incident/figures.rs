//! Figures over incidents: how quickly people take what comes.

use domain::{
    Instant, Millis,
    account::Scope,
    incident::{Figures, Filter, Severity, median},
    time::DAY,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, Query, SelectStatement, UnionType},
};

use super::{
    entity::{Column, Entity},
    list::{matching, within},
};
use crate::{Cx, Result, store::page};

/// A week that is busier than this is not counted to its end.
const AT_MOST: u64 = 10_000;
/// The median of a week is that of its newest incidents that were taken.
const TAKEN: u64 = 2_000;

/// The figures of the first page, in one look: two counts, and the times of two weeks.
pub async fn figures(cx: &Cx) -> Result<Figures> {
    let scope = cx.scope("incidents")?;
    let (moment, known) = cx.app.figures.known(&cx.app.feed, &scope);
    if let Some(figures) = known {
        return Ok(figures);
    }
    let backend = cx.app.store.backend();
    let (now, week) = (cx.now(), 7 * DAY);
    let critical = matching(&scope, &Filter { severity: vec![Severity::Critical], ..Filter::live() });
    let recent = Entity::find().filter(within(&scope)).filter(Column::CreatedAt.gte(now.plus(-week).ms()));
    let mut look = figure(CRITICAL, page::at_most(critical, Column::Number, AT_MOST));
    look.union(UnionType::All, figure(WEEK, page::at_most(recent, Column::Number, AT_MOST)))
        .union(UnionType::All, acknowledged_after(ACK, &scope, now.plus(-week), now))
        .union(UnionType::All, acknowledged_after(ACK_BEFORE, &scope, now.plus(-2 * week), now.plus(-week)));
    let mut values: [Vec<Millis>; 4] = Default::default();
    for row in cx.reader().query_all_raw(backend.build(&look)).await? {
        let what: i64 = row.try_get_by_index(0)?;
        values[what as usize].push(row.try_get_by_index(1)?);
    }
    let [critical, recent, ack, ack_before] = values;
    let figures = Figures {
        critical: critical.first().copied().unwrap_or(0) as u64,
        week: recent.first().copied().unwrap_or(0) as u64,
        ack_median_ms: median(ack),
        ack_median_before_ms: median(ack_before),
    };
    cx.app.figures.keep(moment, scope, figures);
    Ok(figures)
}

/// What a row of the look is about.
const CRITICAL: i64 = 0;
const WEEK: i64 = 1;
const ACK: i64 = 2;
const ACK_BEFORE: i64 = 3;

fn figure(what: i64, value: Expr) -> SelectStatement {
    Query::select().expr(Expr::cust(format!("CAST({what} AS BIGINT)"))).expr(value).to_owned()
}

/// Detected to first acknowledged, of incidents made in a span of time: the one or two in the middle.
fn acknowledged_after(what: i64, scope: &Scope, from: Instant, to: Instant) -> SelectStatement {
    let some = Entity::find()
        .select_only()
        .expr_as(Expr::cust("acknowledged_at - detected_at"), "took")
        .filter(within(scope))
        .filter(Column::CreatedAt.gte(from.ms()))
        .filter(Column::CreatedAt.lt(to.ms()))
        .filter(Column::AcknowledgedAt.is_not_null())
        .order_by_desc(Column::CreatedAt)
        .limit(TAKEN);
    let placed = Query::select()
        .expr(Expr::col("took"))
        .expr_as(Expr::cust("ROW_NUMBER() OVER (ORDER BY took)"), "place")
        .expr_as(Expr::cust("COUNT(*) OVER ()"), "number")
        .from_subquery(some.into_query(), "acknowledged")
        .to_owned();
    Query::select()
        .expr(Expr::cust(format!("CAST({what} AS BIGINT)")))
        .expr(Expr::col("took"))
        .from_subquery(placed, "placed")
        .and_where(Expr::cust("place IN ((number + 1) / 2, (number + 2) / 2)"))
        .to_owned()
}
