//! Who works: a lease by name. Work is guarded by unique keys too, so that two holders are harmless.
//!
//! Leases never use the movable clock: PostgreSQL compares with its own. On SQLite the file lock proves that nobody else
//! lives.

use sea_orm::{ConnectionTrait, Statement};

use crate::{App, Result, store::Kind};

/// A lease that is not renewed ends after this.
const LENGTH_MS: i64 = 15_000;

/// Takes or renews the lease; false when another node has it.
pub async fn holds(app: &App, name: &str) -> Result<bool> {
    if app.store.kind == Kind::Sqlite {
        return Ok(true);
    }
    let sql = "INSERT INTO lease (name, owner, term, until) \
        VALUES ($1, $2, 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + $3) \
        ON CONFLICT (name) DO UPDATE SET \
          term = lease.term + CASE WHEN lease.owner = excluded.owner THEN 0 ELSE 1 END, owner = excluded.owner, until = excluded.until \
        WHERE lease.owner = excluded.owner OR lease.until < (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let taken = app
        .store
        .reader
        .execute_raw(Statement::from_sql_and_values(app.store.backend(), sql, [name.into(), app.node.into(), LENGTH_MS.into()]))
        .await?;
    Ok(taken.rows_affected() == 1)
}

/// Gives every lease of this node back, so that another need not wait for their end.
pub(crate) async fn release(app: &App) -> Result<()> {
    if app.store.kind == Kind::Postgres {
        app.store
            .reader
            .execute_raw(Statement::from_sql_and_values(app.store.backend(), "DELETE FROM lease WHERE owner = $1", [app.node.into()]))
            .await?;
    }
    Ok(())
}
