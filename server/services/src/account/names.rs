//! Names for ids: what lists and journals show beside a reference.

use std::collections::HashMap;

use domain::{Id, account::User, service::Service};
use sea_orm::{ConnectionTrait, Statement, Value, sea_query::Expr};
use uuid::Uuid;

use crate::{Result, error::Error};

/// The name of what a column refers to, as one more column of the same statement; both are words of the schema, never input.
pub(crate) fn of_column(table: &'static str, reference: &'static str) -> Expr {
    Expr::cust(format!("(SELECT named.name FROM {table} named WHERE named.id = {reference})"))
}

/// The names that an incident's row shows: its service's, and its assignee's.
pub(crate) async fn of_incident<C: ConnectionTrait>(
    conn: &C,
    service: Id<Service>,
    assignee: Option<Id<User>>,
) -> Result<(String, Option<String>)> {
    let sql = "SELECT s.name, (SELECT a.name FROM account a WHERE a.id = $2) FROM service s WHERE s.id = $1";
    let values: [Value; 2] = [service.uuid().into(), assignee.map(Id::uuid).into()];
    let row = conn.query_one_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    let row = row.ok_or_else(|| Error::Stored(format!("an incident names the service {service}, which is not there")))?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

/// The names of people.
pub(crate) async fn people<C: ConnectionTrait>(conn: &C, mut ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let marks: Vec<String> = (1..=ids.len()).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT id, name FROM account WHERE id IN ({})", marks.join(", "));
    let values = ids.into_iter().map(Value::from);
    let rows = conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?;
    rows.iter().map(|r| Ok((r.try_get_by_index(0)?, r.try_get_by_index(1)?))).collect()
}
