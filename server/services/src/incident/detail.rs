//! Reading one incident: by any of its names, with everything its page shows.

use std::collections::HashMap;

use domain::{
    Id, Problem,
    account::Scope,
    incident::{Detail, Incident, Row, TimelineItem},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{entity, note, note_entity, repo::Stored};
use crate::{Cx, Result, account::names, event};

/// Entries of a timeline that a page shows; the rest is asked for.
const TIMELINE: u64 = 200;

async fn visible(cx: &Cx, scope: &Scope, id: Id<Incident>) -> Result<Stored> {
    let row = entity::Entity::find_by_id(id.uuid()).one(cx.reader()).await?.ok_or_else(|| Problem::not_found("incident"))?;
    let stored = Stored::of(row)?;
    if scope.sees(stored.team, stored.visibility) { Ok(stored) } else { Err(Problem::not_found("incident").into()) }
}

/// The id behind what people write: UUID, `inc_..`, `418`, `INC-418`.
pub async fn by_reference(cx: &Cx, reference: &str) -> Result<Id<Incident>> {
    if let Ok(id) = reference.parse::<Id<Incident>>() {
        return Ok(id);
    }
    let digits = reference.strip_prefix("INC-").or_else(|| reference.strip_prefix("inc-")).unwrap_or(reference);
    let number: i64 = digits.parse().map_err(|_| Problem::not_found("incident"))?;
    cx.scope("incidents")?;
    let found: Option<uuid::Uuid> = entity::Entity::find()
        .select_only()
        .column(entity::Column::Id)
        .filter(entity::Column::Number.eq(number))
        .into_tuple()
        .one(cx.reader())
        .await?;
    Ok(Id::new(found.ok_or_else(|| Problem::not_found("incident"))?))
}

/// One incident with its names.
pub async fn get(cx: &Cx, id: Id<Incident>) -> Result<Row> {
    cx.read(move |cx| async move { row(&cx, id).await }).await
}

async fn row(cx: &Cx, id: Id<Incident>) -> Result<Row> {
    let scope = cx.scope("incidents")?;
    let stored = visible(cx, &scope, id).await?;
    let (service_name, assigned_to_name) =
        names::of_incident(cx.reader(), stored.incident.service_id, stored.incident.assigned_to_id).await?;
    Ok(Row { incident: stored.incident, service_name, assigned_to_name })
}

/// Everything that the page of an incident shows, of one instant: its state and the event that says so are both there.
pub async fn detail(cx: &Cx, id: Id<Incident>) -> Result<Detail> {
    cx.read(move |cx| async move { whole(&cx, id).await }).await
}

async fn whole(cx: &Cx, id: Id<Incident>) -> Result<Detail> {
    let row = row(cx, id).await?;
    let i = &row.incident;
    let people: Vec<_> =
        [i.reported_by_id, i.acknowledged_by_id, i.current_ack_by_id, i.resolved_by_id].into_iter().flatten().map(Id::uuid).collect();
    let names = names::people(cx.reader(), people).await?;
    let name = |id: Option<Id<domain::account::User>>| id.and_then(|id| names.get(&id.uuid()).cloned());
    let description_html = if i.description.is_empty() { String::new() } else { note::render(&i.description) };
    let resolution_html = if i.resolution_notes.is_empty() { String::new() } else { note::render(&i.resolution_notes) };
    Ok(Detail {
        reported_by_name: name(i.reported_by_id),
        acknowledged_by_name: name(i.current_ack_by_id.or(i.acknowledged_by_id)),
        resolved_by_name: name(i.resolved_by_id),
        alerts: crate::alert::of_incident(cx, id, 50).await?,
        timeline: timeline(cx, id, None).await?,
        service: crate::service::get(cx, i.service_id).await?,
        description_html,
        resolution_html,
        row,
    })
}

/// The events of an incident, newest first, before a seq when one is given; with the notes that they speak of.
pub async fn timeline(cx: &Cx, id: Id<Incident>, before: Option<i64>) -> Result<Vec<TimelineItem>> {
    cx.read(move |cx| async move { told(&cx, id, before).await }).await
}

async fn told(cx: &Cx, id: Id<Incident>, before: Option<i64>) -> Result<Vec<TimelineItem>> {
    let scope = cx.scope("incidents")?;
    visible(cx, &scope, id).await?;
    let query = event::read::Query { incident: Some(id), before, limit: TIMELINE, ..Default::default() };
    let events = event::read::of_incident(cx, &query).await?;
    let ids: Vec<uuid::Uuid> =
        events.iter().filter(|e| e.kind == "incident.noted").filter_map(|e| uuid_of(&e.payload["note_id"])).collect();
    let mut notes: HashMap<uuid::Uuid, _> = HashMap::new();
    if !ids.is_empty() {
        let rows = note_entity::Entity::find().filter(note_entity::Column::Id.is_in(ids)).all(cx.reader()).await?;
        notes.extend(rows.into_iter().map(|n| (n.id, note::of(n))));
    }
    Ok(events
        .into_iter()
        // An edit shows on the note itself.
        .filter(|e| e.kind != "incident.note_edited")
        .map(|event| TimelineItem { note: uuid_of(&event.payload["note_id"]).and_then(|id| notes.remove(&id)), event })
        .collect())
}

fn uuid_of(value: &serde_json::Value) -> Option<uuid::Uuid> {
    value.as_str().and_then(|s| s.parse().ok())
}
