//! What the database says of itself: its tables, their columns and keys, and which table refers to which.
//!
//! The backup walks what it finds here, so that a new table cannot be forgotten; a test compares both databases by it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde::{Deserialize, Serialize};

use super::{Kind, Store};
use crate::{Error, Result};

/// What a column holds. SQLite knows only `Int`, `Text`, `Bytes` and `Real`: there an id is `Bytes` and a truth an `Int`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// 64 bits, signed.
    Int,
    /// UTF-8.
    Text,
    /// Any bytes.
    Bytes,
    /// 16 bytes.
    Uuid,
    /// Yes or no.
    Bool,
    /// 64 bits, floating.
    Real,
}

impl Holds {
    fn of(table: &str, column: &str, declared: &str) -> Result<Self> {
        Ok(match declared.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => Self::Int,
            "text" => Self::Text,
            "blob" | "bytea" => Self::Bytes,
            "uuid" => Self::Uuid,
            "boolean" => Self::Bool,
            "real" | "double precision" => Self::Real,
            other => return Err(Error::Stored(format!("{table}.{column} is of the type {other:?}, which a backup cannot carry"))),
        })
    }
}

/// A column that rows are stored in; computed ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub holds: Holds,
    /// Whether it may be empty.
    #[serde(default)]
    pub nullable: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// In the order of the schema.
    pub columns: Vec<Column>,
    /// The primary key.
    pub key: Vec<String>,
    /// The tables that its rows refer to.
    pub refers_to: BTreeSet<String>,
    /// The column that the database numbers, if any.
    pub numbered: Option<String>,
}

/// Every table that holds rows of its own, referred ones first. Indexes over words and the like are made by triggers and are
/// not among them.
pub async fn tables<C: ConnectionTrait>(store: &Store, conn: &C) -> Result<Vec<Table>> {
    let mut found = BTreeMap::new();
    for name in names(store.kind, conn).await? {
        let table = match store.kind {
            Kind::Sqlite => sqlite(conn, &name).await?,
            Kind::Postgres => postgres(conn, &name).await?,
        };
        found.insert(name, table);
    }
    ordered(found)
}

async fn rows<C: ConnectionTrait>(conn: &C, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
    Ok(conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), sql, values)).await?)
}

async fn names<C: ConnectionTrait>(kind: Kind, conn: &C) -> Result<Vec<String>> {
    let sql = match kind {
        Kind::Sqlite => {
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
        Kind::Postgres => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        }
    };
    rows(conn, sql, vec![]).await?.iter().map(|r| Ok(r.try_get_by_index(0)?)).collect()
}

async fn sqlite<C: ConnectionTrait>(conn: &C, name: &str) -> Result<Table> {
    let (mut columns, mut key) = (Vec::new(), BTreeMap::new());
    for row in rows(conn, "SELECT name, type, \"notnull\", pk FROM pragma_table_info($1) ORDER BY cid", vec![name.into()]).await? {
        let (column, declared): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let (not_null, part): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        if part > 0 {
            key.insert(part, column.clone());
        }
        columns.push(Column { holds: Holds::of(name, &column, &declared)?, nullable: not_null == 0 && part == 0, name: column });
    }
    let refers = rows(conn, "SELECT \"table\" FROM pragma_foreign_key_list($1)", vec![name.into()]).await?;
    let refers_to = refers.iter().map(|r| Ok(r.try_get_by_index(0)?)).collect::<Result<_>>()?;
    // AUTOINCREMENT goes on behind the highest number that was ever inserted, without a hand.
    Ok(Table { name: name.to_owned(), columns, key: key.into_values().collect(), refers_to, numbered: None })
}

async fn postgres<C: ConnectionTrait>(conn: &C, name: &str) -> Result<Table> {
    let (mut columns, mut numbered) = (Vec::new(), None);
    let sql = "SELECT column_name::text, data_type::text, is_nullable = 'YES', is_identity = 'YES' FROM information_schema.columns \
        WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position";
    for row in rows(conn, sql, vec![name.into()]).await? {
        let (column, declared): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if row.try_get_by_index::<bool>(3)? {
            numbered = Some(column.clone());
        }
        columns.push(Column { holds: Holds::of(name, &column, &declared)?, nullable: row.try_get_by_index(2)?, name: column });
    }
    let key = "SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) \
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number \
        WHERE i.indisprimary AND i.indrelid = to_regclass($1::text) ORDER BY k.place";
    let key = rows(conn, key, vec![name.into()]).await?.iter().map(|r| Ok(r.try_get_by_index(0)?)).collect::<Result<_>>()?;
    let refers = "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid = to_regclass($1::text)";
    let refers_to = rows(conn, refers, vec![name.into()]).await?.iter().map(|r| Ok(r.try_get_by_index(0)?)).collect::<Result<_>>()?;
    Ok(Table { name: name.to_owned(), columns, key, refers_to, numbered })
}

/// Referred tables first, otherwise by name: the same order on both databases.
fn ordered(mut left: BTreeMap<String, Table>) -> Result<Vec<Table>> {
    let mut done: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let free = |t: &&Table| t.refers_to.iter().all(|r| *r == t.name || done.iter().any(|d| d.name == *r));
        let Some(name) = left.values().find(free).map(|t| t.name.clone()) else {
            return Err(Error::Stored(format!("these tables refer to each other in a circle: {:?}", left.keys().collect::<Vec<_>>())));
        };
        done.extend(left.remove(&name));
    }
    Ok(done)
}
