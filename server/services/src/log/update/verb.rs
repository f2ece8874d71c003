//! Posting, editing, deleting an update.

use domain::{
    Id, Problem,
    account::{Action, Target},
    log::{Update, UpdateIn, UpdatePatch, validate_update},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Statement, Value as Stored};
use serde_json::{Value, json};

use super::{
    entity::Entity,
    repo::{model, of},
};
use crate::{
    Cx, Result, Tx,
    incident::render,
    store::{NewEvent, counter, id},
};

const NUMBERS: &str = "status_update_number";

fn journal(tx: &Tx, u: &Update, kind: &'static str, change: Option<(Value, Value)>) {
    let shown = json!({ "title": u.title });
    tx.event(NewEvent { change, ..NewEvent::record("status", kind, format!("status:{}", u.id), u.rev, shown) });
}

/// Posts an update.
pub async fn create(cx: &Cx, new: UpdateIn) -> Result<Update> {
    cx.authorize(Action::WriteLog, &Target::ANY, "update")?;
    let new = validate_update(new)?;
    let author = cx.user()?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            cx.authorize(Action::WriteLog, &Target::ANY, "update")?;
            let now = tx.now();
            let update = Update {
                id: id(now),
                author_id: author,
                html: render(&new.content),
                title: new.title,
                content: new.content,
                tags: new.tags,
                deleted_at: None,
                created_at: now,
                updated_at: now,
                version: 1,
                rev: 1,
            };
            let number = counter::add(&tx, NUMBERS, 1).await?;
            Entity::insert(model(&update, number)?.into_active_model()).exec_without_returning(tx.conn()).await?;
            tagged(&tx, &update).await?;
            journal(&tx, &update, "status.posted", None);
            Ok(update)
        }
    })
    .await
}

/// Stores the tags again, by which updates are found.
async fn tagged(tx: &Tx, update: &Update) -> Result<()> {
    let backend = tx.conn().get_database_backend();
    let run = |sql: &str, values: Vec<Stored>| Statement::from_sql_and_values(backend, sql, values);
    tx.conn().execute_raw(run("DELETE FROM status_update_tag WHERE update_id = $1", vec![update.id.uuid().into()])).await?;
    for tag in &update.tags {
        let insert = "INSERT INTO status_update_tag (tag, update_id) VALUES ($1, $2)";
        tx.conn().execute_raw(run(insert, vec![tag.clone().into(), update.id.uuid().into()])).await?;
    }
    Ok(())
}

/// Loads one for change by its author, with its number.
async fn locked(cx: &Cx, tx: &Tx, id: Id<Update>) -> Result<(Update, i64)> {
    cx.authorize(Action::WriteLog, &Target::ANY, "update")?;
    let row = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?.ok_or_else(|| Problem::not_found("update"))?;
    let number = row.number;
    let update = of(row)?;
    if Some(update.author_id) != cx.actor.caller.user() {
        let refusal = if update.deleted_at.is_some() {
            Problem::not_found("update")
        } else {
            Problem::forbidden("Only its author may change an update.")
        };
        return Err(refusal.into());
    }
    Ok((update, number))
}

async fn store(tx: &Tx, update: &Update, number: i64) -> Result<()> {
    model(update, number)?.into_active_model().reset_all().update(tx.conn()).await?;
    Ok(())
}

/// Applies an edit made on top of version `seen`.
pub async fn edit(cx: &Cx, id: Id<Update>, patch: UpdatePatch, seen: i64) -> Result<Update> {
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, patch) = (call.clone(), patch.clone());
        async move {
            let (before, number) = locked(&cx, &tx, id).await?;
            if before.deleted_at.is_some() {
                return Err(Problem::conflict("This update is deleted; take that back first.").into());
            }
            if before.version != seen {
                return Err(Problem::stale(serde_json::to_value(&before)?, Vec::new()).into());
            }
            let UpdateIn { title, content, tags } = validate_update(patch.onto(&before))?;
            let mut update = Update { html: render(&content), title, content, tags, ..before.clone() };
            if update != before {
                update.version += 1;
                update.rev += 1;
                update.updated_at = tx.now();
                store(&tx, &update, number).await?;
                if update.tags != before.tags {
                    tagged(&tx, &update).await?;
                }
                let change = (serde_json::to_value(&before)?, serde_json::to_value(&update)?);
                journal(&tx, &update, "status.edited", Some(change));
            }
            Ok(update)
        }
    })
    .await
}

/// Takes an update out of every list. It stays for its author, who can take that back.
pub async fn delete(cx: &Cx, id: Id<Update>) -> Result<Update> {
    set_deleted(cx, id, true).await
}

/// The deletion never happened.
pub async fn restore(cx: &Cx, id: Id<Update>) -> Result<Update> {
    set_deleted(cx, id, false).await
}

async fn set_deleted(cx: &Cx, id: Id<Update>, deleted: bool) -> Result<Update> {
    let call = cx.clone();
    cx.write(move |tx| {
        let cx = call.clone();
        async move {
            let (mut update, number) = locked(&cx, &tx, id).await?;
            if update.deleted_at.is_some() != deleted {
                update.deleted_at = deleted.then(|| tx.now());
                update.rev += 1;
                update.updated_at = tx.now();
                store(&tx, &update, number).await?;
                journal(&tx, &update, if deleted { "status.deleted" } else { "status.restored" }, None);
            }
            Ok(update)
        }
    })
    .await
}
