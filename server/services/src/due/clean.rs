//! Rows with an end: idempotency records, sessions, kept form contents, presence, files of
//! builds, payloads, jobs. Removed in chunks.

use domain::time::DAY;
use sea_orm::{ConnectionTrait, Statement};

use crate::{Cx, Result};

/// Rows that one write removes.
const CHUNK: i64 = 100;
/// Raw payloads are kept this long.
const PAYLOAD_MS: i64 = 30 * DAY;
/// Dead letters are kept this long, jobs that were done a day.
const DEAD_MS: i64 = 90 * DAY;

/// Table, its key columns, the column with the end, how long a row stays beyond it, of which rows.
const TABLES: [(&str, &str, &str, i64, &str); 9] = [
    ("idempotency", "actor, key", "expires_at", 0, "TRUE"),
    ("session", "id", "expires_at", 0, "TRUE"),
    ("session_flash", "session_id, form", "expires_at", 0, "TRUE"),
    ("asset", "path", "expires_at", 0, "TRUE"),
    ("presence", "entity, connection", "until", 0, "TRUE"),
    ("attempt", "subject_sha256, action", "last_at", DAY, "TRUE"),
    ("payload", "id", "at", PAYLOAD_MS, "TRUE"),
    ("job", "id", "finished_at", DAY, "state = 'done'"),
    ("job", "id", "finished_at", DEAD_MS, "state = 'dead'"),
];

/// Removes up to a chunk of each; answers how many rows went.
pub(crate) async fn expired(cx: &Cx) -> Result<u64> {
    let cx = cx.bulk();
    let mut removed = 0;
    for (table, key, end, stay, which) in TABLES {
        let until = cx.now().plus(-stay).ms();
        // A read first: in the usual case there is nothing to do and no write to begin.
        let probe = Statement::from_sql_and_values(
            cx.app.store.backend(),
            format!("SELECT 1 FROM {table} WHERE {which} AND {end} < $1 LIMIT 1"),
            [until.into()],
        );
        if cx.reader().query_one_raw(probe).await?.is_none() {
            continue;
        }
        let backend = cx.app.store.backend();
        let sql = format!("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {which} AND {end} < $1 LIMIT $2)");
        removed += cx
            .write_plain(move |tx| {
                let delete = Statement::from_sql_and_values(backend, sql.clone(), [until.into(), CHUNK.into()]);
                async move { Ok(tx.conn().execute_raw(delete).await?.rows_affected()) }
            })
            .await?;
    }
    Ok(removed)
}
