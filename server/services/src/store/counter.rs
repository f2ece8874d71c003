//! Counters that are maintained in the transaction of their cause. One row each: take it late in a write, others wait for it.

use sea_orm::{ConnectionTrait, Statement};

use crate::{Error, Result, Tx};

/// Adds to a counter; answers what it is now.
pub(crate) async fn add(tx: &Tx, name: &'static str, by: i64) -> Result<i64> {
    let sql = "INSERT INTO counter (name, value) VALUES ($1, $2) \
               ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value";
    let add = Statement::from_sql_and_values(tx.conn().get_database_backend(), sql, [name.into(), by.into()]);
    Ok(tx.conn().query_one_raw(add).await?.ok_or(Error::Lost)?.try_get_by_index(0)?)
}
