//! SQLite: the full text holds what lists are filtered by, each a word with its place, and finds by falling or rising number:
//! a list by severity is the lists of each severity, one behind the other. What only few have is looked up and sorted instead:
//! to come upon it, those lists would be walked to their ends.

use domain::{
    Id,
    account::Scope,
    incident::{Filter, Sort, State},
    list::EXACT_TOTAL,
};
use sea_orm::{
    ColumnTrait, EntityTrait, Order, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CommonTableExpression, Expr, Query, SelectStatement, UnionType},
};

use super::{FEW, LARGE, counted_if_large, ranks};
use crate::{
    incident::{
        entity::{Column, Entity},
        list::{After, only_live, ordered},
    },
    store::{
        page::{self, Count},
        search,
    },
};

/// See [`super::look`].
pub(super) fn look(scope: &Scope, filter: &Filter, words: &str, sort: Sort, after: Option<After>, most: u64) -> (Count, Select<Entity>) {
    const FOUND: &str = "found";
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
    let some = counted_if_large(most);
    let found = CommonTableExpression::new().query(all().limit(some).take()).table_name(FOUND).materialized(true).to_owned();

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
        Sort::Severity => ranks(filter, after).into_iter().map(Some).collect(),
        Sort::Newest | Sort::Oldest => vec![None],
    };
    let alone = |select: SelectStatement| Query::select().column(Column::Number).from_subquery(select, "part").take();
    let mut parts = alone(of_few.into_query());
    parts.unions(ranks.into_iter().map(|rank| (UnionType::All, alone(stream(rank)))));
    let numbers = alone(parts).limit(most).take();
    let every = page::number_of(all().limit(EXACT_TOTAL + 1).take());
    let some = Expr::cust(format!("(SELECT iif(COUNT(*) < {some}, COUNT(*), -COUNT(*)) FROM {FOUND})"));
    let is_large = Expr::cust(format!("(SELECT MAX(number) FROM incident) > {LARGE}"));
    let total = Expr::case(is_large, some).finally(every).into();
    let count = page::counted_as(Some(found.into()), total);
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
