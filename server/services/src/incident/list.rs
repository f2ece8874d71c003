//! Lists of incidents: filtered, sorted by an index, with an honest total.

use domain::{
    Id, Problem,
    account::Scope,
    incident::{Filter, Incident, Row, Sort, State},
    list::{EXACT_TOTAL, Page, Paging},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement, sea_query::Expr,
};

use super::{
    entity::{Column, Entity},
    repo::Stored,
};
use crate::{Cx, Result, account::names, store};

pub(super) fn within(scope: &Scope) -> Condition {
    store::within(scope, Column::Visibility.eq("all"), Column::TeamId)
}

pub(super) fn matching(scope: &Scope, filter: &Filter, backend: DbBackend) -> Select<Entity> {
    let mut select = Entity::find().filter(within(scope));
    let is_live = |set: &[State]| set.len() == 3 && set.iter().all(|s| s.is_live());
    if is_live(&filter.status) {
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
    if let Some(words) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        select = select.filter(match backend {
            DbBackend::Postgres => Expr::cust_with_values("search @@ websearch_to_tsquery('simple', $1)", [words]),
            _ => Expr::cust_with_values("number IN (SELECT rowid FROM incident_fts WHERE incident_fts MATCH ?)", [fts_query(words)]),
        });
    }
    select
}

/// The words as FTS5 takes them: each quoted, so that no character of theirs is an operator; quoted phrases stay phrases.
fn fts_query(words: &str) -> String {
    let mut out = Vec::new();
    for (n, part) in words.split('"').enumerate() {
        if n % 2 == 1 {
            if !part.trim().is_empty() {
                out.push(format!("\"{}\"", part.trim()));
            }
        } else {
            out.extend(part.split_whitespace().map(|w| format!("\"{w}\"")));
        }
    }
    if out.is_empty() { "\"\"".into() } else { out.join(" ") }
}

/// One page of incidents, its total and its names of one instant.
pub async fn list(cx: &Cx, filter: &Filter, sort: Sort, paging: &Paging) -> Result<Page<Row>> {
    let (filter, paging) = (filter.clone(), paging.clone());
    cx.read(move |cx| async move { page(&cx, &filter, sort, &paging).await }).await
}

async fn page(cx: &Cx, filter: &Filter, sort: Sort, paging: &Paging) -> Result<Page<Row>> {
    let scope = cx.scope("incidents")?;
    let backend = cx.app.store.backend();
    let mut select = matching(&scope, filter, backend);
    if let Some(after) = &paging.after {
        select = select.filter(behind(after, sort)?);
    } else {
        select = select.offset(paging.offset());
    }
    select = match sort {
        Sort::Severity => select.order_by(Column::SeverityRank, Order::Asc).order_by(Column::Number, Order::Desc),
        Sort::Newest => select.order_by(Column::Number, Order::Desc),
        Sort::Oldest => select.order_by(Column::Number, Order::Asc),
    };
    // One more than asked for tells whether there is a next page.
    let mut found = select.limit(u64::from(paging.page_size) + 1).all(cx.reader()).await?;
    let more = found.len() > paging.page_size as usize;
    found.truncate(paging.page_size as usize);
    let incidents = found.into_iter().map(|m| Stored::of(m).map(|s| s.incident)).collect::<Result<Vec<_>>>()?;
    let next = incidents.last().filter(|_| more).map(cursor);
    let counted = total(cx, &scope, filter).await?;
    Ok(Page::new(with_names(cx, incidents).await?, counted, paging, next))
}

/// The rows of these incidents that are visible; for the browser that missed an event.
pub async fn rows_by_ids(cx: &Cx, ids: Vec<Id<Incident>>) -> Result<Vec<Row>> {
    let scope = cx.scope("incidents")?;
    cx.read(move |cx| async move {
        let of_ids = Entity::find().filter(within(&scope)).filter(Column::Id.is_in(ids.into_iter().map(Id::uuid)));
        let rows = of_ids.all(cx.reader()).await?;
        let incidents = rows.into_iter().map(|m| Stored::of(m).map(|s| s.incident)).collect::<Result<Vec<_>>>()?;
        with_names(&cx, incidents).await
    })
    .await
}

async fn with_names(cx: &Cx, incidents: Vec<Incident>) -> Result<Vec<Row>> {
    let services = names::services(cx.reader(), incidents.iter().map(|i| i.service_id.uuid()).collect()).await?;
    let people = names::people(cx.reader(), incidents.iter().filter_map(|i| i.assigned_to_id).map(Id::uuid).collect()).await?;
    let row = |incident: Incident| Row {
        service_name: services.get(&incident.service_id.uuid()).cloned().unwrap_or_default(),
        assigned_to_name: incident.assigned_to_id.and_then(|id| people.get(&id.uuid()).cloned()),
        incident,
    };
    Ok(incidents.into_iter().map(row).collect())
}

/// `<rank>.<number>` of the last row: stable while rows come and go.
fn cursor(incident: &Incident) -> String {
    format!("{}.{}", incident.severity.rank(), incident.number)
}

fn behind(cursor: &str, sort: Sort) -> Result<Condition> {
    let parsed = cursor.split_once('.').and_then(|(r, n)| Some((r.parse::<i64>().ok()?, n.parse::<i64>().ok()?)));
    let (rank, number) =
        parsed.ok_or_else(|| Problem::bad_request("`after` is not a cursor of this list; take `next` of an earlier answer."))?;
    Ok(match sort {
        Sort::Newest => Condition::all().add(Column::Number.lt(number)),
        Sort::Oldest => Condition::all().add(Column::Number.gt(number)),
        Sort::Severity => Condition::any()
            .add(Column::SeverityRank.gt(rank))
            .add(Condition::all().add(Column::SeverityRank.eq(rank)).add(Column::Number.lt(number))),
    })
}

/// Counts up to one beyond what is told exactly; everything at once comes from the counter that numbers incidents, less those
/// that were removed with the demo data (numbers are never given twice).
async fn total(cx: &Cx, scope: &Scope, filter: &Filter) -> Result<u64> {
    if *scope == Scope::All && *filter == Filter::default() {
        let sql = "SELECT CAST(COALESCE(SUM(CASE name WHEN 'incident_number' THEN value ELSE -value END), 0) AS BIGINT) FROM counter \
                   WHERE name IN ('incident_number', 'incident_removed')";
        let row = cx.reader().query_one_raw(Statement::from_string(cx.app.store.backend(), sql)).await?;
        return Ok(row.map(|r| r.try_get_by_index::<i64>(0)).transpose()?.unwrap_or(0) as u64);
    }
    let some = matching(scope, filter, cx.app.store.backend()).select_only().column(Column::Number).limit(EXACT_TOTAL + 1);
    Ok(some.count(cx.reader()).await?)
}

/// How many incidents are live, and how many of these nobody has taken: for the navigation.
pub async fn count_live(cx: &Cx) -> Result<(u64, u64)> {
    let scope = cx.scope("incidents")?;
    cx.read(move |cx| async move {
        let live = total(&cx, &scope, &Filter::live()).await?;
        let open = total(&cx, &scope, &Filter { status: vec![State::Open], ..Filter::default() }).await?;
        Ok((live, open))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::fts_query;

    #[test]
    fn what_people_type_is_never_an_operator() {
        for (typed, query) in [
            ("disk full", r#""disk" "full""#),
            (r#"say "disk full" now"#, r#""say" "disk full" "now""#),
            ("a* OR b)", r#""a*" "OR" "b)""#),
            ("\"", r#""""#),
        ] {
            assert_eq!(fts_query(typed), query, "{typed}");
        }
    }
}
