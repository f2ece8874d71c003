//! Counters that are maintained in the transaction of their cause. One row each: take it late in a write, others wait for it.

use sea_orm::{ConnectionTrait, Statement, Value};

use crate::{Error, Result, Tx};

/// How many alerts there are.
pub(crate) const ALERTS: &str = "alert";
/// The latest short number of an incident.
pub(crate) const NUMBERS: &str = "incident_number";
/// How many incidents were removed: their numbers are not given again.
pub(crate) const REMOVED: &str = "incident_removed";

/// Adds to a counter; answers what it is now.
pub(crate) async fn add(tx: &Tx, name: &'static str, by: i64) -> Result<i64> {
    let [now] = add_all(tx, [(name, by)]).await?;
    Ok(now)
}

/// Adds to several in one statement, always in the order of their names; answers what each is now.
pub(crate) async fn add_all<const N: usize>(tx: &Tx, counters: [(&'static str, i64); N]) -> Result<[i64; N]> {
    debug_assert!(counters.is_sorted_by_key(|(name, _)| *name), "two writes that take them in different orders would wait for each other");
    let rows: Vec<_> = (0..N).map(|n| format!("(${}, ${})", 2 * n + 1, 2 * n + 2)).collect();
    let sql = format!(
        "INSERT INTO counter (name, value) VALUES {} \
         ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING name, value",
        rows.join(", ")
    );
    let values = counters.iter().flat_map(|(name, by)| [Value::from(*name), Value::from(*by)]);
    let mut now = [0; N];
    for row in tx.conn().query_all_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, values)).await? {
        let name: String = row.try_get_by_index(0)?;
        let place = counters.iter().position(|(counter, _)| *counter == name).ok_or(Error::Lost)?;
        now[place] = row.try_get_by_index(1)?;
    }
    Ok(now)
}
