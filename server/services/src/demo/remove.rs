//! Taking the demo out again, in small writes: what it made, and what happened on that.

use domain::{
    Id, Problem,
    account::{Action, Target},
};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Mark, NOUN, SETTING, SOURCE, event, inside, mark};
use crate::{
    Cx, Result, Tx, account, service,
    store::{Kind, NewEvent, counter},
};

/// Rows that one write removes.
const CHUNK: i64 = 100;
/// Incidents that one write removes: each takes its row, its words in the search index, and an event.
const INCIDENTS: i64 = 30;

/// What was taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Incidents, with their notes; those that people declared on the demo's services included.
    pub incidents: u64,
    /// Alerts.
    pub alerts: u64,
    /// Services, with their integrations.
    pub services: u64,
    /// People.
    pub people: u64,
    /// Teams.
    pub teams: u64,
    /// People and teams that something else refers to: archived instead.
    pub archived: u64,
}

/// What the demo made, by the journal.
#[derive(Debug, Default)]
struct Made {
    services: Vec<Uuid>,
    people: Vec<Uuid>,
    teams: Vec<Uuid>,
    updates: Vec<Uuid>,
    blockers: Vec<Uuid>,
}

/// Removes the demo data. It may be cut off and called again: it goes on where it was.
pub async fn remove(cx: &Cx) -> Result<Removed> {
    cx.authorize(Action::Administer, &Target::ANY, NOUN)?;
    let mark = mark(cx.reader()).await?.ok_or_else(|| Problem::conflict("There is no demo data here."))?;
    let cx = inside(cx);
    let made = made(&cx, &mark).await?;
    let mut removed = Removed::default();
    for id in made.blockers {
        delete_one(&cx, "blocker", id, "blockers", "blocker.removed").await?;
    }
    for id in made.updates {
        remove_update(&cx, id).await?;
    }
    for id in made.services {
        remove_service(&cx, id, &mut removed).await?;
    }
    for id in made.people {
        remove_person(&cx, id, &mut removed).await?;
    }
    for id in made.teams {
        remove_team(&cx, id, &mut removed).await?;
    }
    // Rights may have hung on a team that is gone.
    cx.app.sessions.end([]);
    let payload = serde_json::to_value(&removed)?;
    let backend = cx.app.store.backend();
    cx.write_plain(move |tx| {
        let payload = payload.clone();
        async move {
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, "DELETE FROM setting WHERE name = $1", [SETTING.into()])).await?;
            tx.event(event("demo.removed", payload));
            Ok(())
        }
    })
    .await?;
    Ok(removed)
}

/// Reads what the source `demo` made since the mark.
async fn made(cx: &Cx, mark: &Mark) -> Result<Made> {
    let sql = "SELECT kind, entity FROM event WHERE seq > $1 AND source = $2 AND kind IN ('service.created', 'user.created', 'team.created', 'status.posted', 'blocker.reported') ORDER BY seq";
    let mut made = Made::default();
    for row in rows(cx, sql, [mark.after_seq.into(), SOURCE.into()]).await? {
        let (kind, entity): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let Some(id) = entity.split_once(':').and_then(|(_, id)| id.parse().ok()) else { continue };
        match kind.as_str() {
            "service.created" => made.services.push(id),
            "user.created" => made.people.push(id),
            "status.posted" => made.updates.push(id),
            "blocker.reported" => made.blockers.push(id),
            _ => made.teams.push(id),
        }
    }
    Ok(made)
}

async fn rows<const N: usize>(cx: &Cx, sql: &str, values: [Value; N]) -> Result<Vec<QueryResult>> {
    Ok(cx.reader().query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), sql, values)).await?)
}

async fn is_there(cx: &Cx, table: &'static str, id: Uuid) -> Result<bool> {
    Ok(!rows(cx, &format!("SELECT 1 FROM {table} WHERE id = $1"), [id.into()]).await?.is_empty())
}

/// Runs one statement as a write, again and again, until it finds nothing more; answers how many rows went. A counter of
/// what is there goes down with them.
async fn drain(cx: &Cx, sql: &'static str, id: Uuid, counted: Option<&'static str>) -> Result<u64> {
    let backend = cx.app.store.backend();
    let mut gone = 0;
    loop {
        let delete = Statement::from_sql_and_values(backend, sql, [id.into(), CHUNK.into()]);
        let went = cx
            .write_plain(move |tx| {
                let delete = delete.clone();
                async move {
                    let went = tx.conn().execute_raw(delete).await?.rows_affected();
                    if let Some(name) = counted {
                        counter::add(&tx, name, -(went as i64)).await?;
                    }
                    Ok(went)
                }
            })
            .await?;
        gone += went;
        if went < CHUNK as u64 {
            return Ok(gone);
        }
    }
}

async fn remove_service(cx: &Cx, id: Uuid, removed: &mut Removed) -> Result<()> {
    if !is_there(cx, "service", id).await? {
        return Ok(());
    }
    // From here on its integrations refuse, so that nothing comes after what is being removed.
    service::archive(cx, Id::new(id)).await?;
    cx.app.keys.forget();
    let alerts = "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE service_id = $1 LIMIT $2)";
    let notes =
        "DELETE FROM note WHERE id IN (SELECT n.id FROM note n JOIN incident i ON i.id = n.incident_id WHERE i.service_id = $1 LIMIT $2)";
    let payloads = "DELETE FROM payload WHERE id IN (SELECT p.id FROM payload p JOIN integration i ON i.id = p.integration_id WHERE i.service_id = $1 LIMIT $2)";
    let integrations = "DELETE FROM integration WHERE id IN (SELECT id FROM integration WHERE service_id = $1 LIMIT $2)";
    removed.alerts += drain(cx, alerts, id, Some(counter::ALERTS)).await?;
    drain(cx, notes, id, None).await?;
    loop {
        let gone = cx.write_plain(move |tx| async move { some_incidents(&tx, id).await }).await?;
        removed.incidents += gone;
        if gone == 0 {
            break;
        }
    }
    drain(cx, payloads, id, None).await?;
    drain(cx, integrations, id, None).await?;
    cx.app.keys.forget();
    removed.services += delete_one(cx, "service", id, "services", "service.removed").await?;
    Ok(())
}

/// Removes up to [`INCIDENTS`] incidents of a service. Each is journalled, so that open pages let go of it.
async fn some_incidents(tx: &Tx, service: Uuid) -> Result<u64> {
    let backend = tx.conn().get_database_backend();
    let lock = if tx.kind() == Kind::Postgres { "FOR UPDATE" } else { "" };
    let select = format!("SELECT id, number, rev, team_id, visibility FROM incident WHERE service_id = $1 ORDER BY id LIMIT $2 {lock}");
    let found = tx.conn().query_all_raw(Statement::from_sql_and_values(backend, select, [service.into(), INCIDENTS.into()])).await?;
    for row in &found {
        let (id, number, rev): (Uuid, i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let team: Option<Uuid> = row.try_get_by_index(3)?;
        let visibility: String = row.try_get_by_index(4)?;
        // A blocker that people reported stays theirs.
        for sql in [
            "UPDATE blocker SET related_incident_id = NULL, rev = rev + 1 WHERE related_incident_id = $1",
            "DELETE FROM incident WHERE id = $1",
        ] {
            tx.conn().execute_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
        }
        tx.event(NewEvent {
            service: Some(Id::new(service)),
            team: team.map(Id::new),
            incident: Some(Id::new(id)),
            private: visibility != "all",
            ..NewEvent::record("incidents", "incident.removed", format!("incident:{id}"), rev + 1, json!({ "number": number }))
        });
    }
    if !found.is_empty() {
        counter::add(tx, counter::REMOVED, found.len() as i64).await?;
    }
    Ok(found.len() as u64)
}

async fn delete_one(cx: &Cx, table: &'static str, id: Uuid, topic: &'static str, kind: &'static str) -> Result<u64> {
    let backend = cx.app.store.backend();
    cx.write_plain(move |tx| async move {
        let delete = Statement::from_sql_and_values(backend, format!("DELETE FROM {table} WHERE id = $1 RETURNING rev"), [id.into()]);
        let Some(row) = tx.conn().query_one_raw(delete).await? else { return Ok(0) };
        let entity = kind.split('.').next().unwrap_or(table);
        tx.event(NewEvent::record(topic, kind, format!("{entity}:{id}"), row.try_get_by_index::<i64>(0)? + 1, json!({})));
        Ok(1)
    })
    .await
}

async fn remove_update(cx: &Cx, id: Uuid) -> Result<()> {
    let unlink = "UPDATE blocker SET related_status_id = NULL, rev = rev + 1 WHERE id IN (SELECT id FROM blocker WHERE related_status_id = $1 LIMIT $2)";
    drain(cx, unlink, id, None).await?;
    let tags = "DELETE FROM status_update_tag WHERE (tag, update_id) IN (SELECT tag, update_id FROM status_update_tag WHERE update_id = $1 LIMIT $2)";
    drain(cx, tags, id, None).await?;
    delete_one(cx, "status_update", id, "status", "status.removed").await?;
    Ok(())
}

async fn remove_person(cx: &Cx, id: Uuid, removed: &mut Removed) -> Result<()> {
    if !is_there(cx, "account", id).await? {
        return Ok(());
    }
    let refers = "SELECT 1 FROM incident WHERE assigned_to_id = $1 OR reported_by_id = $1 OR acknowledged_by_id = $1 OR resolved_by_id = $1 \
        UNION ALL SELECT 1 FROM note WHERE author_id = $1 UNION ALL SELECT 1 FROM invitation WHERE invited_by = $1 \
        UNION ALL SELECT 1 FROM status_update WHERE author_id = $1 \
        UNION ALL SELECT 1 FROM blocker WHERE owner_id = $1 OR waits_for_id = $1 OR resolved_by_id = $1 LIMIT 1";
    if !rows(cx, refers, [id.into()]).await?.is_empty() {
        account::archive_user(cx, Id::new(id)).await?;
        removed.archived += 1;
        return Ok(());
    }
    for sql in [
        "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE account_id = $1 LIMIT $2)",
        "DELETE FROM api_token WHERE id IN (SELECT id FROM api_token WHERE account_id = $1 LIMIT $2)",
        "DELETE FROM team_member WHERE (team_id, account_id) IN (SELECT team_id, account_id FROM team_member WHERE account_id = $1 LIMIT $2)",
    ] {
        drain(cx, sql, id, None).await?;
    }
    removed.people += delete_one(cx, "account", id, "accounts", "user.removed").await?;
    Ok(())
}

async fn remove_team(cx: &Cx, id: Uuid, removed: &mut Removed) -> Result<()> {
    if !is_there(cx, "team", id).await? {
        return Ok(());
    }
    let refers = "SELECT 1 FROM service WHERE team_id = $1 UNION ALL SELECT 1 FROM incident WHERE team_id = $1 \
        UNION ALL SELECT 1 FROM invitation WHERE team_id = $1 UNION ALL SELECT 1 FROM blocker WHERE team_id = $1 LIMIT 1";
    if !rows(cx, refers, [id.into()]).await?.is_empty() {
        account::archive_team(cx, Id::new(id)).await?;
        removed.archived += 1;
        return Ok(());
    }
    drain(
        cx,
        "DELETE FROM team_member WHERE (team_id, account_id) IN (SELECT team_id, account_id FROM team_member WHERE team_id = $1 LIMIT $2)",
        id,
        None,
    )
    .await?;
    removed.teams += delete_one(cx, "team", id, "accounts", "team.removed").await?;
    Ok(())
}
