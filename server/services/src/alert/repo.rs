//! Alerts in the database.

use domain::{
    Id, Instant,
    account::Scope,
    alert::{Alert, AlertStatus, EndReason},
    incident::{Incident, Severity},
    list::{Page, Paging},
    service::{Service, Visibility},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel, Iterable, QueryFilter, QueryOrder, QuerySelect,
    Statement,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde_json::json;

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Result, Tx,
    incident::Stored,
    store::{self, Kind, NewEvent, counter, page as paged, word},
};

/// An alert with what only the database knows of it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub alert: Alert,
    pub team: Option<Id<domain::account::Team>>,
    pub visibility: Visibility,
}

impl Known {
    pub fn of(m: Model) -> Result<Self> {
        let alert = Alert {
            id: Id::new(m.id),
            service_id: Id::new(m.service_id),
            integration_id: m.integration_id.map(Id::new),
            incident_id: m.incident_id.map(Id::new),
            dedup_key: m.dedup_key,
            status: word(AlertStatus::parse(&m.status), "alert.status", &m.status)?,
            severity: word(Severity::parse(&m.severity), "alert.severity", &m.severity)?,
            title: m.title,
            description: m.description,
            labels: serde_json::from_str(&m.labels)?,
            links: serde_json::from_str(&m.links)?,
            count: m.count,
            first_seen_at: Instant(m.first_seen_at),
            last_seen_at: Instant(m.last_seen_at),
            resolved_at: m.resolved_at.map(Instant),
            end_reason: m.end_reason.as_deref().and_then(EndReason::parse),
            hold_until: m.hold_until.map(Instant),
            flips: serde_json::from_str::<Vec<i64>>(&m.flips)?.into_iter().map(Instant).collect(),
            explanation: serde_json::from_str(&m.explanation)?,
            rev: m.rev,
        };
        Ok(Self {
            alert,
            team: m.team_id.map(Id::new),
            visibility: if m.visibility == "team" { Visibility::Team } else { Visibility::All },
        })
    }

    pub fn new(alert: Alert, service: &Service) -> Self {
        Self { alert, team: service.team_id, visibility: service.visibility }
    }

    pub fn model(&self) -> Result<Model> {
        let a = &self.alert;
        Ok(Model {
            id: a.id.uuid(),
            service_id: a.service_id.uuid(),
            team_id: self.team.map(Id::uuid),
            visibility: if self.visibility == Visibility::Team { "team".into() } else { "all".into() },
            integration_id: a.integration_id.map(Id::uuid),
            incident_id: a.incident_id.map(Id::uuid),
            dedup_key: a.dedup_key.clone(),
            status: a.status.as_str().into(),
            severity: a.severity.as_str().into(),
            title: a.title.clone(),
            description: a.description.clone(),
            labels: store::json(&a.labels)?,
            links: store::json(&a.links)?,
            count: a.count,
            first_seen_at: a.first_seen_at.ms(),
            last_seen_at: a.last_seen_at.ms(),
            resolved_at: a.resolved_at.map(Instant::ms),
            end_reason: a.end_reason.map(|r| r.as_str().into()),
            hold_until: a.hold_until.map(Instant::ms),
            flips: store::json(&a.flips.iter().map(|f| f.ms()).collect::<Vec<_>>())?,
            explanation: store::json(&a.explanation)?,
            superseded_at: None,
            rev: a.rev,
        })
    }

    /// Journals what happened to the alert itself.
    pub fn event(&self, kind: &'static str, payload: serde_json::Value) -> NewEvent {
        let a = &self.alert;
        NewEvent {
            service: Some(a.service_id),
            team: self.team,
            incident: a.incident_id,
            private: self.visibility == Visibility::Team,
            patch: json!({ "id": a.id, "status": a.status, "severity": a.severity, "count": a.count, "rev": a.rev }),
            ..NewEvent::record("alerts", kind, format!("alert:{}", a.id), a.rev, payload)
        }
    }
}

/// The alerts that hold these keys now, locked in key order.
pub(super) async fn by_keys(tx: &Tx, keys: &std::collections::BTreeMap<uuid::Uuid, Vec<String>>) -> Result<Vec<Known>> {
    if tx.kind() == Kind::Postgres {
        return by_keys_at_once(tx, keys).await;
    }
    // In chunks: one request may bring tens of thousands of alerts, a statement has so many parameters, and SQLite refuses an
    // expression deeper than 1,000, of which each OR is a level.
    let parts: Vec<_> = keys.iter().flat_map(|(service, keys)| keys.chunks(100).map(move |chunk| (*service, chunk))).collect();
    let mut known = Vec::new();
    for parts in parts.chunks(100) {
        let any = parts.iter().fold(Condition::any(), |any, (service, keys)| {
            any.add(Condition::all().add(Column::ServiceId.eq(*service)).add(Column::DedupKey.is_in(keys.iter().map(String::as_str))))
        });
        let query = Entity::find()
            .filter(Column::SupersededAt.is_null())
            .filter(any)
            .order_by_asc(Column::ServiceId)
            .order_by_asc(Column::DedupKey);
        for row in tx.for_update(query).all(tx.conn()).await? {
            known.push(Known::of(row)?);
        }
    }
    Ok(known)
}

/// Looks each key up in the index, whatever the planner believes of a table that is being filled: joined or as alternatives,
/// it reads every alert of the service while a storm opens thousands. Keys come, and are locked, in their order.
async fn by_keys_at_once(tx: &Tx, keys: &std::collections::BTreeMap<uuid::Uuid, Vec<String>>) -> Result<Vec<Known>> {
    let asked: Vec<_> =
        keys.iter().flat_map(|(service, keys)| keys.iter().map(move |key| json!({ "service": service, "key": key }))).collect();
    let sql = "SELECT known.* FROM jsonb_to_recordset($1::jsonb) AS asked (service uuid, key text) \
               CROSS JOIN LATERAL (SELECT * FROM alert WHERE alert.service_id = asked.service AND alert.dedup_key = asked.key \
               AND alert.superseded_at IS NULL LIMIT 1 FOR UPDATE) AS known";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [serde_json::Value::Array(asked).to_string().into()]);
    Model::find_by_statement(statement).all(tx.conn()).await?.into_iter().map(Known::of).collect()
}

/// Stores alerts, new and changed, in one statement per chunk.
pub(super) async fn upsert_many(tx: &Tx, alerts: &[&Known]) -> Result<()> {
    let columns = || {
        Column::iter()
            .filter(|c| !matches!(c, Column::Id | Column::ServiceId | Column::DedupKey | Column::FirstSeenAt | Column::SupersededAt))
    };
    for chunk in alerts.chunks(200) {
        let models = chunk.iter().map(|k| Ok(k.model()?.into_active_model())).collect::<Result<Vec<_>>>()?;
        Entity::insert_many(models)
            .on_conflict(OnConflict::column(Column::Id).update_columns(columns()).to_owned())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// A newer alert takes over the key of each of these.
pub(super) async fn supersede(tx: &Tx, ids: Vec<uuid::Uuid>) -> Result<()> {
    if !ids.is_empty() {
        Entity::update_many().col_expr(Column::SupersededAt, tx.now().ms().into()).filter(Column::Id.is_in(ids)).exec(tx.conn()).await?;
    }
    Ok(())
}

/// Locks the firing alerts of an incident: alerts come before incidents in the order of locks.
pub(crate) async fn lock_of(tx: &Tx, incident: Id<Incident>) -> Result<()> {
    let query =
        Entity::find().select_only().column(Column::Id).filter(Column::IncidentId.eq(incident.uuid())).filter(Column::Status.eq("firing"));
    tx.for_update(query.order_by_asc(Column::DedupKey)).into_tuple::<uuid::Uuid>().all(tx.conn()).await?;
    Ok(())
}

/// Ends every firing alert of an incident that a person or time ended.
pub(crate) async fn end_all(tx: &Tx, stored: &mut Stored, reason: EndReason) -> Result<()> {
    let rows =
        Entity::find().filter(Column::IncidentId.eq(stored.incident.id.uuid())).filter(Column::Status.eq("firing")).all(tx.conn()).await?;
    let mut known = rows.into_iter().map(Known::of).collect::<Result<Vec<_>>>()?;
    for k in &mut known {
        k.alert.end(reason, tx.now());
        tx.event(k.event("alert.resolved", json!({ "reason": reason })));
    }
    stored.incident.firing_count = 0;
    upsert_many(tx, &known.iter().collect::<Vec<_>>()).await
}

fn within(scope: &Scope) -> Condition {
    store::within(scope, Column::Visibility.eq("all"), Column::TeamId)
}

/// The alerts of an incident that the caller was shown already, newest first.
pub async fn of_incident(cx: &Cx, incident: Id<Incident>, limit: u64) -> Result<Vec<Alert>> {
    let scope = cx.scope("incidents")?;
    let query = Entity::find().filter(within(&scope)).filter(Column::IncidentId.eq(incident.uuid()));
    let rows = query.order_by_desc(Column::FirstSeenAt).order_by_desc(Column::Id).limit(limit).all(cx.reader()).await?;
    rows.into_iter().map(|m| Known::of(m).map(|k| k.alert)).collect()
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Firing or resolved.
    pub status: Option<AlertStatus>,
    /// Of this service.
    pub service_id: Option<Id<Service>>,
    /// Of this incident.
    pub incident_id: Option<Id<Incident>>,
}

/// Behind `<first seen>.<id>` of the last row: alerts of one batch were first seen in the same millisecond.
fn behind(cursor: &str) -> Result<Condition> {
    let parsed = cursor.split_once('.').and_then(|(at, id)| Some((at.parse::<i64>().ok()?, id.parse::<uuid::Uuid>().ok()?)));
    let (at, id) =
        parsed.ok_or_else(|| domain::Problem::bad_request("`after` is not a cursor of this list; take `next` of an earlier answer."))?;
    // Compared as one value: both databases then begin in the middle of the index instead of reading what is before.
    let row = Expr::tuple([Expr::col(Column::FirstSeenAt), Expr::col(Column::Id)]);
    Ok(Condition::all().add(row.lt(Expr::tuple([Expr::val(at), Expr::val(id)]))))
}

/// Alerts, newest first.
pub async fn list(cx: &Cx, filter: &Filter, paging: &Paging) -> Result<Page<Alert>> {
    let scope = cx.scope("incidents")?;
    let mut select = Entity::find().filter(within(&scope));
    match filter.status {
        // As a constant, so that the index of the few that fire is known to hold all of them.
        Some(AlertStatus::Firing) => select = select.filter(Expr::cust("alert.status = 'firing'")),
        Some(status) => select = select.filter(Column::Status.eq(status.as_str())),
        None => {}
    }
    if let Some(service) = filter.service_id {
        select = select.filter(Column::ServiceId.eq(service.uuid()));
    }
    if let Some(incident) = filter.incident_id {
        select = select.filter(Column::IncidentId.eq(incident.uuid()));
    }
    let total = match (scope, filter) {
        (Scope::All, all) if *all == Filter::default() => paged::counter(counter::ALERTS, None),
        _ => paged::counted(select.clone(), Column::Id),
    };
    if let Some(after) = &paging.after {
        select = select.filter(behind(after)?);
    }
    let ordered = select.order_by_desc(Column::FirstSeenAt).order_by_desc(Column::Id);
    let found = paged::page::<_, Model>(cx.reader(), total, ordered, paging).await?;
    let next = found.rows.last().filter(|_| found.more).map(|a| format!("{}.{}", a.first_seen_at, a.id.simple()));
    let items = found.rows.into_iter().map(|m| Known::of(m).map(|k| k.alert)).collect::<Result<Vec<_>>>()?;
    Ok(Page::new(items, found.total, paging, next))
}
