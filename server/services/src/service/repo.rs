//! Services in the database.

use domain::{
    Id, Instant, Problem,
    account::Scope,
    list::{EXACT_TOTAL, Page, Paging},
    service::{Service, ServiceRow, Visibility},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
    sea_query::{Expr, ExprTrait},
};

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Result, Tx,
    store::{
        self,
        by_name::{self, lower},
        json,
    },
};

pub(super) fn of(m: Model) -> Result<Service> {
    let minutes = |m: Option<i64>| m.and_then(|m| u32::try_from(m).ok());
    Ok(Service {
        id: Id::new(m.id),
        name: m.name,
        description: m.description,
        team_id: m.team_id.map(Id::new),
        visibility: if m.visibility == "team" { Visibility::Team } else { Visibility::All },
        target_ack_minutes: minutes(m.target_ack_minutes),
        target_resolve_minutes: minutes(m.target_resolve_minutes),
        links: serde_json::from_str(&m.links)?,
        alerts: serde_json::from_str(&m.alerts)?,
        archived_at: m.archived_at.map(Instant),
        created_at: Instant(m.created_at),
        updated_at: Instant(m.updated_at),
        version: m.version,
        rev: m.rev,
    })
}

pub(super) fn model(s: &Service) -> Result<Model> {
    Ok(Model {
        id: s.id.uuid(),
        name: s.name.clone(),
        description: s.description.clone(),
        team_id: s.team_id.map(Id::uuid),
        visibility: if s.visibility == Visibility::Team { "team".into() } else { "all".into() },
        target_ack_minutes: s.target_ack_minutes.map(i64::from),
        target_resolve_minutes: s.target_resolve_minutes.map(i64::from),
        links: json(&s.links)?,
        alerts: json(&s.alerts)?,
        archived_at: s.archived_at.map(Instant::ms),
        created_at: s.created_at.ms(),
        updated_at: s.updated_at.ms(),
        version: s.version,
        rev: s.rev,
    })
}

fn within(scope: &Scope) -> Condition {
    store::within(scope, Column::Visibility.eq("all"), Column::TeamId)
}

/// Loads one inside a write.
pub(crate) async fn load(tx: &Tx, id: Id<Service>) -> Result<Service> {
    load_on(tx.conn(), id).await
}

/// Loads one over any connection, without looking at rights.
pub(crate) async fn load_on<C: ConnectionTrait>(conn: &C, id: Id<Service>) -> Result<Service> {
    of(Entity::find_by_id(id.uuid()).one(conn).await?.ok_or_else(|| Problem::not_found("service"))?)
}

/// Loads one that may still get incidents; otherwise the named field is refused.
pub(crate) async fn load_active(cx: &Cx, tx: &Tx, id: Id<Service>, field: &str) -> Result<Service> {
    let refusal = |why: &str| Problem::invalid(vec![domain::FieldError::new(field, "not_found", why)]);
    let row = Entity::find_by_id(id.uuid()).one(tx.conn()).await?.ok_or_else(|| refusal("There is no such service."))?;
    let service = of(row)?;
    if !cx.scope("incidents")?.sees(service.team_id, service.visibility) {
        return Err(refusal("There is no such service.").into());
    }
    if service.archived_at.is_some() {
        return Err(refusal("This service is archived; restore it first.").into());
    }
    Ok(service)
}

/// Loads several inside a write.
pub(crate) async fn load_many(tx: &Tx, ids: Vec<uuid::Uuid>) -> Result<Vec<Service>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(tx.conn()).await?.into_iter().map(of).collect()
}

/// One service.
pub async fn get(cx: &Cx, id: Id<Service>) -> Result<Service> {
    let scope = cx.scope("services")?;
    let service = of(Entity::find_by_id(id.uuid()).one(cx.reader()).await?.ok_or_else(|| Problem::not_found("service"))?)?;
    if scope.sees(service.team_id, service.visibility) { Ok(service) } else { Err(Problem::not_found("service").into()) }
}

/// What the list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this team.
    pub team_id: Option<Id<domain::account::Team>>,
    /// The beginning of the name, without case.
    pub q: Option<String>,
    /// Archived ones instead.
    pub archived: bool,
}

/// Services by name, with what burns on each.
pub async fn list(cx: &Cx, filter: &Filter, paging: &Paging) -> Result<Page<ServiceRow>> {
    let (filter, paging) = (filter.clone(), paging.clone());
    cx.read(move |cx| async move { page(&cx, &filter, &paging).await }).await
}

async fn page(cx: &Cx, filter: &Filter, paging: &Paging) -> Result<Page<ServiceRow>> {
    let scope = cx.scope("services")?;
    let lower_name = || lower(Expr::col((Entity, Column::Name)));
    let mut select = Entity::find().filter(within(&scope));
    select = if filter.archived { select.filter(Column::ArchivedAt.is_not_null()) } else { select.filter(Column::ArchivedAt.is_null()) };
    if let Some(team) = filter.team_id {
        select = select.filter(Column::TeamId.eq(team.uuid()));
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        // A range over the name index: the beginning of the name.
        select = select.filter(lower_name().gte(lower(Expr::val(q)))).filter(lower_name().lt(lower(Expr::val(format!("{q}\u{10ffff}")))));
    }
    let counted = select.clone().select_only().column(Column::Id).limit(EXACT_TOTAL + 1).count(cx.reader()).await?;
    if let Some(after) = &paging.after {
        select = select.filter(by_name::behind(after, lower_name, Column::Id)?);
    } else {
        select = select.offset(paging.offset());
    }
    let mut found =
        select.order_by_asc(lower_name()).order_by_asc(Column::Id).limit(u64::from(paging.page_size) + 1).all(cx.reader()).await?;
    let more = found.len() > paging.page_size as usize;
    found.truncate(paging.page_size as usize);
    let next = found.last().filter(|_| more).map(|s| by_name::cursor(s.id, &s.name));
    let services = found.into_iter().map(of).collect::<Result<Vec<_>>>()?;
    let rows = with_state(cx, services).await?;
    Ok(Page::new(rows, counted, paging, next))
}

/// The live incidents of each service: how many, and the worst.
async fn with_state(cx: &Cx, services: Vec<Service>) -> Result<Vec<ServiceRow>> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<String> = (1..=services.len()).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT service_id, COUNT(*), MIN(severity_rank) FROM incident WHERE live AND service_id IN ({}) GROUP BY service_id",
        marks.join(", ")
    );
    let ids: Vec<sea_orm::Value> = services.iter().map(|s| s.id.uuid().into()).collect();
    let counted = cx.reader().query_all_raw(Statement::from_sql_and_values(cx.app.store.backend(), sql, ids)).await?;
    let mut states = std::collections::HashMap::new();
    for row in counted {
        states.insert(row.try_get_by_index::<uuid::Uuid>(0)?, (row.try_get_by_index::<i64>(1)?, row.try_get_by_index::<i64>(2)?));
    }
    let teams = crate::account::names::teams(cx.reader(), services.iter().filter_map(|s| s.team_id).map(Id::uuid).collect()).await?;
    let row = |service: Service| {
        let state = states.get(&service.id.uuid());
        ServiceRow {
            team_name: service.team_id.and_then(|t| teams.get(&t.uuid()).cloned()),
            live_incidents: state.map_or(0, |s| s.0),
            worst: state.and_then(|s| domain::incident::Severity::ALL.into_iter().find(|sev| sev.rank() == s.1)),
            service,
        }
    };
    Ok(services.into_iter().map(row).collect())
}

/// One service as the list shows it.
pub async fn summary(cx: &Cx, id: Id<Service>) -> Result<ServiceRow> {
    cx.read(move |cx| async move {
        let service = get(&cx, id).await?;
        with_state(&cx, vec![service]).await?.pop().ok_or_else(|| Problem::not_found("service").into())
    })
    .await
}
