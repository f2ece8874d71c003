//! The files of the builds that nodes run, kept in the database by their hashed path until a day after the last node of a
//! build left: an upgrade does not break open tabs, and no node of a mixed set answers 404 for another's file.

use domain::{Instant, time::DAY};
use sea_orm::{ConnectionTrait, Statement, Value as Sql};

use crate::{App, Cx, Result};

/// Files stay this long after the last sign of life of their build.
const KEEP_MS: i64 = DAY;

/// A file as it was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFile {
    /// `/pkg/opsguard.<hash>.wasm`.
    pub path: String,
    /// As sent.
    pub content_type: String,
    /// `gzip` or `identity`.
    pub encoding: String,
    /// In that encoding.
    pub body: Vec<u8>,
}

/// Says that this build lives: stores what is not there yet, and pushes the end of what is.
pub async fn keep(cx: &Cx, build: &str, files: &[BuildFile]) -> Result<()> {
    let cx = cx.bulk();
    for file in files {
        let (build, file) = (build.to_owned(), file.clone());
        cx.write_plain(move |tx| {
            let (build, file) = (build.clone(), file.clone());
            async move {
                let until = tx.now().plus(KEEP_MS).ms();
                let backend = tx.conn().get_database_backend();
                let renew = Statement::from_sql_and_values(backend, "UPDATE asset SET expires_at = $2 WHERE path = $1", [file.path.clone().into(), until.into()]);
                if tx.conn().execute_raw(renew).await?.rows_affected() == 0 {
                    let insert = "INSERT INTO asset (path, build, content_type, encoding, body, expires_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (path) DO NOTHING";
                    let values: [Sql; 6] = [file.path.into(), build.into(), file.content_type.into(), file.encoding.into(), file.body.into(), until.into()];
                    tx.conn().execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
                }
                Ok(())
            }
        })
        .await?;
    }
    Ok(())
}

/// A file of any build that lives, or did until lately.
pub async fn find(app: &App, path: &str, now: Instant) -> Result<Option<BuildFile>> {
    let select = "SELECT path, content_type, encoding, body FROM asset WHERE path = $1 AND expires_at > $2";
    let row =
        app.store.reader.query_one_raw(Statement::from_sql_and_values(app.store.backend(), select, [path.into(), now.ms().into()])).await?;
    row.map(|r| {
        Ok(BuildFile {
            path: r.try_get_by_index(0)?,
            content_type: r.try_get_by_index(1)?,
            encoding: r.try_get_by_index(2)?,
            body: r.try_get_by_index(3)?,
        })
    })
    .transpose()
}
