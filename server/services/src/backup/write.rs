//! Writing an archive: everything as it is at one instant, walked by primary key.

use std::path::Path;

use domain::Instant;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value as Sql};

use super::{Counted, FORMAT, LEFT_OUT, Manifest, archive::Writer, key, value};
use crate::{
    Error, Result,
    store::{
        Kind, Store, migrate,
        schema::{self, Table},
    },
};

/// Rows of one read, and of one part.
const CHUNK: usize = 200;

/// The key ring to take along, and the passphrase that seals it.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// As `OPSGUARD_SECRET_KEY` has it; see [`crate::store::keyring::text`].
    pub ring: &'a str,
    /// At least 12 characters.
    pub passphrase: &'a str,
}

/// Writes the whole database to a new file at `to`. Others may go on writing meanwhile; the archive holds one instant. With
/// SQLite a process beside the server opens the store by [`Store::peek`].
pub async fn backup(store: &Store, to: &Path, made_at: Instant, with: Option<Key<'_>>) -> Result<Manifest> {
    let sealed = match with {
        Some(k) => Some(key::seal(k.ring, k.passphrase).await?),
        None => None,
    };
    let archive = Writer::create(to)?;
    match fill(store, &archive, made_at, sealed).await {
        Ok(manifest) => archive.finish().await.map(|()| manifest),
        Err(e) => {
            archive.abandon().await;
            Err(e)
        }
    }
}

async fn fill(store: &Store, archive: &Writer, made_at: Instant, sealed: Option<Vec<u8>>) -> Result<Manifest> {
    let snapshot = store.snapshot().await?;
    let schema = migrate::names(store, &snapshot).await?;
    let mut tables = schema::tables(store, &snapshot).await?;
    tables.retain(|t| !LEFT_OUT.iter().any(|(name, _)| *name == t.name));
    let mut counted = Vec::new();
    for table in &tables {
        let count = Statement::from_string(store.backend(), format!("SELECT COUNT(*) FROM \"{}\"", table.name));
        let row = snapshot.query_one_raw(count).await?;
        let rows: i64 = row.map(|r| r.try_get_by_index(0)).transpose()?.unwrap_or(0);
        counted.push(Counted { name: table.name.clone(), columns: table.columns.clone(), rows: rows as u64 });
    }
    let database = if store.kind == Kind::Sqlite { "sqlite" } else { "postgres" };
    let manifest =
        Manifest { format: FORMAT, version: env!("CARGO_PKG_VERSION").into(), made_at, database: database.into(), schema, tables: counted };
    archive.put("manifest.json".into(), serde_json::to_vec_pretty(&manifest)?).await?;
    if let Some(sealed) = sealed {
        archive.put(key::MEMBER.into(), sealed).await?;
    }
    for table in &tables {
        walk(store, &snapshot, table, archive).await?;
    }
    snapshot.commit().await?;
    Ok(manifest)
}

async fn walk(store: &Store, snapshot: &DatabaseTransaction, table: &Table, archive: &Writer) -> Result<()> {
    let quoted = |names: &[String]| names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let columns: Vec<_> = table.columns.iter().map(|c| c.name.clone()).collect();
    let key = quoted(&table.key);
    if key.is_empty() {
        return Err(Error::Stored(format!("the table {} has no primary key to walk it by", table.name)));
    }
    let marks = (1..=table.key.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ");
    let mut behind: Option<Vec<Sql>> = None;
    for part in 1.. {
        let from = if behind.is_some() { format!("WHERE ({key}) > ({marks})") } else { String::new() };
        let sql = format!("SELECT {} FROM \"{}\" {from} ORDER BY {key} LIMIT {CHUNK}", quoted(&columns), table.name);
        let rows = snapshot.query_all_raw(Statement::from_sql_and_values(store.backend(), sql, behind.take().unwrap_or_default())).await?;
        let mut lines = Vec::new();
        for row in &rows {
            let (mut values, mut keys) = (Vec::new(), vec![None; table.key.len()]);
            for (index, column) in table.columns.iter().enumerate() {
                let (json, sql) = value::read(row, index, column.holds)?;
                values.push(json);
                if let Some(place) = table.key.iter().position(|k| *k == column.name) {
                    keys[place] = Some(sql);
                }
            }
            serde_json::to_writer(&mut lines, &values)?;
            lines.push(b'\n');
            behind = Some(keys.into_iter().flatten().collect());
        }
        if !lines.is_empty() {
            archive.put(format!("rows/{}/{part:06}.jsonl", table.name), lines).await?;
        }
        if rows.len() < CHUNK {
            break;
        }
    }
    Ok(())
}
