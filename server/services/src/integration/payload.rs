//! What integrations sent, for people to look at: the last 50 of each, at most one good one per second, every failed one.
//!
//! Written beside the accepting transaction, never in it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Id, Instant, Problem,
    account::Action,
    integration::{Integration, Payload},
    service::Service,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Statement};
use serde_json::json;
use tokio::time::Instant as Monotonic;
use uuid::Uuid;

use super::{
    accept::{Rejected, accept},
    keys,
    payload_entity::{Column, Entity, Model},
    verb::{load, target, with_service},
};
use crate::{
    Actor, App, Cx, Request, Result,
    store::{self, NewEvent},
};

/// Payloads kept for each integration.
const KEEP: i64 = 50;
/// Good payloads are kept at most this often.
const EVERY: Duration = Duration::from_secs(1);
/// Longest body that is kept.
const LONGEST: usize = 64 * 1024;

/// A payload to keep.
pub(super) struct Body<'a> {
    pub content_type: &'a str,
    pub body: &'a [u8],
    pub status: u16,
    pub error: Option<String>,
}

/// When a good payload of an integration was last kept, on this node.
static KEPT: Mutex<Option<HashMap<Uuid, Monotonic>>> = Mutex::new(None);

fn is_turn(integration: Uuid) -> bool {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_default();
    let now = Monotonic::now();
    match kept.get(&integration) {
        Some(last) if now.duration_since(*last) < EVERY => false,
        _ => {
            kept.insert(integration, now);
            true
        }
    }
}

/// Keeps a payload, on a task of its own.
pub(super) fn keep(app: &Arc<App>, integration: Uuid, body: Body<'_>) {
    if body.error.is_none() && !is_turn(integration) {
        return;
    }
    let mut text = String::from_utf8_lossy(body.body).replace('\0', "\u{fffd}");
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(end);
    }
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("integration")).bulk();
    let (content_type, status, error) = (body.content_type.chars().take(200).collect::<String>(), i64::from(body.status), body.error);
    tokio::spawn(async move {
        let stored = cx
            .write_plain(move |tx| {
                let (text, content_type, error) = (text.clone(), content_type.clone(), error.clone());
                async move { insert(&tx, integration, text, content_type, status, error).await }
            })
            .await;
        if let Err(e) = stored {
            tracing::warn!(error = %e, %integration, "a payload could not be kept");
        }
    });
}

async fn insert(tx: &crate::Tx, integration: Uuid, body: String, content_type: String, status: i64, error: Option<String>) -> Result<()> {
    let now = tx.now().ms();
    let failed = error.is_some();
    let model = Model {
        id: store::id::<Payload>(tx.now()).uuid(),
        integration_id: integration,
        at: now,
        status,
        content_type,
        body,
        error,
        replayed_at: None,
    };
    Entity::insert(model.into_active_model()).exec_without_returning(tx.conn()).await?;
    let backend = tx.conn().get_database_backend();
    let prune = "DELETE FROM payload WHERE integration_id = $1 AND id IN (SELECT id FROM payload WHERE integration_id = $1 ORDER BY at DESC, id DESC LIMIT 1000 OFFSET $2)";
    tx.conn().execute_raw(Statement::from_sql_and_values(backend, prune, [integration.into(), KEEP.into()])).await?;
    let column = if failed { "last_error_at" } else { "last_received_at" };
    let update = format!("UPDATE integration SET {column} = $2 WHERE id = $1");
    tx.conn().execute_raw(Statement::from_sql_and_values(backend, update, [integration.into(), now.into()])).await?;
    Ok(())
}

fn of(m: Model) -> Payload {
    Payload {
        id: Id::new(m.id),
        at: Instant(m.at),
        status: m.status,
        body: m.body,
        error: m.error,
        replayed_at: m.replayed_at.map(Instant),
    }
}

/// An integration, its service, and what it sent last, newest first; nothing for who may not see that.
pub async fn detail(cx: &Cx, id: Id<Integration>) -> Result<(Integration, Service, Vec<Payload>)> {
    let (integration, service) = with_service(cx, id).await?;
    let may_see = cx.authorize(Action::SeeIntegration, &target(&service), "integration").is_ok();
    let payloads = if may_see { latest(cx, id, false).await? } else { Vec::new() };
    Ok((integration, service, payloads))
}

/// The latest payloads of an integration, newest first.
pub async fn list(cx: &Cx, integration: Id<Integration>, failed_only: bool) -> Result<Vec<Payload>> {
    load(cx, cx.reader(), integration, Action::SeeIntegration).await?;
    latest(cx, integration, failed_only).await
}

async fn latest(cx: &Cx, integration: Id<Integration>, failed_only: bool) -> Result<Vec<Payload>> {
    let mut select = Entity::find().filter(Column::IntegrationId.eq(integration.uuid()));
    if failed_only {
        select = select.filter(Column::Error.is_not_null());
    }
    let rows = select.order_by_desc(Column::At).limit(KEEP as u64).all(cx.reader()).await?;
    Ok(rows.into_iter().map(of).collect())
}

/// Sends a kept payload through again, as if it came now; answers what of it could not be read.
pub async fn replay(cx: &Cx, integration: Id<Integration>, id: Id<Payload>) -> Result<Vec<String>> {
    let (owner, service) = load(cx, cx.reader(), integration, Action::ConfigureService).await?;
    let row = Entity::find_by_id(id.uuid()).one(cx.reader()).await?.filter(|p| p.integration_id == integration.uuid());
    let row = row.ok_or_else(|| Problem::not_found("payload"))?;
    let found = keys::Found::of(&owner, &service);
    let faults = match accept(&cx.app, &found, &row.content_type, row.body.as_bytes()).await {
        Ok(faults) => faults,
        Err(Rejected::Unreadable(faults)) => {
            return Err(Problem::bad_request(format!("It still cannot be read: {}", faults.join("; "))).into());
        }
        Err(Rejected::Fault(e)) => return Err(e),
    };
    let target = target(&service);
    cx.write_plain(move |tx| async move {
        let update = "UPDATE payload SET replayed_at = $2 WHERE id = $1";
        tx.conn()
            .execute_raw(Statement::from_sql_and_values(tx.conn().get_database_backend(), update, [id.uuid().into(), tx.now().ms().into()]))
            .await?;
        tx.event(NewEvent {
            team: target.team,
            ..NewEvent::record("services", "integration.replayed", format!("integration:{integration}"), 0, json!({ "payload_id": id }))
        });
        Ok(())
    })
    .await?;
    Ok(faults)
}
