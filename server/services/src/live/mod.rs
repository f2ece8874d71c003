//! Presence: who looks at what, and who is writing. A table with a time to live, so that it is right on several nodes.

use domain::live::Viewer;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use crate::{App, Cx, Result, account::names};

/// A place is held this long after the last sign of life.
const TTL_MS: i64 = 45_000;

/// Says what a connection looks at; `None` is nothing any more.
pub async fn viewing(cx: &Cx, connection: Uuid, entity: Option<&str>, writing: bool) -> Result<()> {
    let user = cx.user()?;
    let backend = cx.app.store.backend();
    let left = before(&cx.app, connection).await?;
    let entity = entity.filter(|e| e.len() <= 100).map(str::to_owned);
    let place = entity.clone();
    cx.write_plain(move |tx| {
        let place = place.clone();
        async move {
            let delete = "DELETE FROM presence WHERE connection = $1";
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, delete, [connection.into()])).await?;
            if let Some(place) = place {
                let insert = "INSERT INTO presence (entity, account_id, connection, writing, until) VALUES ($1, $2, $3, $4, $5)";
                let until = tx.now().plus(TTL_MS).ms();
                let values = [place.into(), user.uuid().into(), connection.into(), writing.into(), until.into()];
                tx.conn().execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
            }
            Ok(())
        }
    })
    .await?;
    for place in left.into_iter().chain(entity) {
        // Nobody may be listening.
        let _ = cx.app.feed.presence.send(place.into());
    }
    Ok(())
}

async fn before(app: &App, connection: Uuid) -> Result<Option<String>> {
    let select =
        Statement::from_sql_and_values(app.store.backend(), "SELECT entity FROM presence WHERE connection = $1", [connection.into()]);
    Ok(app.store.reader.query_one_raw(select).await?.map(|r| r.try_get_by_index(0)).transpose()?)
}

/// Who looks at an entity now: each person once, writers marked.
pub async fn viewers(app: &App, entity: &str) -> Result<Vec<Viewer>> {
    let select =
        "SELECT account_id, MAX(CASE WHEN writing THEN 1 ELSE 0 END) FROM presence WHERE entity = $1 AND until >= $2 GROUP BY account_id";
    let values = [entity.into(), app.clock.now().ms().into()];
    let rows = app.store.reader.query_all_raw(Statement::from_sql_and_values(app.store.backend(), select, values)).await?;
    let mut found = Vec::new();
    for row in rows {
        found.push((row.try_get_by_index::<Uuid>(0)?, row.try_get_by_index::<i32>(1)? == 1));
    }
    let names = names::people(&app.store.reader, found.iter().map(|f| f.0).collect()).await?;
    let mut viewers: Vec<_> = found
        .into_iter()
        .map(|(user_id, writing)| Viewer { user_id, name: names.get(&user_id).cloned().unwrap_or_default(), writing })
        .collect();
    viewers.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(viewers)
}
