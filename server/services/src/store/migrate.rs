//! Migrations: plain SQL per database, each in one transaction, under a lock, recorded by name.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, TransactionTrait};

use super::{Kind, Store};
use crate::{Error, Result};

/// One step of the schema, in both dialects.
struct Migration {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migration {
    ($name:literal) => {
        Migration {
            name: $name,
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }
    };
}

/// In order; a name never changes once released.
const MIGRATIONS: &[Migration] = &[
    migration!("0001_foundation"),
    migration!("0002_growing_lists"),
    migration!("0003_log"),
    migration!("0004_growth"),
    migration!("0005_search"),
];

/// The number of the newest step: an engine of an older one must not work on this schema.
pub const ENGINE_VERSION: i64 = MIGRATIONS.len() as i64;

/// An arbitrary number, the same on every node.
const MIGRATION_LOCK: i64 = 7_201_001;

/// The steps that are not applied yet.
pub async fn pending(store: &Store) -> Result<Vec<&'static str>> {
    // IF NOT EXISTS is no protection among nodes that start at once. Both statements are one transaction.
    let lock = if store.kind == Kind::Postgres { format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK});") } else { String::new() };
    let create = "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, position BIGINT NOT NULL)";
    store.writer.execute_unprepared(&format!("{lock} {create}")).await?;
    let applied = applied(store, &store.reader).await?;
    refuse_newer(&applied)?;
    Ok(MIGRATIONS.iter().map(|m| m.name).filter(|n| !applied.iter().any(|a| a == n)).collect())
}

/// Applies what is pending; answers the names.
pub async fn run(store: &Store) -> Result<Vec<&'static str>> {
    let all = pending(store).await?;
    apply(store, all).await
}

/// Brings an empty database to the schema of a backup: these steps and no other.
pub(crate) async fn run_as(store: &Store, names: &[String]) -> Result<()> {
    refuse_newer(names)?;
    let all = pending(store).await?;
    apply(store, all.into_iter().filter(|n| names.iter().any(|name| name == n)).collect()).await?;
    match applied(store, &store.reader).await? {
        have if have == names => Ok(()),
        have => Err(Error::Stored(format!("the database has the schema {have:?} and the backup {names:?}; give an empty database"))),
    }
}

/// The names of the steps that the database has, in order.
pub(crate) async fn names<C: ConnectionTrait>(store: &Store, conn: &C) -> Result<Vec<String>> {
    applied(store, conn).await
}

#[allow(clippy::disallowed_methods, reason = "the schema is changed outside the path of business writes")]
async fn apply(store: &Store, names: Vec<&'static str>) -> Result<Vec<&'static str>> {
    let mut done = Vec::new();
    for name in names {
        let Some(step) = MIGRATIONS.iter().find(|m| m.name == name) else { continue };
        let tx = store.writer.begin().await?;
        let sql = match store.kind {
            Kind::Sqlite => step.sqlite,
            Kind::Postgres => {
                tx.execute_raw(Statement::from_sql_and_values(
                    store.backend(),
                    "SELECT pg_advisory_xact_lock($1)",
                    [MIGRATION_LOCK.into()],
                ))
                .await?;
                // Another node may have been first while this one waited.
                if applied(store, &tx).await?.iter().any(|a| a == name) {
                    tx.rollback().await?;
                    continue;
                }
                step.postgres
            }
        };
        tx.execute_unprepared(sql).await?;
        record(store, &tx, name).await?;
        tx.commit().await?;
        done.push(name);
    }
    Ok(done)
}

async fn applied<C: ConnectionTrait>(store: &Store, conn: &C) -> Result<Vec<String>> {
    let rows = conn.query_all_raw(Statement::from_string(store.backend(), "SELECT name FROM migration ORDER BY position")).await?;
    rows.iter().map(|r| Ok(r.try_get_by_index::<String>(0)?)).collect()
}

async fn record(store: &Store, tx: &DatabaseTransaction, name: &str) -> Result<()> {
    let position = MIGRATIONS.iter().position(|m| m.name == name).unwrap_or_default() as i64;
    tx.execute_raw(Statement::from_sql_and_values(
        store.backend(),
        "INSERT INTO migration (name, position) VALUES ($1, $2)",
        [name.into(), position.into()],
    ))
    .await?;
    Ok(())
}

fn refuse_newer(applied: &[String]) -> Result<()> {
    match applied.iter().find(|a| !MIGRATIONS.iter().any(|m| m.name == a.as_str())) {
        Some(newer) => Err(Error::Stored(format!(
            "the database was made by a newer OpsGuard (it has {newer}); start that version, or restore a backup"
        ))),
        None => Ok(()),
    }
}
