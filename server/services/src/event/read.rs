//! Reading the journal: the resume point, the timeline of an incident.

use std::collections::HashMap;

use domain::{
    Id, Instant,
    account::Scope,
    event::{ActorRef, Class, Event},
    incident::Incident,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::entity;
use crate::{
    Cx, Result,
    account::names,
    store::{self, Reader},
};

/// What the journal is asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Events after this seq, oldest first.
    pub after: Option<i64>,
    /// Events before this seq; newest first, unless `after` is given.
    pub before: Option<i64>,
    /// Only this topic.
    pub topic: Option<String>,
    /// Only events of this incident.
    pub incident: Option<Id<Incident>>,
    /// Only events of this kind.
    pub kind: Option<String>,
    /// Only events by this actor.
    pub actor: Option<Uuid>,
    /// Only events at or after.
    pub from: Option<Instant>,
    /// Only events before.
    pub to: Option<Instant>,
    /// At most this many.
    pub limit: u64,
}

/// The visible part of the journal.
pub(crate) fn within(scope: &Scope) -> Condition {
    store::within(scope, entity::Column::Private.eq(false), entity::Column::TeamId)
}

/// Events that match, with the names of their actors.
pub async fn list(cx: &Cx, query: &Query) -> Result<Vec<Event>> {
    let (scope, query) = (cx.scope("events")?, query.clone());
    cx.read(move |cx| async move { matching(&cx, &scope, &query).await }).await
}

/// The events of an incident that the caller was shown already.
pub(crate) async fn of_incident(cx: &Cx, query: &Query) -> Result<Vec<Event>> {
    matching(cx, &Scope::All, query).await
}

pub(super) async fn matching(cx: &Cx, scope: &Scope, query: &Query) -> Result<Vec<Event>> {
    let mut select = entity::Entity::find().filter(within(scope)).limit(query.limit);
    select = match (query.after, query.before) {
        (Some(after), before) => {
            let behind = select.filter(entity::Column::Seq.gt(after)).order_by_asc(entity::Column::Seq);
            before.into_iter().fold(behind, |select, before| select.filter(entity::Column::Seq.lt(before)))
        }
        (None, Some(before)) => select.filter(entity::Column::Seq.lt(before)).order_by_desc(entity::Column::Seq),
        (None, None) => select.order_by_desc(entity::Column::Seq),
    };
    if let Some(topic) = &query.topic {
        select = select.filter(entity::Column::Topic.eq(topic.as_str()));
    }
    if let Some(kind) = &query.kind {
        select = select.filter(entity::Column::Kind.eq(kind.as_str()));
    }
    if let Some(incident) = query.incident {
        select = select.filter(entity::Column::IncidentId.eq(incident.uuid()));
    }
    if let Some(actor) = query.actor {
        select = select.filter(entity::Column::ActorId.eq(actor));
    }
    if let Some(from) = query.from {
        select = select.filter(entity::Column::At.gte(from.ms()));
    }
    if let Some(to) = query.to {
        select = select.filter(entity::Column::At.lt(to.ms()));
    }
    let rows = select.all(cx.reader()).await?;
    named(cx.reader(), rows).await
}

/// Gives each event its actor's present name.
async fn named(reader: &Reader, rows: Vec<entity::Model>) -> Result<Vec<Event>> {
    let people: Vec<Uuid> = rows.iter().filter(|r| r.actor_kind == "user").filter_map(|r| r.actor_id).collect();
    let sources: Vec<Uuid> = rows.iter().filter(|r| r.actor_kind == "integration").filter_map(|r| r.actor_id).collect();
    let tokens: Vec<Uuid> = rows.iter().filter(|r| r.actor_kind == "token").filter_map(|r| r.actor_id).collect();
    let mut known: HashMap<Uuid, String> = names::people(reader, people).await?;
    known.extend(names::integrations(reader, sources).await?);
    known.extend(names::tokens(reader, tokens).await?);
    Ok(rows.into_iter().map(|row| event(row, &known)).collect())
}

fn event(row: entity::Model, names: &HashMap<Uuid, String>) -> Event {
    let name = match row.actor_id.and_then(|id| names.get(&id)) {
        Some(name) => name.clone(),
        None if row.actor_kind == "system" => "OpsGuard".into(),
        None => row.actor_kind.clone(),
    };
    Event {
        seq: row.seq,
        at: Instant(row.at),
        actor: ActorRef { kind: row.actor_kind, id: row.actor_id, name },
        source: row.source,
        request_id: row.request_id,
        topic: row.topic,
        kind: row.kind,
        v: row.v,
        class: if row.class == "trace" { Class::Trace } else { Class::Record },
        entity: row.entity,
        entity_version: row.entity_version,
        service_id: row.service_id,
        team_id: row.team_id,
        incident_id: row.incident_id,
        payload: row.payload.and_then(|p| serde_json::from_str(&p).ok()).unwrap_or(serde_json::Value::Null),
    }
}
