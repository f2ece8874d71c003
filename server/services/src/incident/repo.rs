//! Incidents in the database: load for change, store, and the row that travels.

use domain::{
    Id, Instant, Problem,
    account::{Action, Target, Team, User},
    incident::{Incident, Row, Severity, State, Urgency},
    service::{Service, Visibility},
};
use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::{
    Actor, Cx, Result, Tx,
    account::names,
    store::{Kind, NewEvent, counter, word},
};

/// An arbitrary number, the same on every node.
const GROUPS_LOCK: i32 = 7_201_003;

/// An incident with what only the database knows of it.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The incident.
    pub incident: Incident,
    /// The team that owned the service when the incident was made or moved.
    pub team: Option<Id<Team>>,
    /// Who may know of it.
    pub visibility: Visibility,
    /// The group that further alerts join by.
    pub group_key: Option<String>,
    /// All alerts are over, and a flapping one must stay quiet until then.
    pub quiet_until: Option<Instant>,
}

impl Stored {
    /// What rights depend on.
    pub fn target(&self) -> Target {
        Target { team: self.team, visibility: self.visibility, owner: None }
    }

    pub(crate) fn of(m: Model) -> Result<Self> {
        let at = |ms: Option<i64>| ms.map(Instant);
        let user = |id: Option<uuid::Uuid>| id.map(Id::<User>::new);
        let incident = Incident {
            id: Id::new(m.id),
            number: m.number,
            title: m.title,
            description: m.description,
            severity: word(Severity::parse(&m.severity), "incident.severity", &m.severity)?,
            urgency: word(Urgency::parse(&m.urgency), "incident.urgency", &m.urgency)?,
            status: word(State::parse(&m.status), "incident.status", &m.status)?,
            service_id: Id::new(m.service_id),
            assigned_to_id: user(m.assigned_to_id),
            reported_by_id: user(m.reported_by_id),
            impact_started_at: at(m.impact_started_at),
            detected_at: Instant(m.detected_at),
            acknowledged_at: at(m.acknowledged_at),
            acknowledged_by_id: user(m.acknowledged_by_id),
            current_ack_at: at(m.current_ack_at),
            current_ack_by_id: user(m.current_ack_by_id),
            investigating_at: at(m.investigating_at),
            identified_at: at(m.identified_at),
            resolved_at: at(m.resolved_at),
            resolved_by_id: user(m.resolved_by_id),
            closed_at: at(m.closed_at),
            resolution_notes: m.resolution_notes,
            alert_count: m.alert_count,
            firing_count: m.firing_count,
            policy_id: m.policy_id,
            escalation_step: m.escalation_step,
            escalation_loop: m.escalation_loop,
            next_escalation_at: at(m.next_escalation_at),
            snoozed_until: at(m.snoozed_until),
            ack_due_at: at(m.ack_due_at),
            resolve_due_at: at(m.resolve_due_at),
            episode_at: Instant(m.episode_at),
            continues_id: m.continues_id.map(Id::new),
            auto_close_at: at(m.auto_close_at),
            conference_url: m.conference_url,
            flapping: m.flapping,
            created_at: Instant(m.created_at),
            updated_at: Instant(m.updated_at),
            version: m.version,
            rev: m.rev,
        };
        Ok(Self {
            incident,
            team: m.team_id.map(Id::new),
            visibility: if m.visibility == "team" { Visibility::Team } else { Visibility::All },
            group_key: m.group_key,
            quiet_until: at(m.quiet_until),
        })
    }

    pub(crate) fn model(&self) -> Model {
        let i = &self.incident;
        let ms = |at: Option<Instant>| at.map(Instant::ms);
        let id = |user: Option<Id<User>>| user.map(Id::uuid);
        Model {
            id: i.id.uuid(),
            number: i.number,
            title: i.title.clone(),
            description: i.description.clone(),
            severity: i.severity.as_str().into(),
            severity_rank: i.severity.rank(),
            urgency: i.urgency.as_str().into(),
            status: i.status.as_str().into(),
            live: i.is_live(),
            service_id: i.service_id.uuid(),
            team_id: self.team.map(Id::uuid),
            visibility: if self.visibility == Visibility::Team { "team".into() } else { "all".into() },
            assigned_to_id: id(i.assigned_to_id),
            reported_by_id: id(i.reported_by_id),
            impact_started_at: ms(i.impact_started_at),
            detected_at: i.detected_at.ms(),
            acknowledged_at: ms(i.acknowledged_at),
            acknowledged_by_id: id(i.acknowledged_by_id),
            current_ack_at: ms(i.current_ack_at),
            current_ack_by_id: id(i.current_ack_by_id),
            investigating_at: ms(i.investigating_at),
            identified_at: ms(i.identified_at),
            resolved_at: ms(i.resolved_at),
            resolved_by_id: id(i.resolved_by_id),
            closed_at: ms(i.closed_at),
            resolution_notes: i.resolution_notes.clone(),
            alert_count: i.alert_count,
            firing_count: i.firing_count,
            policy_id: i.policy_id,
            escalation_step: i.escalation_step,
            escalation_loop: i.escalation_loop,
            next_escalation_at: ms(i.next_escalation_at),
            snoozed_until: ms(i.snoozed_until),
            ack_due_at: ms(i.ack_due_at),
            resolve_due_at: ms(i.resolve_due_at),
            episode_at: i.episode_at.ms(),
            continues_id: i.continues_id.map(Id::uuid),
            auto_close_at: ms(i.auto_close_at),
            quiet_until: ms(self.quiet_until),
            conference_url: i.conference_url.clone(),
            flapping: i.flapping,
            group_key: self.group_key.clone(),
            created_at: i.created_at.ms(),
            updated_at: i.updated_at.ms(),
            version: i.version,
            rev: i.rev,
        }
    }
}

/// Loads one for change, locked, and authorises.
pub(crate) async fn load(cx: &Cx, tx: &Tx, id: Id<Incident>, action: Action) -> Result<Stored> {
    let model = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?.ok_or_else(|| Problem::not_found("incident"))?;
    let stored = Stored::of(model)?;
    cx.authorize(action, &stored.target(), "incident")?;
    Ok(stored)
}

/// The team and visibility of an incident, for what refers to it; `None` when the caller may not know that it exists.
pub(crate) async fn owner(cx: &Cx, tx: &Tx, id: Id<Incident>) -> Result<Option<(Option<Id<Team>>, Visibility)>> {
    let Some(row) = Entity::find_by_id(id.uuid()).one(tx.conn()).await? else { return Ok(None) };
    let target = Stored::of(row)?.target();
    Ok(cx.scope("incidents")?.sees(target.team, target.visibility).then_some((target.team, target.visibility)))
}

/// Loads several for change, locked in the order of their ids.
pub(crate) async fn load_many(tx: &Tx, ids: Vec<uuid::Uuid>) -> Result<Vec<Stored>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = Entity::find().filter(Column::Id.is_in(ids)).order_by_asc(Column::Id);
    tx.for_update(query).all(tx.conn()).await?.into_iter().map(Stored::of).collect()
}

/// Takes the next short number.
pub(crate) async fn number(tx: &Tx) -> Result<i64> {
    counter::add(tx, counter::NUMBERS, 1).await
}

/// Stores new incidents in one statement per chunk.
pub(crate) async fn insert_many(tx: &Tx, new: &[Stored]) -> Result<()> {
    for chunk in new.chunks(100) {
        Entity::insert_many(chunk.iter().map(|s| s.model().into_active_model())).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

/// Stores changed incidents in one statement per chunk; every column but identity and origin.
pub(crate) async fn upsert_many(tx: &Tx, changed: &[Stored]) -> Result<()> {
    use sea_orm::Iterable;
    let columns = || Column::iter().filter(|c| !matches!(c, Column::Id | Column::Number | Column::CreatedAt));
    for chunk in changed.chunks(100) {
        Entity::insert_many(chunk.iter().map(|s| s.model().into_active_model()))
            .on_conflict(OnConflict::column(Column::Id).update_columns(columns()).to_owned())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// Stores a changed incident.
pub(crate) async fn update(tx: &Tx, stored: &Stored) -> Result<()> {
    let model: ActiveModel = stored.model().into_active_model();
    model.reset_all().update(tx.conn()).await?;
    Ok(())
}

/// The list row: what the live feed carries. Long texts stay behind.
fn patch(row: &Row) -> Value {
    let mut value = serde_json::to_value(row).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("description");
        map.remove("resolution_notes");
    }
    value
}

fn event(stored: &Stored, kind: &'static str, payload: Value, service_name: &str, assignee: Option<String>) -> NewEvent {
    let i = &stored.incident;
    let row = Row { incident: i.clone(), service_name: service_name.to_owned(), assigned_to_name: assignee };
    NewEvent {
        service: Some(i.service_id),
        team: stored.team,
        incident: Some(i.id),
        private: stored.visibility == Visibility::Team,
        patch: patch(&row),
        ..NewEvent::record("incidents", kind, format!("incident:{}", i.id), i.rev, payload)
    }
}

/// Journals what happened to an incident whose names are at hand.
pub(crate) fn journal(
    tx: &Tx,
    stored: &Stored,
    kind: &'static str,
    payload: Value,
    service: &str,
    assignee: Option<String>,
    actor: Option<Actor>,
) {
    tx.event(NewEvent { actor, ..event(stored, kind, payload, service, assignee) });
}

/// The names of the people who have these incidents.
pub(crate) async fn assignee_names(tx: &Tx, incidents: impl Iterator<Item = &Stored>) -> Result<HashMap<Uuid, String>> {
    names::people(tx.conn(), incidents.filter_map(|s| s.incident.assigned_to_id).map(Id::uuid).collect()).await
}

/// Which of the locks of groups a group has.
fn place_of((service, key): &(Uuid, String)) -> u8 {
    Sha256::new().chain_update(service.as_bytes()).chain_update(key.as_bytes()).finalize()[0]
}

/// Nodes that look for a group's incident at once would each find none and open one: they take turns. An incident that is not
/// there yet cannot be locked, so a number stands for it; several groups may share one, for the database has room for so many.
async fn lock_groups(tx: &Tx, groups: &HashSet<(Uuid, String)>) -> Result<()> {
    if tx.kind() == Kind::Postgres {
        let places: BTreeSet<u8> = groups.iter().map(place_of).collect();
        let places: Vec<_> = places.iter().map(u8::to_string).collect();
        // In this order, whoever asks.
        let lock = format!("SELECT pg_advisory_xact_lock({GROUPS_LOCK}, place) FROM unnest(ARRAY[{}]) AS place", places.join(", "));
        tx.conn().execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// The live incidents of these groups (service, group key); nobody else opens one of them before this write ends.
pub(crate) async fn live_of_groups(tx: &Tx, groups: &HashSet<(Uuid, String)>) -> Result<Vec<Uuid>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    lock_groups(tx, groups).await?;
    let groups: Vec<_> = groups.iter().collect();
    let mut ids = Vec::new();
    // SQLite refuses an expression deeper than 1,000; each OR is a level.
    for chunk in groups.chunks(200) {
        let any = chunk.iter().fold(Condition::any(), |any, (service, key)| {
            any.add(Condition::all().add(Column::ServiceId.eq(*service)).add(Column::GroupKey.eq(key.as_str())))
        });
        let found: Vec<Uuid> =
            Entity::find().select_only().column(Column::Id).filter(Column::Live.eq(true)).filter(any).into_tuple().all(tx.conn()).await?;
        ids.extend(found);
    }
    Ok(ids)
}

/// Journals a new incident whose service is at hand.
pub(crate) fn opened(tx: &Tx, stored: &Stored, service: &Service, payload: Value) {
    tx.event(event(stored, "incident.opened", payload, &service.name, None));
}

/// Journals what happened to an incident.
pub(crate) async fn changed(tx: &Tx, stored: &Stored, kind: &'static str, payload: Value) -> Result<()> {
    let (service, assignee) = names::of_incident(tx.conn(), stored.incident.service_id, stored.incident.assigned_to_id).await?;
    tx.event(event(stored, kind, payload, &service, assignee));
    Ok(())
}

/// Stores and journals in one go: the usual end of a verb.
pub(crate) async fn store(tx: &Tx, stored: &Stored, kind: &'static str, from: State, mut payload: Value) -> Result<()> {
    update(tx, stored).await?;
    if let Some(map) = payload.as_object_mut()
        && from != stored.incident.status
    {
        map.insert("from".into(), json!(from));
        map.insert("to".into(), json!(stored.incident.status));
    }
    changed(tx, stored, kind, payload).await
}
