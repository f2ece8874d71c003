//! Reading the journal: the resume point, the timeline of an incident.

use domain::{
    Id, Instant, Millis,
    account::Scope,
    event::{ActorRef, Class, Event},
    incident::Incident,
    time::DAY,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr};
use uuid::Uuid;

use super::entity;
pub(crate) use super::entity::Column;
use crate::{Cx, Result, store};

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
    let matching = matching(&cx.scope("events")?, query);
    Ok(matching.into_model::<Named>().all(cx.reader()).await?.into_iter().map(Named::event).collect())
}

/// What is asked for, in order, each event with its actor's present name.
pub(crate) fn matching(scope: &Scope, query: &Query) -> Select<entity::Entity> {
    let mut select = entity::Entity::find().filter(within(scope)).limit(query.limit).expr_as(Expr::cust(ACTOR_NAME), "actor_name");
    select = query.after.into_iter().fold(select, |select, after| select.filter(entity::Column::Seq.gt(after)));
    select = query.before.into_iter().fold(select, |select, before| select.filter(entity::Column::Seq.lt(before)));
    let is_short = query.from.zip(query.to).is_some_and(|(from, to)| to.since(from) <= SHORT);
    // The plus keeps the databases from walking the journal in order until they come upon a day long past.
    let seq = if is_short { Expr::cust("+event.seq") } else { entity::Column::Seq.into_expr() };
    select = select.order_by(seq, if query.after.is_some() { Order::Asc } else { Order::Desc });
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
    select
}

/// What happened in a time no longer than this is found by its instant and then sorted.
const SHORT: Millis = 8 * DAY;

const ACTOR_NAME: &str = "CASE event.actor_kind WHEN 'user' THEN (SELECT name FROM account WHERE id = event.actor_id) \
    WHEN 'integration' THEN (SELECT name FROM integration WHERE id = event.actor_id) \
    WHEN 'token' THEN (SELECT name FROM api_token WHERE id = event.actor_id) END";

/// A row with its actor's name.
#[derive(FromQueryResult)]
pub(crate) struct Named {
    #[sea_orm(nested)]
    row: entity::Model,
    actor_name: Option<String>,
}

impl Named {
    pub fn event(self) -> Event {
        let row = self.row;
        let name = match self.actor_name {
            Some(name) => name,
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
}
