//! Incidents by words: one page and the total, as quick in a million incidents as in a thousand, whether the words are in one
//! of them or in half.
//!
//! Neither database does this by itself: to sort, both read all that matches; or PostgreSQL, hoping for frequent words, walks
//! all incidents in order to find the only one.

use domain::{
    Id,
    account::Scope,
    incident::{Filter, Severity, Sort, State},
    list::{EXACT_TOTAL, Paging, Total},
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, Query, UnionType},
};

use super::{
    entity::{Column, Entity},
    list::{After, matching, only_live, ordered},
};
use crate::store::{page::Count, search};

/// The incidents of one page, unless `filter` asks for more than its words, and how many match in all.
pub(super) fn look(
    backend: DbBackend,
    scope: &Scope,
    filter: &Filter,
    words: &str,
    sort: Sort,
    after: Option<After>,
    paging: &Paging,
) -> (Count, Select<Entity>) {
    let most = paging.offset() * u64::from(after.is_none()) + u64::from(paging.page_size) + 1;
    match backend {
        DbBackend::Postgres => gathered(scope, filter, words, sort, after, most),
        _ => streamed(scope, filter, words, sort, after, most),
    }
}

/// PostgreSQL: what matches is gathered, up to one beyond what is told exactly. If that is all, the page is in it; otherwise
/// the words are frequent, and walking in order soon fills a page.
fn gathered(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    const FOUND: &str = "found";
    let found = || matching(scope, filter).filter(search::found(DbBackend::Postgres, "incident", words));
    let some = found().select_only().column(Column::Number).column(Column::SeverityRank).limit(EXACT_TOTAL + 1).into_query();
    let some = CommonTableExpression::new().query(some).table_name(FOUND).materialized(true).to_owned();
    let all = format!("(SELECT COUNT(*) FROM {FOUND}) <= {EXACT_TOTAL}");
    let first = |mut select: Select<Entity>, when: String| {
        select = ordered(select.select_only().column(Column::Number), sort).filter(Expr::cust(when)).limit(most);
        if let Some(after) = after {
            select = select.filter(after.behind(sort));
        }
        select.into_query()
    };
    let mut of_gathered = first(Entity::find(), all.clone());
    of_gathered.from_clear().from_as(FOUND, Entity);
    let of_walked = first(found(), format!("NOT {all}"));
    let alone = |select, alias: &'static str| Query::select().column(Column::Number).from_subquery(select, alias).to_owned();
    let numbers = alone(of_gathered, "gathered").union(UnionType::All, alone(of_walked, "walked")).to_owned();
    let count = Count { with: Some(some.into()), expr: Expr::cust(format!("(SELECT COUNT(*) FROM {FOUND})")), total: Total::counted };
    (count, ordered(Entity::find().filter(Column::Number.in_subquery(numbers)), sort))
}

/// SQLite: the full text holds what lists are filtered by, each a word with its place, and finds by falling or rising number:
/// a list by severity is the lists of each severity, one behind the other.
fn streamed(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    let facets = facets(scope, filter);
    let asked = |rank: Option<i64>| {
        let facets = rank.map(|rank| format!("rank{rank}")).into_iter().chain(facets.clone());
        search::expression(&["title", "description"], words, "facets", facets)
    };
    let some = |rank: Option<i64>, rest: String| {
        let (dates, joined) = (dates(filter), "CROSS JOIN incident ON incident.number = incident_fts.rowid");
        let joined = if dates.is_empty() { "" } else { joined };
        let sql = format!("SELECT incident_fts.rowid AS number FROM incident_fts {joined} WHERE incident_fts MATCH ? {dates}{rest}");
        (sql, asked(rank))
    };
    let (counted, words) = some(None, format!(" LIMIT {}", EXACT_TOTAL + 1));
    let count =
        Count { with: None, expr: Expr::cust_with_values(format!("(SELECT COUNT(*) FROM ({counted}))"), [words]), total: Total::counted };
    let wanted = if filter.severity.is_empty() { &Severity::ALL[..] } else { &filter.severity };
    let mut worst_first: Vec<_> = wanted.iter().map(|severity| Some(severity.rank())).collect();
    worst_first.sort_unstable();
    let (ranks, direction, beyond) = match sort {
        Sort::Severity => (worst_first, "DESC", "<"),
        Sort::Newest => (vec![None], "DESC", "<"),
        Sort::Oldest => (vec![None], "ASC", ">"),
    };
    let one_by_one = ranks.into_iter().filter(|rank| after.zip(*rank).is_none_or(|(after, rank)| rank >= after.rank)).map(|rank| {
        let behind = after.filter(|after| rank.is_none_or(|rank| rank == after.rank));
        let behind = behind.map(|after| format!(" AND incident_fts.rowid {beyond} {}", after.number)).unwrap_or_default();
        some(rank, format!("{behind} ORDER BY incident_fts.rowid {direction} LIMIT {most}"))
    });
    let (each, words): (Vec<String>, Vec<String>) = one_by_one.map(|(sql, words)| (format!("SELECT number FROM ({sql})"), words)).unzip();
    let numbers = format!("incident.number IN (SELECT number FROM ({}) LIMIT {most})", each.join(" UNION ALL "));
    (count, ordered(Entity::find().filter(Expr::cust_with_values(numbers, words)), sort))
}

/// What an incident must have beside its words, each as the alternatives of it; as the view `incident_words` writes them.
fn facets(scope: &Scope, filter: &Filter) -> Vec<String> {
    let of = |what: &str, id: uuid::Uuid| format!("{what}{}", id.simple());
    let any = |of: Vec<String>| (!of.is_empty()).then(|| of.join(" OR "));
    let status = |state: &State| format!("status{}", state.as_str().replace('_', ""));
    let visible = match scope {
        Scope::All => None,
        Scope::Nothing => Some("nobody".to_owned()),
        Scope::Teams(teams) => any(std::iter::once("everyone".to_owned()).chain(teams.iter().map(|t| of("team", t.uuid()))).collect()),
    };
    [
        visible,
        if only_live(filter) { Some("live".to_owned()) } else { any(filter.status.iter().map(status).collect()) },
        any(filter.severity.iter().map(|severity| format!("rank{}", severity.rank())).collect()),
        filter.service_id.map(|id: Id<_>| of("service", id.uuid())),
        filter.team_id.map(|id| of("team", id.uuid())),
        filter.assigned_to_id.map(|id| of("assigned", id.uuid())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Instants are no words: these incidents are looked at one by one.
fn dates(filter: &Filter) -> String {
    let from = filter.from.map(|from| format!(" AND incident.created_at >= {}", from.ms()));
    let to = filter.to.map(|to| format!(" AND incident.created_at < {}", to.ms()));
    [from, to].into_iter().flatten().collect()
}
