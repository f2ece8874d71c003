//! Lists of incidents: filtered, sorted by an index, with an honest total.

use domain::{
    Id, Problem,
    account::Scope,
    incident::{Filter, Incident, Row, Sort, State},
    list::{EXACT_TOTAL, Page, Paging, Total},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, UnionType},
};

use super::{
    counts::Live,
    entity::{Column, Entity, Model},
    repo::Stored,
    search,
};
use crate::{
    Cx, Result,
    account::names,
    store::{self, counter, page as paged},
};

/// A row with the names that a list shows beside it.
#[derive(FromQueryResult)]
pub(super) struct Named {
    #[sea_orm(nested)]
    model: Model,
    service_name: Option<String>,
    assigned_to_name: Option<String>,
}

impl Named {
    /// Adds the names to a selection.
    pub fn of(select: Select<Entity>) -> Select<Entity> {
        NAMES.iter().fold(select, |select, (table, reference, alias)| select.expr_as(names::of_column(table, reference), *alias))
    }

    pub fn split(self) -> Result<(Stored, Row)> {
        let stored = Stored::of(self.model)?;
        let incident = stored.incident.clone();
        Ok((stored, Row { incident, service_name: self.service_name.unwrap_or_default(), assigned_to_name: self.assigned_to_name }))
    }

    pub fn row(self) -> Result<Row> {
        Ok(self.split()?.1)
    }
}

/// Whose name, by which column, under which alias.
pub(super) const NAMES: [(&str, &str, &str); 2] =
    [("service", "incident.service_id", "service_name"), ("account", "incident.assigned_to_id", "assigned_to_name")];

pub(super) fn within(scope: &Scope) -> Condition {
    store::within(scope, Column::Visibility.eq("all"), Column::TeamId)
}

/// Whether the three live states are asked for, which are one column.
pub(super) fn only_live(filter: &Filter) -> bool {
    filter.status.len() == 3 && filter.status.iter().all(|state| state.is_live())
}

/// What a filter asks for but for its words, which [`search`] finds.
pub(super) fn matching(scope: &Scope, filter: &Filter) -> Select<Entity> {
    let mut select = Entity::find().filter(within(scope));
    if only_live(filter) {
        // The three live states are one column, so that the default list walks its index in order.
        select = select.filter(Column::Live.eq(true));
    } else if !filter.status.is_empty() {
        select = select.filter(Column::Status.is_in(filter.status.iter().map(|s| s.as_str())));
    }
    if !filter.severity.is_empty() {
        select = select.filter(Column::SeverityRank.is_in(filter.severity.iter().map(|s| s.rank())));
    }
    for (column, id) in [
        (Column::ServiceId, filter.service_id.map(Id::uuid)),
        (Column::TeamId, filter.team_id.map(Id::uuid)),
        (Column::AssignedToId, filter.assigned_to_id.map(Id::uuid)),
    ] {
        if let Some(id) = id {
            select = select.filter(column.eq(id));
        }
    }
    if let Some(from) = filter.from {
        select = select.filter(Column::CreatedAt.gte(from.ms()));
    }
    if let Some(to) = filter.to {
        select = select.filter(Column::CreatedAt.lt(to.ms()));
    }
    select
}

/// One page of incidents, its total and its names of one instant.
pub async fn list(cx: &Cx, filter: &Filter, sort: Sort, paging: &Paging) -> Result<Page<Row>> {
    let scope = cx.scope("incidents")?;
    let after = paging.after.as_deref().map(After::parse).transpose()?;
    let (total, some) = match filter.q.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
        Some(words) => search::look(cx.app.store.backend(), &scope, filter, words, sort, after, paging),
        None => {
            let behind = after.map(|after| after.behind(sort));
            let some = behind.into_iter().fold(matching(&scope, filter), QueryFilter::filter);
            (total(&scope, filter), ordered(some, sort))
        }
    };
    let found = paged::page::<_, Named>(cx.reader(), total, Named::of(some), paging).await?;
    let rows = found.rows.into_iter().map(Named::row).collect::<Result<Vec<_>>>()?;
    let next = rows.last().filter(|_| found.more).map(|row| After::of(&row.incident).cursor());
    Ok(Page::new(rows, found.total, paging, next))
}

pub(super) fn ordered(select: Select<Entity>, sort: Sort) -> Select<Entity> {
    match sort {
        Sort::Severity => select.order_by(Column::SeverityRank, Order::Asc).order_by(Column::Number, Order::Desc),
        Sort::Newest => select.order_by(Column::Number, Order::Desc),
        Sort::Oldest => select.order_by(Column::Number, Order::Asc),
    }
}

/// The worst of what is not over, and of that what the caller has: the first `few` of each, in one look.
pub async fn burning(cx: &Cx, few: u32) -> Result<(Page<Row>, Page<Row>)> {
    let (scope, me) = (cx.scope("incidents")?, cx.user()?);
    let own = Filter { assigned_to_id: Some(me), ..Filter::live() };
    let first = |filter: &Filter| {
        ordered(matching(&scope, filter), Sort::Severity).select_only().column(Column::Id).limit(u64::from(few)).into_query()
    };
    let some = |filter: &Filter, alias: &'static str| Query::select().column(Column::Id).from_subquery(first(filter), alias).to_owned();
    let either = some(&Filter::live(), "worst").union(UnionType::Distinct, some(&own, "own")).to_owned();
    let counted = |filter: &Filter| paged::at_most(matching(&scope, filter), Column::Number, EXACT_TOTAL + 1);
    let select = ordered(Named::of(Entity::find().filter(Column::Id.in_subquery(either))), Sort::Severity)
        .expr_as(counted(&Filter::live()), "all_total")
        .expr_as(counted(&own), "own_total");
    let found = cx.reader().query_all_raw(select.build(cx.app.store.backend())).await?;
    let total = |name: &str| found.first().map_or(Ok(0), |row| row.try_get::<i64>("", name));
    let paging = Paging { page_size: few, ..Paging::default() };
    let page = |rows: Vec<Row>, name| {
        let total = Total::counted(total(name)? as u64);
        Ok::<_, crate::Error>(Page::new(rows.into_iter().take(few as usize).collect(), total, &paging, None))
    };
    let rows = found.iter().map(|row| Named::from_query_result(row, "")?.row()).collect::<Result<Vec<_>>>()?;
    // In this order the worst of all come before whatever else is among them.
    let of_caller = rows.iter().filter(|row| row.incident.assigned_to_id == Some(me)).cloned().collect();
    Ok((page(rows, "all_total")?, page(of_caller, "own_total")?))
}

/// The rows of these incidents that are visible; for the browser that missed an event.
pub async fn rows_by_ids(cx: &Cx, ids: Vec<Id<Incident>>) -> Result<Vec<Row>> {
    let scope = cx.scope("incidents")?;
    let of_ids = Entity::find().filter(within(&scope)).filter(Column::Id.is_in(ids.into_iter().map(Id::uuid)));
    let rows = Named::of(of_ids).into_model::<Named>().all(cx.reader()).await?;
    rows.into_iter().map(Named::row).collect()
}

/// The last row of a page: stable while rows come and go.
#[derive(Clone, Copy)]
pub(super) struct After {
    pub rank: i64,
    pub number: i64,
}

impl After {
    fn of(incident: &Incident) -> Self {
        Self { rank: incident.severity.rank(), number: incident.number }
    }

    /// `<rank>.<number>`.
    fn cursor(self) -> String {
        format!("{}.{}", self.rank, self.number)
    }

    fn parse(cursor: &str) -> Result<Self> {
        let parsed = cursor.split_once('.').and_then(|(r, n)| Some(Self { rank: r.parse().ok()?, number: n.parse().ok()? }));
        Ok(parsed.ok_or_else(|| Problem::bad_request("`after` is not a cursor of this list; take `next` of an earlier answer."))?)
    }

    /// What comes later in this order.
    pub fn behind(self, sort: Sort) -> Condition {
        let Self { rank, number } = self;
        match sort {
            Sort::Newest => Condition::all().add(Column::Number.lt(number)),
            Sort::Oldest => Condition::all().add(Column::Number.gt(number)),
            Sort::Severity => Condition::any()
                .add(Column::SeverityRank.gt(rank))
                .add(Condition::all().add(Column::SeverityRank.eq(rank)).add(Column::Number.lt(number))),
        }
    }
}

/// Counts up to one beyond what is told exactly; everything at once comes from the counter that numbers incidents, less those
/// that were removed with the demo data (numbers are never given twice).
fn total(scope: &Scope, filter: &Filter) -> paged::Count {
    if *scope == Scope::All && *filter == Filter::default() {
        return paged::counter(counter::NUMBERS, Some(counter::REMOVED));
    }
    paged::counted(matching(scope, filter), Column::Number)
}

/// How many incidents are live, and how many of these nobody has taken, each as one value.
pub(crate) fn live(cx: &Cx) -> Result<[Expr; 2]> {
    let scope = cx.scope("incidents")?;
    let open = Filter { status: vec![State::Open], ..Filter::default() };
    let count = |filter| paged::at_most(matching(&scope, filter), Column::Number, EXACT_TOTAL + 1);
    Ok([count(&Filter::live()), count(&open)])
}

/// How many incidents are live, and how many of these nobody has taken: for the navigation.
pub async fn count_live(cx: &Cx) -> Result<(u64, u64)> {
    let scope = cx.scope("incidents")?;
    let (moment, known) = cx.app.counts.known(&cx.app.feed, &scope);
    if let Some(Live { live, open }) = known {
        return Ok((live, open));
    }
    let [live, open] = live(cx)?;
    let both = Query::select().expr_as(live, Live::LIVE).expr_as(open, Live::OPEN).to_owned();
    let row = cx.reader().query_one_raw(cx.app.store.backend().build(&both)).await?.ok_or(crate::Error::Lost)?;
    let counted = Live::of(&row)?;
    cx.app.counts.keep(moment, scope, counted);
    Ok((counted.live, counted.open))
}
