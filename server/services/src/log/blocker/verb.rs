//! Reporting, editing, resolving a blocker.

use domain::{
    FieldError, Id, Problem,
    account::{Action, Target, Team, User},
    log::{self as rule, Blocker, BlockerIn, BlockerPatch, BlockerState, Resolution, validate_blocker},
    service::Visibility,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{entity::Entity, repo::Stored};
use crate::{
    Cx, Result, Tx, account, incident, log,
    store::{NewEvent, counter, id},
};

const NUMBERS: &str = "blocker_number";

fn journal(tx: &Tx, s: &Stored, kind: &'static str, change: Option<(Value, Value)>) {
    let b = &s.blocker;
    tx.event(NewEvent {
        team: s.team,
        incident: b.related_incident_id,
        private: s.visibility == Visibility::Team,
        change,
        ..NewEvent::record("blockers", kind, format!("blocker:{}", b.id), b.rev, json!({ "description": b.description }))
    });
}

/// Checks what the blocker refers to; answers who may know of it: those who may know of its incident.
async fn referred(cx: &Cx, tx: &Tx, new: &BlockerIn, before: Option<&Blocker>) -> Result<(Option<Id<Team>>, Visibility)> {
    let people =
        [(new.owner_id, "owner_id", before.map(|b| b.owner_id)), (new.waits_for_id, "waits_for_id", before.and_then(|b| b.waits_for_id))];
    for (person, field, known) in people {
        // Who was named already may have been archived since.
        if let Some(person) = person.filter(|person| Some(*person) != known) {
            account::require_active(cx, person, field).await?;
        }
    }
    if let Some(update) = new.related_status_id.filter(|update| before.is_none_or(|b| b.related_status_id != Some(*update))) {
        log::require_update(tx, update, "related_status_id").await?;
    }
    match new.related_incident_id {
        None => Ok((None, Visibility::All)),
        Some(incident) => incident::owner(cx, tx, incident).await?.ok_or_else(|| {
            Problem::invalid(vec![FieldError::new("related_incident_id", "not_found", "There is no such incident.")]).into()
        }),
    }
}

/// Reports a blocker.
pub async fn create(cx: &Cx, new: BlockerIn) -> Result<Blocker> {
    cx.authorize(Action::WriteLog, &Target::ANY, "blocker")?;
    let caller = cx.user()?;
    let new = validate_blocker(BlockerIn { owner_id: Some(new.owner_id.unwrap_or(caller)), ..new })?;
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, new) = (call.clone(), new.clone());
        async move {
            cx.authorize(Action::WriteLog, &Target::ANY, "blocker")?;
            let (team, visibility) = referred(&cx, &tx, &new, None).await?;
            let stored = Stored { blocker: made(&tx, new, caller), number: counter::add(&tx, NUMBERS, 1).await?, team, visibility };
            Entity::insert(stored.model().into_active_model()).exec_without_returning(tx.conn()).await?;
            journal(&tx, &stored, "blocker.reported", None);
            Ok(stored.blocker)
        }
    })
    .await
}

fn made(tx: &Tx, new: BlockerIn, caller: Id<User>) -> Blocker {
    Blocker {
        id: id(tx.now()),
        description: new.description,
        impact: new.impact,
        status: BlockerState::Active,
        owner_id: new.owner_id.unwrap_or(caller),
        waits_for_id: new.waits_for_id,
        waits_for: new.waits_for,
        related_status_id: new.related_status_id,
        related_incident_id: new.related_incident_id,
        resolution_notes: String::new(),
        resolved_at: None,
        resolved_by_id: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 1,
        rev: 1,
    }
}

async fn locked(cx: &Cx, tx: &Tx, id: Id<Blocker>) -> Result<Stored> {
    let row = tx.for_update(Entity::find_by_id(id.uuid())).one(tx.conn()).await?;
    let stored = Stored::of(row.ok_or_else(|| Problem::not_found("blocker"))?);
    cx.authorize(Action::WriteLog, &stored.target(), "blocker")?;
    Ok(stored)
}

async fn store(tx: &Tx, stored: &Stored) -> Result<()> {
    stored.model().into_active_model().reset_all().update(tx.conn()).await?;
    Ok(())
}

/// Applies an edit made on top of version `seen`.
pub async fn edit(cx: &Cx, id: Id<Blocker>, patch: BlockerPatch, seen: i64) -> Result<Blocker> {
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, patch) = (call.clone(), patch.clone());
        async move {
            let mut stored = locked(&cx, &tx, id).await?;
            let before = stored.blocker.clone();
            if before.version != seen {
                return Err(Problem::stale(serde_json::to_value(&before)?, Vec::new()).into());
            }
            let new = validate_blocker(patch.onto(&before))?;
            (stored.team, stored.visibility) = referred(&cx, &tx, &new, Some(&before)).await?;
            let BlockerIn { description, impact, owner_id, waits_for_id, waits_for, related_status_id, related_incident_id } = new;
            stored.blocker = Blocker {
                description,
                impact,
                owner_id: owner_id.unwrap_or(before.owner_id),
                waits_for_id,
                waits_for,
                related_status_id,
                related_incident_id,
                ..before.clone()
            };
            if stored.blocker != before {
                stored.blocker.version += 1;
                stored.blocker.rev += 1;
                stored.blocker.updated_at = tx.now();
                store(&tx, &stored).await?;
                let change = (serde_json::to_value(&before)?, serde_json::to_value(&stored.blocker)?);
                journal(&tx, &stored, "blocker.edited", Some(change));
            }
            Ok(stored.blocker)
        }
    })
    .await
}

/// It is out of the way: who waited sees it at once, and on their home for a day.
pub async fn resolve(cx: &Cx, id: Id<Blocker>, how: Resolution) -> Result<Blocker> {
    let notes = how.validate()?;
    let by = cx.actor.caller.user();
    change(cx, id, "blocker.resolved", move |blocker, now| rule::resolve(blocker, by, &notes, now)).await
}

/// It stands in the way again.
pub async fn reopen(cx: &Cx, id: Id<Blocker>) -> Result<Blocker> {
    change(cx, id, "blocker.reopened", rule::reopen).await
}

async fn change(
    cx: &Cx,
    id: Id<Blocker>,
    kind: &'static str,
    apply: impl Fn(&mut Blocker, domain::Instant) -> bool + Clone + Send + Sync + 'static,
) -> Result<Blocker> {
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, apply) = (call.clone(), apply.clone());
        async move {
            let mut stored = locked(&cx, &tx, id).await?;
            if apply(&mut stored.blocker, tx.now()) {
                store(&tx, &stored).await?;
                journal(&tx, &stored, kind, None);
            }
            Ok(stored.blocker)
        }
    })
    .await
}
