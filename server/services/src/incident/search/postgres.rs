//! PostgreSQL: what has the words is gathered, up to one beyond what is told exactly. If that is all, the page is in it.
//!
//! Otherwise many have them, and the page is found in its order. The full text knows no order and cannot stop early; so it also
//! holds, as words that nobody can type, how severe an incident is and whether it is live (`L1`, or `O1` when it is over), and the
//! same of each few thousand numbers (`L1N7`; migration 0005): one such bucket after the other is asked until the page is full.

use domain::{
    account::Scope,
    incident::{Filter, Sort},
    list::{EXACT_FOUND, Total},
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, Func, JoinType, Query, SelectStatement, UnionType},
};

use super::ranks;
use crate::{
    incident::{
        entity::{Column, Entity},
        list::{After, matching, only_live, ordered},
    },
    store::{
        page::{self, Count},
        search,
    },
};

/// Numbers of one bucket, as migration 0005 has them.
const BUCKET: i64 = 4096;
const FOUND: &str = "found";

/// See [`super::look`].
pub(super) fn look(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    // What facets say is not asked of columns: their indexes would be read in vain.
    let status = if only_live(filter) { Vec::new() } else { filter.status.clone() };
    let rest = matching(scope, &Filter { severity: Vec::new(), status, ..filter.clone() });
    let narrows = only_live(filter) || !filter.severity.is_empty();
    let found = rest.clone().filter(match narrows {
        true => search::found_with(words, &format!("'{}'", facets(filter, &ranks(filter, None), ""))),
        false => search::found(DbBackend::Postgres, "incident", words),
    });
    let found = found.select_only().column(Column::Number).column(Column::SeverityRank).limit(EXACT_FOUND + 1).into_query();
    let found = CommonTableExpression::new().query(found).table_name(FOUND).materialized(true).to_owned();
    let is_all = format!("(SELECT COUNT(*) FROM {FOUND}) <= {EXACT_FOUND}");

    let mut of_gathered = ordered(Entity::find().select_only().column(Column::Number), sort).filter(Expr::cust(is_all.clone()));
    if let Some(after) = after {
        of_gathered = of_gathered.filter(after.behind(sort));
    }
    let mut of_gathered = of_gathered.limit(most).into_query();
    of_gathered.from_clear().from_as(FOUND, Entity);

    // Each severity behind the other, or all at once.
    let parts: Vec<_> = match sort {
        Sort::Severity => ranks(filter, after).into_iter().map(|rank| vec![rank]).collect(),
        Sort::Newest | Sort::Oldest => vec![ranks(filter, None)],
    };
    // The cursor stands in the first part, if that is of its severity.
    let after = after.filter(|after| sort != Sort::Severity || parts.first().is_some_and(|ranks| ranks.contains(&after.rank)));
    let parts: Vec<_> = parts.iter().map(|ranks| facets(filter, ranks, "N#")).collect();
    let of_walked = walked(rest, words, sort, &parts, after, &is_all).limit(most).take();

    let alone = |select, alias: &'static str| Query::select().column(Column::Number).from_subquery(select, alias).to_owned();
    let numbers = alone(of_gathered, "gathered").union(UnionType::All, alone(of_walked, "walked")).to_owned();
    let count = page::counted_of(Query::select().column(Column::Number).from(FOUND).take());
    let count = Count { with: Some(found.into()), total: Total::found, ..count };
    (count, ordered(Entity::find().filter(Column::Number.in_subquery(numbers)), sort))
}

/// Incidents in their order unless the gathered are all: bucket by bucket of each part, whose facets have a `#` for its number.
fn walked(rest: Select<Entity>, words: &str, sort: Sort, parts: &[String], after: Option<After>, is_all: &str) -> SelectStatement {
    let buckets = format!("(SELECT COALESCE(MAX(number), 0) / {BUCKET} + 1 FROM incident)");
    let (direction, beyond) = if sort == Sort::Oldest { (Order::Asc, ">") } else { (Order::Desc, "<") };
    // The step at which a bucket is looked at, and the bucket of a step, is the same formula.
    let turned = |number: &str| if sort == Sort::Oldest { number.to_owned() } else { format!("{buckets} - 1 - {number}") };
    let first = after.map_or("0".to_owned(), |after| turned(&(after.number / BUCKET).to_string()));
    let last = format!("CASE WHEN {is_all} THEN -1 ELSE {} * {buckets} - 1 END", parts.len());

    let quoted = parts.iter().map(|part| format!("'{part}'")).collect::<Vec<_>>().join(", ");
    let bucket = turned(&format!("step % {buckets}"));
    let facets = format!("replace((ARRAY[{quoted}]::TEXT[])[(step / {buckets})::INT + 1], '#', ({bucket})::TEXT)");
    let mut hits = rest.filter(search::found_with(words, &facets));
    if let Some(After { number, .. }) = after {
        hits = hits.filter(Expr::cust(format!("(step >= {buckets} OR incident.number {beyond} {number})")));
    }
    // The offset keeps the planner from walking all incidents in order instead.
    let hits = hits.select_only().column(Column::Number).offset(0).into_query();
    let hits = Query::select().column(Column::Number).from_subquery(hits, "hit").order_by(Column::Number, direction).take();
    let steps = Func::cust("generate_series").arg(Expr::cust(first)).arg(Expr::cust(last));
    let mut walked = Query::select();
    walked.column(("bucket", Column::Number)).from_function(steps, "step");
    walked.join_lateral(JoinType::InnerJoin, hits, "bucket", Expr::cust("TRUE"));
    walked
}

/// One of the words that incidents of these severities have.
fn facets(filter: &Filter, ranks: &[i64], bucket: &str) -> String {
    let letters = if only_live(filter) { &["L"][..] } else { &["L", "O"] };
    let words: Vec<_> = ranks.iter().flat_map(|rank| letters.iter().map(move |letter| format!("{letter}{rank}{bucket}"))).collect();
    format!("({})", words.join(" | "))
}
