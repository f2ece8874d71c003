//! Making, editing, rotating an integration.

use domain::{
    Code, Id, Instant, Problem,
    account::{Action, Target},
    integration::{Integration, IntegrationIn, IntegrationPatch, Kind, validate_name},
    service::{Service, Visibility},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, JoinType, QueryFilter, QueryOrder,
    QueryTrait, Select, sea_query::Expr,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::entity::{Column, Entity, Model};
use crate::{
    Cx, Error, Result, Tx, service,
    store::{NewEvent, id, json as text, page, word},
};

/// An integration with its secret key: shown where it is made, rotated, or asked for by who may.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithSecret {
    /// The integration.
    pub integration: Integration,
    /// 32 characters; also PagerDuty's routing key.
    pub key: String,
}

fn of(m: Model) -> Result<Integration> {
    Ok(Integration {
        id: Id::new(m.id),
        service_id: Id::new(m.service_id),
        kind: word(Kind::parse(&m.kind), "integration.kind", &m.kind)?,
        name: m.name,
        key_hint: m.key_hint,
        settings: serde_json::from_str(&m.settings)?,
        disabled_at: m.disabled_at.map(Instant),
        last_received_at: m.last_received_at.map(Instant),
        last_error_at: m.last_error_at.map(Instant),
        created_at: Instant(m.created_at),
        updated_at: Instant(m.updated_at),
        version: m.version,
        rev: m.rev,
    })
}

fn place(id: Id<Integration>) -> String {
    format!("integration|key_sealed|{id}")
}

/// Loads one with its service and authorises.
pub(super) async fn load<C: ConnectionTrait>(cx: &Cx, conn: &C, id: Id<Integration>, action: Action) -> Result<(Integration, Service)> {
    let row = Entity::find_by_id(id.uuid()).one(conn).await?.ok_or_else(|| Problem::not_found("integration"))?;
    let integration = of(row)?;
    let service = service::load_on(conn, integration.service_id).await?;
    cx.authorize(action, &target(&service), "integration")?;
    Ok((integration, service))
}

pub(super) fn target(service: &Service) -> Target {
    Target { team: service.team_id, visibility: service.visibility, owner: None }
}

fn journal(tx: &Tx, service: &Service, i: &Integration, kind: &'static str, payload: Value) {
    tx.event(NewEvent {
        service: Some(service.id),
        team: service.team_id,
        private: service.visibility == Visibility::Team,
        patch: json!({ "id": i.id, "name": i.name, "disabled_at": i.disabled_at, "rev": i.rev }),
        ..NewEvent::record("services", kind, format!("integration:{}", i.id), i.rev, payload)
    });
}

/// 32 lower-case hexadecimal characters: 128 random bits, the length that PagerDuty's clients insist on.
fn new_key() -> String {
    rand::random::<[u8; 16]>().iter().map(|b| format!("{b:02x}")).collect()
}

/// Makes an integration of a service; the answer is the only one that a replay will not repeat.
pub async fn create(cx: &Cx, service: Id<Service>, new: IntegrationIn) -> Result<WithSecret> {
    let name = validate_name(new.kind, &new.name)?;
    let call = cx.clone();
    cx.write_secret(move |tx| {
        let (cx, new, name) = (call.clone(), new.clone(), name.clone());
        async move {
            let service = service::load(&tx, service).await?;
            cx.authorize(Action::ConfigureService, &target(&service), "service")?;
            if service.archived_at.is_some() {
                return Err(Problem::conflict("This service is archived; restore it first.").into());
            }
            let key = new_key();
            let id = id(tx.now());
            let model = Model {
                id: id.uuid(),
                service_id: service.id.uuid(),
                kind: new.kind.as_str().into(),
                name,
                key_sha256: Sha256::digest(key.as_bytes()).to_vec(),
                key_sealed: cx.app.keyring.seal(&place(id), key.as_bytes())?,
                key_hint: key[key.len() - 4..].to_owned(),
                settings: text(&new.settings)?,
                disabled_at: None,
                last_received_at: None,
                last_error_at: None,
                created_at: tx.now().ms(),
                updated_at: tx.now().ms(),
                version: 1,
                rev: 1,
            };
            Entity::insert(model.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
            let integration = of(model)?;
            journal(&tx, &service, &integration, "integration.created", json!({ "name": integration.name, "kind": integration.kind }));
            Ok(WithSecret { integration, key })
        }
    })
    .await
}

/// Before each column of the service.
const OF_SERVICE: &str = "of_";

/// An integration beside its service. A service without any is one row, too.
#[derive(FromQueryResult)]
struct Beside {
    #[sea_orm(nested)]
    integration: Option<Model>,
    #[sea_orm(nested(prefix = "of_"))]
    service: service::Model,
}

fn beside() -> Select<Entity> {
    let mut select = Entity::find();
    let query = QueryTrait::query(&mut select);
    query.join(JoinType::RightJoin, "service", Expr::cust("service.id = integration.service_id"));
    page::also::<service::Entity>(query, OF_SERVICE);
    select
}

/// The integrations of a service, oldest first.
pub async fn list(cx: &Cx, service: Id<Service>) -> Result<Vec<Integration>> {
    let of_service = beside().filter(service::Column::Id.eq(service.uuid())).order_by_asc(Column::CreatedAt);
    let found = of_service.into_model::<Beside>().all(cx.reader()).await?;
    let owner = found.first().ok_or_else(|| Problem::not_found("service"))?.service.clone();
    service::seen_by(cx, owner)?;
    found.into_iter().filter_map(|beside| beside.integration).map(of).collect()
}

/// One integration.
pub async fn get(cx: &Cx, id: Id<Integration>) -> Result<Integration> {
    Ok(with_service(cx, id).await?.0)
}

/// One integration with its service.
pub(super) async fn with_service(cx: &Cx, id: Id<Integration>) -> Result<(Integration, Service)> {
    let missing = || Problem::not_found("integration");
    let found = beside().filter(Column::Id.eq(id.uuid())).into_model::<Beside>().one(cx.reader()).await?.ok_or_else(missing)?;
    let service = service::seen_by(cx, found.service).map_err(|e| if e.problem().code == Code::NotFound { missing().into() } else { e })?;
    Ok((of(found.integration.ok_or_else(missing)?)?, service))
}

/// The secret key, for who may send alerts with it; that it was asked for is journalled.
pub async fn reveal(cx: &Cx, id: Id<Integration>) -> Result<WithSecret> {
    let call = cx.clone();
    cx.write_plain(move |tx| {
        let cx = call.clone();
        async move {
            let (integration, service) = load(&cx, tx.conn(), id, Action::ConfigureService).await?;
            let row = Entity::find_by_id(id.uuid()).one(tx.conn()).await?.ok_or(Error::Lost)?;
            let key = cx.app.keyring.open_sealed(&place(id), &row.key_sealed)?;
            let key = String::from_utf8(key).map_err(|e| Error::Stored(e.to_string()))?;
            journal(&tx, &service, &integration, "integration.revealed", json!({}));
            Ok(WithSecret { integration, key })
        }
    })
    .await
}

async fn changed<F>(cx: &Cx, id: Id<Integration>, kind: &'static str, run: F) -> Result<Integration>
where
    F: Fn(&mut Model, &Integration) -> Result<Value> + Clone + Send + Sync + 'static,
{
    let call = cx.clone();
    let outcome = cx
        .write(move |tx| {
            let (cx, run) = (call.clone(), run.clone());
            async move { change(&cx, &tx, id, kind, run).await }
        })
        .await;
    cx.app.keys.forget();
    outcome
}

async fn change<F>(cx: &Cx, tx: &Tx, id: Id<Integration>, kind: &'static str, run: F) -> Result<Integration>
where
    F: Fn(&mut Model, &Integration) -> Result<Value>,
{
    let row = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
    let mut row = row.ok_or_else(|| Problem::not_found("integration"))?;
    let (integration, service) = load(cx, tx.conn(), id, Action::ConfigureService).await?;
    let payload = run(&mut row, &integration)?;
    row.rev += 1;
    row.updated_at = tx.now().ms();
    row.clone().into_active_model().reset_all().update(tx.conn()).await?;
    let integration = of(row)?;
    journal(tx, &service, &integration, kind, payload);
    Ok(integration)
}

/// Applies an edit made on top of version `seen`.
pub async fn edit(cx: &Cx, id: Id<Integration>, patch: IntegrationPatch, seen: i64) -> Result<Integration> {
    let now = cx.now().ms();
    changed(cx, id, "integration.edited", move |row, current| {
        if current.version != seen {
            return Err(Problem::stale(serde_json::to_value(current)?, Vec::new()).into());
        }
        if let Some(name) = &patch.name {
            row.name = validate_name(current.kind, name)?;
        }
        if let Some(settings) = &patch.settings {
            row.settings = text(settings)?;
        }
        if let Some(disabled) = patch.disabled {
            row.disabled_at = if disabled { Some(row.disabled_at.unwrap_or(now)) } else { None };
        }
        row.version += 1;
        Ok(json!({ "name": row.name, "disabled": row.disabled_at.is_some() }))
    })
    .await
}

/// Gives it a new key; the old URL stops at once. As when it is made, a replay does not repeat the key: the one that was
/// answered holds, and a request that is sent twice does not end it.
pub async fn rotate(cx: &Cx, id: Id<Integration>) -> Result<WithSecret> {
    let call = cx.clone();
    let outcome = cx
        .write_secret(move |tx| {
            let cx = call.clone();
            async move {
                let key = new_key();
                let sealed = cx.app.keyring.seal(&place(id), key.as_bytes())?;
                let integration = change(&cx, &tx, id, "integration.rotated", |row, _| {
                    row.key_sha256 = Sha256::digest(key.as_bytes()).to_vec();
                    row.key_sealed = sealed.clone();
                    row.key_hint = key[key.len() - 4..].to_owned();
                    Ok(json!({}))
                })
                .await?;
                Ok(WithSecret { integration, key })
            }
        })
        .await;
    cx.app.keys.forget();
    outcome
}
