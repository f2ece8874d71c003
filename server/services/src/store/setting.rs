//! Settings of the installation: small values by name.

use domain::Instant;
use sea_orm::{ConnectionTrait, Statement};

use super::Store;
use crate::Result;

/// The stored value.
pub async fn get<C: ConnectionTrait>(conn: &C, name: &str) -> Result<Option<String>> {
    let select = Statement::from_sql_and_values(conn.get_database_backend(), "SELECT value FROM setting WHERE name = $1", [name.into()]);
    Ok(conn.query_one_raw(select).await?.map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Stores a value.
pub async fn put<C: ConnectionTrait>(conn: &C, name: &str, value: &str, now: Instant) -> Result<()> {
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at";
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, [name.into(), value.into(), now.ms().into()]))
        .await?;
    Ok(())
}

/// Stores a value unless there is one; answers the one that holds. Safe among nodes that start at once.
pub(crate) async fn put_first(store: &Store, name: &str, value: &str, now: Instant) -> Result<String> {
    let sql = "INSERT INTO setting (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    store.writer.execute_raw(Statement::from_sql_and_values(store.backend(), sql, [name.into(), value.into(), now.ms().into()])).await?;
    Ok(get(&store.reader, name).await?.unwrap_or_else(|| value.to_owned()))
}

/// The epoch of the journal: new after each restore, so that no client resumes in another history.
pub(crate) async fn epoch(store: &Store, now: Instant) -> Result<String> {
    put_first(store, "epoch", &uuid::Uuid::new_v4().simple().to_string(), now).await
}
