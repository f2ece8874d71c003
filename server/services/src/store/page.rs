//! One page of a list and its honest total, in one statement: they are of one instant, and cost one round trip.

use domain::list::{EXACT_TOTAL, Paging, Total};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement, WithClause},
};

use super::Reader;
use crate::Result;

const TOTAL: &str = "counted";

/// What one look found.
pub(crate) struct Found<M> {
    /// The rows of the page.
    pub rows: Vec<M>,
    /// How many match.
    pub total: Total,
    /// Whether rows follow.
    pub more: bool,
}

/// The part of a statement that finds out how many match.
pub(crate) struct Count {
    /// What it counts, when the statement begins with that.
    pub with: Option<WithClause>,
    /// The number; or, negative, that there are at least so many.
    pub expr: Expr,
    /// What is told of it.
    total: fn(u64) -> Total,
}

/// How many match, up to one beyond what is told exactly; `key` is a column that an index holds.
pub(crate) fn counted<E: EntityTrait>(matching: Select<E>, key: E::Column) -> Count {
    counted_as(None, at_most(matching, key, EXACT_TOTAL + 1))
}

/// How many rows match as an expression says.
pub(crate) fn counted_as(with: Option<WithClause>, expr: Expr) -> Count {
    Count { with, expr, total: Total::counted }
}

/// How many match, counted so far.
pub(crate) fn at_most<E: EntityTrait>(matching: Select<E>, key: E::Column, limit: u64) -> Expr {
    number_of(matching.select_only().column(key).limit(limit).into_query())
}

/// How many rows a statement has.
pub(crate) fn number_of(rows: SelectStatement) -> Expr {
    let count = Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(rows, "counted").to_owned();
    Expr::SubQuery(None, Box::new(count.into()))
}

/// As counters say that are maintained in the transaction of their cause: the sum of `plus` less that of `minus`.
pub(crate) fn counter(plus: &str, minus: Option<&str>) -> Count {
    let less = minus.map(|name| format!("WHEN '{name}' THEN -value ")).unwrap_or_default();
    let sum = format!("(SELECT CAST(COALESCE(SUM(CASE name WHEN '{plus}' THEN value {less}END), 0) AS BIGINT) FROM counter)");
    Count { with: None, expr: Expr::cust(sum), total: Total::Exact }
}

/// Reads one page of what is `ordered`. With `after` the rows before the cursor are left out already; without, the page says
/// how many to pass over.
pub(crate) async fn page<E, M>(reader: &Reader, count: Count, ordered: Select<E>, paging: &Paging) -> Result<Found<M>>
where
    E: EntityTrait,
    M: FromQueryResult,
{
    let backend = reader.get_database_backend();
    let size = paging.page_size as usize;
    let ordered = if paging.after.is_none() { ordered.offset(paging.offset()) } else { ordered };
    // One more than asked for tells whether there is a next page.
    let mut look = ordered.expr_as(count.expr.clone(), TOTAL).limit(size as u64 + 1).into_query();
    let mut alone = Query::select().expr_as(count.expr, TOTAL).to_owned();
    if let Some(with) = count.with {
        look.with_cte(with.clone());
        alone.with_cte(with);
    }
    let found = reader.query_all_raw(backend.build(&look)).await?;
    let counted: i64 = match found.first() {
        Some(row) => row.try_get("", TOTAL)?,
        None if paging.after.is_none() && paging.offset() == 0 => 0,
        // Beyond the end nothing brings the total along.
        None => reader.query_one_raw(backend.build(&alone)).await?.map(|row| row.try_get("", TOTAL)).transpose()?.unwrap_or(0),
    };
    let rows = found.iter().take(size).map(|row| M::from_query_result(row, "")).collect::<std::result::Result<_, DbErr>>()?;
    let total = if counted < 0 { Total::Beyond(counted.unsigned_abs()) } else { (count.total)(counted as u64) };
    Ok(Found { rows, total, more: found.len() > size })
}

/// Adds every column of another table that was joined, each under a prefix.
pub(crate) fn also<E: EntityTrait>(query: &mut SelectStatement, prefix: &str) {
    use sea_orm::ColumnTrait;
    for column in E::Column::iter() {
        query.expr_as(Expr::col(column.as_column_ref()), format!("{prefix}{}", column.as_str()));
    }
}
