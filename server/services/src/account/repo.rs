//! Accounts in the database, and what the journal says of them.

use domain::{
    FieldError, Id, Instant, Problem,
    account::{Role, User, UserIn},
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Statement,
};
use serde_json::{Value, json};

use super::entity::{ActiveModel, Column, Entity, Model};
use crate::{
    Result, Tx,
    store::{NewEvent, Store, word},
};

pub(super) fn of(m: Model) -> Result<User> {
    Ok(User {
        id: Id::new(m.id),
        name: m.name,
        email: m.email,
        role: word(Role::parse(&m.role), "account.role", &m.role)?,
        time_zone: m.time_zone,
        locale: m.locale,
        archived_at: m.archived_at.map(Instant),
        created_at: Instant(m.created_at),
        updated_at: Instant(m.updated_at),
        version: m.version,
        rev: m.rev,
    })
}

fn row(u: &User, password_hash: Option<String>) -> Model {
    Model {
        id: u.id.uuid(),
        name: u.name.clone(),
        email: u.email.clone(),
        role: u.role.as_str().into(),
        password_hash,
        time_zone: u.time_zone.clone(),
        locale: u.locale.clone(),
        archived_at: u.archived_at.map(Instant::ms),
        created_at: u.created_at.ms(),
        updated_at: u.updated_at.ms(),
        version: u.version,
        rev: u.rev,
    }
}

/// The account in use that has this address.
pub(super) async fn by_email<C: ConnectionTrait>(conn: &C, email: &str) -> Result<Option<Model>> {
    Ok(Entity::find().filter(Column::Email.eq(email)).filter(Column::ArchivedAt.is_null()).one(conn).await?)
}

/// Loads one for change, locked, with its password's hash.
pub(super) async fn locked(tx: &Tx, id: Id<User>) -> Result<(User, Option<String>)> {
    let found = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
    let mut found = found.ok_or_else(|| Problem::not_found("user"))?;
    let hash = found.password_hash.take();
    Ok((of(found)?, hash))
}

/// Whether there is an administrator. Once there is one, there always is: the last one can neither leave nor step down.
pub(super) async fn any_admin(store: &Store) -> Result<bool> {
    let probe = Statement::from_string(store.backend(), "SELECT 1 FROM account WHERE role = 'admin' LIMIT 1");
    Ok(store.reader.query_one_raw(probe).await?.is_some())
}

/// An address stands once among the accounts in use.
pub(super) async fn refuse_taken(tx: &Tx, email: &str, but: Option<Id<User>>) -> Result<()> {
    match by_email(tx.conn(), email).await? {
        Some(other) if Some(Id::new(other.id)) != but => {
            Err(Problem::invalid(vec![FieldError::new("email", "taken", "Somebody has an account with this address.")]).into())
        }
        _ => Ok(()),
    }
}

/// Refuses what would leave OpsGuard without an administrator. Locks them all, so that two who demote each other take turns.
pub(super) async fn refuse_last_admin(tx: &Tx, leaving: Id<User>) -> Result<()> {
    let admins = Entity::find().filter(Column::Role.eq(Role::Admin.as_str())).filter(Column::ArchivedAt.is_null()).order_by_asc(Column::Id);
    let admins = tx.for_update(admins).all(tx.conn()).await?;
    if admins.iter().any(|a| a.id != leaving.uuid()) {
        return Ok(());
    }
    Err(Problem::conflict("This is the last administrator; make somebody else one first.").into())
}

/// Stores a new account.
pub(super) async fn insert(tx: &Tx, id: Id<User>, new: UserIn, password_hash: Option<String>) -> Result<User> {
    let now = tx.now();
    let user = User {
        id,
        name: new.name,
        email: new.email,
        role: new.role,
        time_zone: new.time_zone,
        locale: new.locale,
        archived_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
        rev: 1,
    };
    Entity::insert(row(&user, password_hash).into_active_model()).exec_without_returning(tx.conn()).await?;
    Ok(user)
}

/// Stores a changed account; the password stays.
pub(super) async fn update(tx: &Tx, user: &User) -> Result<()> {
    let changed = ActiveModel { password_hash: NotSet, ..row(user, None).into_active_model().reset_all() };
    changed.update(tx.conn()).await?;
    Ok(())
}

/// Stores another hash; nothing else changes.
pub(super) async fn set_hash(tx: &Tx, id: Id<User>, hash: String) -> Result<()> {
    let changed = ActiveModel { id: Set(id.uuid()), password_hash: Set(Some(hash)), ..Default::default() };
    changed.update(tx.conn()).await?;
    Ok(())
}

/// An event about an account. What it says of a person stands in the row and by reference, never in the payload.
pub(super) fn event(user: &User, kind: &'static str, payload: Value) -> NewEvent {
    NewEvent {
        patch: serde_json::to_value(user).unwrap_or_default(),
        ..NewEvent::record("accounts", kind, format!("user:{}", user.id), user.rev, payload)
    }
}

/// Journals a change with what was before and after, for administrators.
pub(super) fn changed(tx: &Tx, before: &User, after: &User, kind: &'static str) -> Result<()> {
    let change = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    tx.event(NewEvent { change: Some(change), ..event(after, kind, json!({})) });
    Ok(())
}
