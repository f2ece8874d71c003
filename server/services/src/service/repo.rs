//! Services in the database.

use domain::{
    Id, Instant, Problem,
    account::Scope,
    list::{Page, Paging},
    service::{Service, ServiceRow, Visibility},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Result, Tx,
    account::names,
    store::{
        self,
        by_name::{self, lower},
        json, page as paged,
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

/// Services that may get incidents, as far as the caller may know of them.
pub(crate) fn in_use(scope: &Scope) -> Select<Entity> {
    Entity::find().filter(within(scope)).filter(Column::ArchivedAt.is_null())
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
    seen_by(cx, Entity::find_by_id(id.uuid()).one(cx.reader()).await?.ok_or_else(|| Problem::not_found("service"))?)
}

/// The service of this row, when the caller may know of it.
pub(crate) fn seen_by(cx: &Cx, row: Model) -> Result<Service> {
    let service = of(row)?;
    if cx.scope("services")?.sees(service.team_id, service.visibility) { Ok(service) } else { Err(Problem::not_found("service").into()) }
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
    let total = paged::counted(select.clone(), Column::Id);
    if let Some(after) = &paging.after {
        select = select.filter(by_name::behind(after, lower_name, Column::Id)?);
    }
    let ordered = WithState::of(select).order_by_asc(lower_name()).order_by_asc(Column::Id);
    let found = paged::page::<_, WithState>(cx.reader(), total, ordered, paging).await?;
    let next = found.rows.last().filter(|_| found.more).map(|s| by_name::cursor(s.model.id, &s.model.name));
    Ok(Page::new(found.rows.into_iter().map(WithState::row).collect::<Result<_>>()?, found.total, paging, next))
}

/// A service with its team's name and its live incidents: how many, and the worst.
#[derive(FromQueryResult)]
struct WithState {
    #[sea_orm(nested)]
    model: Model,
    team_name: Option<String>,
    live_incidents: i64,
    worst: Option<i64>,
}

impl WithState {
    fn of(select: Select<Entity>) -> Select<Entity> {
        select
            .expr_as(names::of_column("team", "service.team_id"), "team_name")
            .expr_as(Expr::cust("(SELECT COUNT(*) FROM incident i WHERE i.live AND i.service_id = service.id)"), "live_incidents")
            .expr_as(Expr::cust("(SELECT MIN(i.severity_rank) FROM incident i WHERE i.live AND i.service_id = service.id)"), "worst")
    }

    fn row(self) -> Result<ServiceRow> {
        Ok(ServiceRow {
            service: of(self.model)?,
            team_name: self.team_name,
            live_incidents: self.live_incidents,
            worst: self.worst.and_then(|rank| domain::incident::Severity::ALL.into_iter().find(|severity| severity.rank() == rank)),
        })
    }
}

/// One service as the list shows it.
pub async fn summary(cx: &Cx, id: Id<Service>) -> Result<ServiceRow> {
    let scope = cx.scope("services")?;
    let one = WithState::of(Entity::find_by_id(id.uuid()).filter(within(&scope)));
    one.into_model::<WithState>().one(cx.reader()).await?.ok_or_else(|| Problem::not_found("service"))?.row()
}
