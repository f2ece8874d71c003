//! Appending to the journal: the last statements of a write, so that `seq` is the order of commits.

use domain::event::Class;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, EntityTrait, Set, Statement, Value as Sql};
use sha2::{Digest, Sha256};

use super::entity;
use crate::{Cx, Result, Tx, store::NewEvent};

/// Rows in one statement; SQLite takes 32,766 parameters, PostgreSQL 65,535.
const CHUNK: usize = 200;

/// Appends these events in this order.
pub(crate) async fn append(cx: &Cx, tx: &Tx, events: Vec<NewEvent>) -> Result<()> {
    // Addresses belong to people; machines are known by their integration.
    let traced = cx.request.address.is_some() && matches!(cx.actor.kind, "user" | "token" | "anonymous");
    if traced || events.iter().any(|e| e.change.is_some()) {
        for event in events {
            one(cx, tx, event).await?;
        }
        return Ok(());
    }
    let mut rows = events.into_iter().map(|e| row(cx, tx, &e)).collect::<Result<Vec<_>>>()?.into_iter();
    loop {
        let chunk: Vec<_> = rows.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        entity::Entity::insert_many(chunk).exec_without_returning(tx.conn()).await?;
    }
}

async fn one(cx: &Cx, tx: &Tx, event: NewEvent) -> Result<()> {
    let seq = entity::Entity::insert(row(cx, tx, &event)?).exec(tx.conn()).await?.last_insert_id;
    let (before, after) = match &event.change {
        Some((before, after)) => (Some(before.to_string()), Some(after.to_string())),
        None => (None, None),
    };
    let values: [Sql; 5] =
        [seq.into(), cx.request.address.clone().into(), cx.request.user_agent.clone().into(), before.into(), after.into()];
    let insert = "INSERT INTO event_private (seq, address, user_agent, before, after) VALUES ($1, $2, $3, $4, $5)";
    tx.conn().execute_raw(Statement::from_sql_and_values(cx.app.store.backend(), insert, values)).await?;
    Ok(())
}

fn row(cx: &Cx, tx: &Tx, event: &NewEvent) -> Result<entity::ActiveModel> {
    let actor = event.actor.as_ref().unwrap_or(&cx.actor);
    let payload = serde_json::to_string(&event.payload)?;
    let patch = if event.patch.is_null() { None } else { Some(serde_json::to_string(&event.patch)?) };
    Ok(entity::ActiveModel {
        seq: NotSet,
        at: Set(tx.now().ms()),
        actor_kind: Set(actor.kind.into()),
        actor_id: Set(actor.id),
        source: Set(cx.request.source.into()),
        request_id: Set(cx.request.id.clone()),
        topic: Set(event.topic.into()),
        kind: Set(event.kind.into()),
        v: Set(1),
        class: Set(match event.class {
            Class::Record => "record".into(),
            Class::Trace => "trace".into(),
        }),
        entity: Set(event.entity.clone()),
        entity_version: Set(event.rev),
        service_id: Set(event.service.map(|i| i.uuid())),
        team_id: Set(event.team.map(|i| i.uuid())),
        incident_id: Set(event.incident.map(|i| i.uuid())),
        private: Set(event.private),
        payload_sha256: Set(Sha256::digest(payload.as_bytes()).to_vec()),
        payload: Set(Some(payload)),
        patch: Set(patch),
        erased_at: Set(None),
    })
}
