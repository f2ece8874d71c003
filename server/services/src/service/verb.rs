//! Making, editing, archiving a service.

use domain::{
    FieldError, Id, Problem,
    account::{Action, Target},
    service::{Service, ServiceIn, ServicePatch, UNSORTED, Visibility, validate},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, ExprTrait, Func, OnConflict},
};
use serde_json::{Value, json};

use super::{
    entity::{Column, Entity},
    repo::{model, of},
};
use crate::{
    App, Cx, Result, Tx,
    store::{NewEvent, id},
};

fn target(s: &Service) -> Target {
    Target { team: s.team_id, visibility: s.visibility, owner: None }
}

fn journal(tx: &Tx, s: &Service, kind: &'static str, change: Option<(Value, Value)>) {
    let shown = json!({ "name": s.name });
    tx.event(NewEvent {
        service: Some(s.id),
        team: s.team_id,
        private: s.visibility == Visibility::Team,
        patch: serde_json::to_value(s).unwrap_or_default(),
        change,
        ..NewEvent::record("services", kind, format!("service:{}", s.id), s.rev, shown)
    });
}

/// A name stands once among the services in use.
async fn refuse_taken(tx: &Tx, name: &str, but: Option<Id<Service>>) -> Result<()> {
    let lower = Expr::expr(Func::lower(Expr::col((Entity, Column::Name)))).eq(Func::lower(Expr::val(name)));
    let found = Entity::find().filter(lower).filter(Column::ArchivedAt.is_null()).one(tx.conn()).await?;
    match found {
        Some(other) if Some(Id::new(other.id)) != but => {
            Err(Problem::invalid(vec![FieldError::new("name", "taken", "Another service has this name.")]).into())
        }
        _ => Ok(()),
    }
}

async fn checked_team(cx: &Cx, tx: &Tx, new: &ServiceIn) -> Result<()> {
    match new.team_id {
        Some(team) => crate::account::require_team(cx, tx, team, "team_id").await,
        None if new.visibility == Visibility::Team => {
            Err(Problem::invalid(vec![FieldError::new("team_id", "required", "A service that only its team sees needs a team.")]).into())
        }
        None => Ok(()),
    }
}

/// Makes a service.
pub async fn create(cx: &Cx, new: ServiceIn) -> Result<Service> {
    let new = validate(new)?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            let shown = Target { team: new.team_id, visibility: Visibility::All, owner: None };
            cx.authorize(Action::CreateService, &shown, "service")?;
            checked_team(&cx, &tx, &new).await?;
            refuse_taken(&tx, &new.name, None).await?;
            let service = made(id(tx.now()), new, tx.now());
            Entity::insert(model(&service)?.into_active_model()).exec_without_returning(tx.conn()).await?;
            journal(&tx, &service, "service.created", None);
            Ok(service)
        }
    })
    .await
}

fn made(id: Id<Service>, new: ServiceIn, now: domain::Instant) -> Service {
    Service {
        id,
        name: new.name,
        description: new.description,
        team_id: new.team_id,
        visibility: new.visibility,
        target_ack_minutes: new.target_ack_minutes,
        target_resolve_minutes: new.target_resolve_minutes,
        links: new.links,
        alerts: new.alerts,
        archived_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
        rev: 1,
    }
}

async fn locked(cx: &Cx, tx: &Tx, id: Id<Service>) -> Result<Service> {
    let row = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
    let service = of(row.ok_or_else(|| Problem::not_found("service"))?)?;
    cx.authorize(Action::ConfigureService, &target(&service), "service")?;
    Ok(service)
}

async fn store(tx: &Tx, service: &Service) -> Result<()> {
    model(service)?.into_active_model().reset_all().update(tx.conn()).await?;
    Ok(())
}

/// Applies an edit made on top of version `seen`.
pub async fn edit(cx: &Cx, id: Id<Service>, patch: ServicePatch, seen: i64) -> Result<Service> {
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, patch) = (call.clone(), patch.clone());
        async move {
            let mut service = locked(&cx, &tx, id).await?;
            if service.version != seen {
                return Err(Problem::stale(serde_json::to_value(&service)?, Vec::new()).into());
            }
            let before = service.clone();
            let new = validate(patch.onto(&service))?;
            checked_team(&cx, &tx, &new).await?;
            if service.archived_at.is_none() {
                refuse_taken(&tx, &new.name, Some(id)).await?;
            }
            let ServiceIn { name, team_id, description, visibility, target_ack_minutes, target_resolve_minutes, links, alerts } = new;
            service =
                Service { name, team_id, description, visibility, target_ack_minutes, target_resolve_minutes, links, alerts, ..service };
            if service != before {
                // Giving a service away needs the right to configure it there, too.
                cx.authorize(Action::ConfigureService, &target(&service), "service")?;
                service.version += 1;
                service.rev += 1;
                service.updated_at = tx.now();
                store(&tx, &service).await?;
                let change = (serde_json::to_value(&before)?, serde_json::to_value(&service)?);
                journal(&tx, &service, "service.edited", Some(change));
            }
            Ok(service)
        }
    })
    .await
}

/// Puts a service away: its integrations refuse, its history stays. "Unsorted" cannot be put away.
pub async fn archive(cx: &Cx, id: Id<Service>) -> Result<Service> {
    if id == UNSORTED {
        return Err(Problem::conflict("\"Unsorted\" takes what names no other service; it cannot be archived.").into());
    }
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let mut service = locked(&cx, &tx, id).await?;
            if service.archived_at.is_none() {
                service.archived_at = Some(tx.now());
                service.rev += 1;
                service.updated_at = tx.now();
                store(&tx, &service).await?;
                journal(&tx, &service, "service.archived", None);
            }
            Ok(service)
        }
    })
    .await
}

/// Takes it back into use.
pub async fn restore(cx: &Cx, id: Id<Service>) -> Result<Service> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let mut service = locked(&cx, &tx, id).await?;
            if service.archived_at.is_some() {
                refuse_taken(&tx, &service.name, Some(id)).await?;
                service.archived_at = None;
                service.rev += 1;
                service.updated_at = tx.now();
                store(&tx, &service).await?;
                journal(&tx, &service, "service.restored", None);
            }
            Ok(service)
        }
    })
    .await
}

/// Makes "Unsorted" on the first start; safe among nodes that start at once.
pub(crate) async fn ensure_unsorted(app: &std::sync::Arc<App>) -> Result<()> {
    if Entity::find_by_id(UNSORTED.uuid()).one(&app.store.reader).await?.is_some() {
        return Ok(());
    }
    let cx = Cx::new(app.clone(), crate::Actor::system(), crate::Request::inside("engine"));
    cx.write_plain(move |tx| async move {
        let new = ServiceIn {
            name: "Unsorted".into(),
            description: "Takes incidents and alerts that name no service.".into(),
            ..ServiceIn::default()
        };
        let service = made(UNSORTED, new, tx.now());
        let insert =
            Entity::insert(model(&service)?.into_active_model()).on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned());
        if insert.exec_without_returning(tx.conn()).await? == 1 {
            journal(&tx, &service, "service.created", None);
        }
        Ok(())
    })
    .await
}
