//! Restoring an archive into an empty database of either kind: all of it, or nothing.

use std::{collections::HashMap, path::Path};

use domain::{Instant, time::HOUR};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value as Sql};
use serde_json::Value;

use super::{Counted, FORMAT, LEFT_OUT, Manifest, archive, key, value};
use crate::{
    Error, Result,
    store::{
        Kind, Store, migrate,
        schema::{self, Table},
        setting,
    },
};

/// Rows of one statement.
const CHUNK: usize = 100;
/// A job that was due longer ago than this is given up visibly: its effect would surprise.
const TOO_LATE_MS: i64 = HOUR;

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::Stored(format!("the backup is damaged: {what}"))
}

/// Restores the archive at `from` into this empty database, brings its schema up to date, and starts a new epoch, so that no
/// client resumes in the history that went on after the backup.
pub async fn restore(store: &Store, from: &Path, now: Instant) -> Result<Manifest> {
    let mut members = archive::read(from)?;
    let manifest = match members.recv().await {
        Some(member) => match member? {
            (name, bytes) if name == "manifest.json" => serde_json::from_slice::<Manifest>(&bytes).map_err(damaged)?,
            (name, _) => return Err(damaged(format!("it begins with {name}, not with manifest.json"))),
        },
        None => return Err(damaged("it holds nothing")),
    };
    if manifest.format != FORMAT {
        return Err(Error::Stored(format!(
            "the backup is of the form {}, which this version does not read; use OpsGuard {}",
            manifest.format, manifest.version
        )));
    }
    migrate::run_as(store, &manifest.schema).await?;
    let tx = store.filling().await?;
    let tables = schema::tables(store, &tx).await?;
    refuse_full(store, &tx, &tables).await?;
    let mut loaded: HashMap<String, u64> = HashMap::new();
    while let Some(member) = members.recv().await {
        let (name, bytes) = member?;
        if name == key::MEMBER {
            continue;
        }
        let table = name.strip_prefix("rows/").and_then(|n| n.split('/').next()).ok_or_else(|| damaged(format!("it holds {name}")))?;
        let source = manifest.tables.iter().find(|t| t.name == table).ok_or_else(|| damaged(format!("the manifest lacks {table}")))?;
        let target = tables.iter().find(|t| t.name == table).ok_or_else(|| damaged(format!("there is no table {table}")))?;
        *loaded.entry(table.to_owned()).or_default() += load(&tx, source, target, &bytes).await?;
    }
    for table in &manifest.tables {
        let rows = loaded.get(&table.name).copied().unwrap_or(0);
        if rows != table.rows {
            return Err(damaged(format!("it holds {rows} of the {} rows of {}", table.rows, table.name)));
        }
    }
    settle(store, &tx, &tables, now).await?;
    tx.commit().await?;
    migrate::run(store).await?;
    Ok(manifest)
}

async fn refuse_full(store: &Store, tx: &DatabaseTransaction, tables: &[Table]) -> Result<()> {
    for table in tables.iter().filter(|t| t.name != "migration") {
        let any = Statement::from_string(store.backend(), format!("SELECT 1 FROM \"{}\" LIMIT 1", table.name));
        if tx.query_one_raw(any).await?.is_some() {
            return Err(Error::Stored(format!(
                "the database is not empty (it has rows in {}); a backup is restored into an empty one only, so that nothing is mixed or lost",
                table.name
            )));
        }
    }
    Ok(())
}

/// Loads one part; answers its rows.
async fn load(tx: &DatabaseTransaction, source: &Counted, target: &Table, bytes: &[u8]) -> Result<u64> {
    let holds = |name: &str| {
        target
            .columns
            .iter()
            .find(|c| c.name == name)
            .map(|c| c.holds)
            .ok_or_else(|| damaged(format!("{} has no column {name}", target.name)))
    };
    let columns = source.columns.iter().map(|c| Ok((c.name.as_str(), c.holds, holds(&c.name)?))).collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = columns.iter().map(|(name, ..)| format!("\"{name}\"")).collect();
    let sqlite = tx.get_database_backend() == DbBackend::Sqlite;
    let rows = serde_json::Deserializer::from_slice(bytes).into_iter::<Vec<Value>>().collect::<Result<Vec<_>, _>>().map_err(damaged)?;
    for chunk in rows.chunks(CHUNK) {
        let (mut values, mut lines): (Vec<Sql>, Vec<String>) = (Vec::new(), Vec::new());
        for row in chunk {
            if row.len() != columns.len() {
                return Err(damaged(format!("a row of {} has {} values instead of {}", target.name, row.len(), columns.len())));
            }
            let mut marks = Vec::new();
            for (json, (name, was, holds)) in row.iter().zip(&columns) {
                values.push(
                    value::write(json, *was, *holds)
                        .ok_or_else(|| damaged(format!("{}.{name} holds a value of another kind", target.name)))?,
                );
                // SQLite looks names of parameters up one by one, for each of them: with thousands that is all it does.
                marks.push(if sqlite { "?".to_owned() } else { format!("${}", values.len()) });
            }
            lines.push(format!("({})", marks.join(", ")));
        }
        let insert = format!("INSERT INTO \"{}\" ({}) VALUES {}", target.name, names.join(", "), lines.join(", "));
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), insert, values)).await?;
    }
    Ok(rows.len() as u64)
}

/// What the restored state must not carry over from the one it was taken of.
async fn settle(store: &Store, tx: &DatabaseTransaction, tables: &[Table], now: Instant) -> Result<()> {
    setting::put(tx, "epoch", &uuid::Uuid::new_v4().simple().to_string(), now).await?;
    let run = |sql: &str, values: Vec<Sql>| tx.execute_raw(Statement::from_sql_and_values(store.backend(), sql, values));
    // What was running may have had its effect or not; it is tried again, unless that would be long after the fact.
    run("UPDATE job SET state = 'waiting', lease_owner = NULL, lease_until = NULL WHERE state = 'running'", vec![]).await?;
    let late = "UPDATE job SET state = 'dead', finished_at = $1, error = 'expired: it was due more than an hour before the backup was restored' \
        WHERE state = 'waiting' AND run_at < $2";
    run(late, vec![now.ms().into(), now.plus(-TOO_LATE_MS).ms().into()]).await?;
    if store.kind == Kind::Postgres {
        for (table, column) in tables.iter().filter_map(|t| Some((&t.name, t.numbered.as_ref()?))) {
            let sql = format!(
                "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), COALESCE(MAX(\"{column}\"), 1), MAX(\"{column}\") IS NOT NULL) FROM \"{table}\""
            );
            tx.query_one_raw(Statement::from_string(store.backend(), sql)).await?;
        }
    }
    debug_assert!(LEFT_OUT.iter().all(|(name, _)| tables.iter().any(|t| t.name == *name)), "a table that is left out does not exist");
    Ok(())
}
