//! PostgreSQL: what has the words is gathered, up to one beyond what is told exactly. If that is all, the page is in it.
//!
//! Otherwise many have them, and the page is found in its order. The full text knows no order and cannot stop early; so it also
//! holds, as words that nobody can type, how severe an incident is and whether it is live (`L1`, or `O1` when it is over), and the
//! same of each few thousand numbers (`L1N7`; migration 0005): one such bucket after the other is asked until the page is full.
//!
//! In a large installation the first buckets are asked before anything else: if they fill the page, nothing is gathered.

use domain::{
    account::Scope,
    incident::{Filter, Sort},
    list::EXACT_TOTAL,
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, Func, JoinType, Query, SelectStatement, UnionType, WithClause},
};

use super::{LARGE, counted_if_large, ranks};
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
/// How many there are.
const BUCKETS: &str = "(SELECT COALESCE(MAX(number), 0) / 4096 + 1 FROM incident)";
/// Buckets that are asked first in a large installation.
const NEAR: i64 = 32;

/// See [`super::look`].
pub(super) fn look(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    // What facets say is not asked of columns: their indexes would be read in vain.
    let status = if only_live(filter) { Vec::new() } else { filter.status.clone() };
    let rest = matching(scope, &Filter { severity: Vec::new(), status, ..filter.clone() });
    let narrows = only_live(filter) || !filter.severity.is_empty();
    // Each severity behind the other, or all at once.
    let parts: Vec<_> = match sort {
        Sort::Severity => ranks(filter, after).into_iter().map(|rank| vec![rank]).collect(),
        Sort::Newest | Sort::Oldest => vec![ranks(filter, None)],
    };
    // The cursor stands in the first part, if that is of its severity.
    let within = after.filter(|after| sort != Sort::Severity || parts.first().is_some_and(|ranks| ranks.contains(&after.rank)));
    let parts: Vec<_> = parts.iter().map(|ranks| facets(filter, ranks, "N#")).collect();
    let walk = Walk { rest: rest.clone(), words, sort, parts, after: within };

    let enough = counted_if_large(most);
    let is_large = format!("{BUCKETS} > {}", LARGE / BUCKET);
    let near = walk.steps(&format!("CASE WHEN {is_large} THEN {NEAR} ELSE 0 END")).limit(enough).take();
    let is_near = format!("(SELECT COUNT(*) FROM near) >= {enough}");

    let found = rest.filter(Expr::cust(format!("NOT {is_near}"))).filter(match narrows {
        true => search::found_with(words, &format!("'{}'", facets(filter, &ranks(filter, None), ""))),
        false => search::found(DbBackend::Postgres, "incident", words),
    });
    let found = found.select_only().column(Column::Number).column(Column::SeverityRank).limit(EXACT_TOTAL + 1).into_query();
    let is_all = format!("(SELECT COUNT(*) FROM found) <= {EXACT_TOTAL}");
    let mut of_found = ordered(Entity::find().select_only().column(Column::Number), sort).filter(Expr::cust(is_all.clone()));
    if let Some(after) = after {
        of_found = of_found.filter(after.behind(sort));
    }
    let mut of_found = of_found.limit(most).into_query();
    of_found.from_clear().from_as("found", Entity);

    let far = walk.steps(&format!("CASE WHEN {is_all} THEN 0 ELSE {} * {BUCKETS} END", walk.parts.len())).limit(most).take();
    let alone = |select, alias: &'static str| Query::select().column(Column::Number).from_subquery(select, alias).to_owned();
    let mut numbers = Query::select().column(Column::Number).from("near").and_where(Expr::cust(is_near.clone())).take();
    numbers.union(UnionType::All, alone(of_found, "gathered")).union(UnionType::All, alone(far, "far"));

    let mut with = WithClause::new();
    for (name, query) in [("near", near), ("found", found)] {
        with.cte(CommonTableExpression::new().query(query).table_name(name).materialized(true).to_owned());
    }
    let total = format!("CASE WHEN {is_near} THEN -{enough} ELSE (SELECT COUNT(*) FROM found) END");
    let count = page::counted_as(Some(with), Expr::cust(total));
    (count, ordered(Entity::find().filter(Column::Number.in_subquery(numbers)), sort))
}

/// Incidents in their order: bucket by bucket of one part behind the other.
struct Walk<'a> {
    rest: Select<Entity>,
    words: &'a str,
    sort: Sort,
    /// Facets of each, with a `#` for the number of a bucket.
    parts: Vec<String>,
    after: Option<After>,
}

impl Walk<'_> {
    /// The numbers that so many steps come upon; a step is a bucket of a part.
    fn steps(&self, count: &str) -> SelectStatement {
        let (direction, beyond) = if self.sort == Sort::Oldest { (Order::Asc, ">") } else { (Order::Desc, "<") };
        // The step at which a bucket is looked at, and the bucket of a step, is the same formula.
        let turned = |number: &str| if self.sort == Sort::Oldest { number.to_owned() } else { format!("{BUCKETS} - 1 - {number}") };
        let first = self.after.map_or("0".to_owned(), |after| turned(&(after.number / BUCKET).to_string()));
        let last = format!("least({first} + {count}, {} * {BUCKETS}) - 1", self.parts.len());

        let parts = self.parts.iter().map(|part| format!("'{part}'")).collect::<Vec<_>>().join(", ");
        let bucket = turned(&format!("step % {BUCKETS}"));
        let facets = format!("replace((ARRAY[{parts}]::TEXT[])[(step / {BUCKETS})::INT + 1], '#', ({bucket})::TEXT)");
        let mut hits = self.rest.clone().filter(search::found_with(self.words, &facets));
        if let Some(After { number, .. }) = self.after {
            hits = hits.filter(Expr::cust(format!("(step >= {BUCKETS} OR incident.number {beyond} {number})")));
        }
        // The offset keeps the planner from walking all incidents in order instead.
        let hits = hits.select_only().column(Column::Number).offset(0).into_query();
        let hits = Query::select().column(Column::Number).from_subquery(hits, "hit").order_by(Column::Number, direction).take();
        let steps = Func::cust("generate_series").arg(Expr::cust(first)).arg(Expr::cust(last));
        let mut steps = Query::select().column(("bucket", Column::Number)).from_function(steps, "step").take();
        steps.join_lateral(JoinType::InnerJoin, hits, "bucket", Expr::cust("TRUE")).take()
    }
}

/// One of the words that incidents of these severities have.
fn facets(filter: &Filter, ranks: &[i64], bucket: &str) -> String {
    let letters = if only_live(filter) { &["L"][..] } else { &["L", "O"] };
    let words: Vec<_> = ranks.iter().flat_map(|rank| letters.iter().map(move |letter| format!("{letter}{rank}{bucket}"))).collect();
    format!("({})", words.join(" | "))
}
