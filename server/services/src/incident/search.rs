//! Incidents by words: one page and the total, in a million incidents too, whether the words are in one of them or in half.
//!
//! Neither database does this by itself: to sort, both read all that matches; or PostgreSQL, hoping for frequent words, walks
//! all incidents in order to find the only one. What is left is the total, which is counted up to [`EXACT_TOTAL`]: SQLite's full
//! text counts by itself, PostgreSQL visits each row.

use domain::{
    Id,
    account::Scope,
    incident::{Filter, Severity, Sort, State},
    list::{EXACT_TOTAL, Paging},
};
use sea_orm::{
    ColumnTrait, DbBackend, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, Query, SelectStatement, UnionType},
};

use super::{
    entity::{Column, Entity},
    list::{After, matching, only_live, ordered},
};
use crate::store::{page, page::Count, search};

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
    let gathered = Query::select().column(Column::Number).from(FOUND).take();
    let count = Count { with: Some(some.into()), ..page::counted_of(gathered) };
    (count, ordered(Entity::find().filter(Column::Number.in_subquery(numbers)), sort))
}

/// SQLite: the full text holds what lists are filtered by, each a word with its place, and finds by falling or rising number:
/// a list by severity is the lists of each severity, one behind the other. What only few have is looked up and sorted instead:
/// to come upon it, those lists would be walked to their ends.
fn streamed(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    const FOUND: &str = "found";
    const FEW: u64 = 200;
    let is_few = format!("(SELECT COUNT(*) FROM {FOUND}) <= {FEW}");
    let rows = |matching: Expr| {
        let mut rows = Query::select();
        rows.expr_as(Expr::cust("incident_fts.rowid"), Column::Number).from("incident_fts").and_where(matching);
        // Instants are no words: these incidents are looked at one by one.
        if filter.from.or(filter.to).is_some() {
            rows.cross_join(Entity).and_where(Expr::cust("incident.number = incident_fts.rowid"));
            filter.from.map(|from| rows.and_where(Column::CreatedAt.gte(from.ms())));
            filter.to.map(|to| rows.and_where(Column::CreatedAt.lt(to.ms())));
        }
        rows
    };
    let facets = Facets::of(scope, filter);
    let all = || rows(Expr::cust_with_values("incident_fts MATCH ?", [facets.with(words, None)]));
    let found = CommonTableExpression::new().query(all().limit(FEW + 1).take()).table_name(FOUND).materialized(true).to_owned();

    let mut of_few = ordered(Entity::find().select_only().column(Column::Number), sort)
        .filter(Expr::cust(format!("incident.number IN (SELECT number FROM {FOUND} LIMIT iif({is_few}, {FEW}, 0))")))
        .limit(most);
    if let Some(after) = after {
        of_few = of_few.filter(after.behind(sort));
    }
    let stream = |rank: Option<i64>| {
        let matching = format!("incident_fts MATCH iif({is_few}, '{}', ?)", Facets::NOBODY);
        let mut rows = rows(Expr::cust_with_values(matching, [facets.with(words, rank)]));
        if let Some(After { number, .. }) = after.filter(|after| rank.is_none_or(|rank| rank == after.rank)) {
            let beyond = if sort == Sort::Oldest { ">" } else { "<" };
            rows.and_where(Expr::cust(format!("incident_fts.rowid {beyond} {number}")));
        }
        let direction = if sort == Sort::Oldest { Order::Asc } else { Order::Desc };
        rows.order_by_expr(Expr::cust("incident_fts.rowid"), direction).limit(most).take()
    };
    let ranks = match sort {
        Sort::Severity => {
            let wanted = Severity::ALL.iter().filter(|severity| filter.severity.is_empty() || filter.severity.contains(severity));
            wanted.map(|severity| severity.rank()).filter(|rank| after.is_none_or(|after| *rank >= after.rank)).map(Some).collect()
        }
        Sort::Newest | Sort::Oldest => vec![None],
    };
    let alone = |select: SelectStatement| Query::select().column(Column::Number).from_subquery(select, "part").take();
    let mut parts = alone(of_few.into_query());
    parts.unions(ranks.into_iter().map(|rank| (UnionType::All, alone(stream(rank)))));
    let numbers = alone(parts).limit(most).take();
    let count = Count { with: Some(found.into()), ..page::counted_of(all().limit(EXACT_TOTAL + 1).take()) };
    (count, ordered(Entity::find().filter(Column::Number.in_subquery(numbers)), sort))
}

/// What an incident must have beside its words, as the view `incident_words` writes it. Each is a choice of alternatives.
struct Facets {
    rest: Vec<String>,
    /// What severities are told by: only what is live, or all.
    rank: &'static str,
    ranks: Vec<i64>,
}

impl Facets {
    /// Nothing has it.
    const NOBODY: &str = "facets : nobody";

    fn of(scope: &Scope, filter: &Filter) -> Self {
        let of = |what: &str, id: uuid::Uuid| format!("{what}{}", id.simple());
        let any = |of: Vec<String>| (!of.is_empty()).then(|| of.join(" OR "));
        let status = |state: &State| format!("status{}", state.as_str().replace('_', ""));
        let visible = match scope {
            Scope::All => None,
            Scope::Nothing => Some("nobody".to_owned()),
            Scope::Teams(teams) => any(std::iter::once("everyone".to_owned()).chain(teams.iter().map(|t| of("team", t.uuid()))).collect()),
        };
        let rest = [
            filter.assigned_to_id.map(|id| of("assigned", id.uuid())),
            filter.service_id.map(|id: Id<_>| of("service", id.uuid())),
            filter.team_id.map(|id| of("team", id.uuid())),
            if only_live(filter) { Some("live".to_owned()) } else { any(filter.status.iter().map(status).collect()) },
            visible,
        ];
        let rank = if only_live(filter) { "live" } else { "rank" };
        let ranks = filter.severity.iter().map(|severity| severity.rank()).collect();
        Self { rest: rest.into_iter().flatten().collect(), rank, ranks }
    }

    /// The expression that finds them with these words, and of one severity only.
    fn with(&self, words: &str, rank: Option<i64>) -> String {
        let ranks = rank.map_or_else(|| self.ranks.clone(), |rank| vec![rank]);
        let ranks = ranks.iter().map(|rank| format!("{}{rank}", self.rank)).collect::<Vec<_>>().join(" OR ");
        // `live1` says `live` as well.
        let rest = self.rest.iter().filter(|facet| ranks.is_empty() || *facet != self.rank);
        let facets = rest.chain(std::iter::once(&ranks).filter(|ranks| !ranks.is_empty()));
        facets.fold(search::expression(&["title", "description"], words), |all, facet| format!("{all} AND facets : ({facet})"))
    }
}
