//! The verbs on an incident: load, authorise, the rule of `domain`, row and event.

use domain::{
    Id, Instant, Problem,
    account::{Action, User},
    alert::EndReason,
    incident::{self as rule, Applied, Incident, State},
};
use serde_json::{Value, json};

use super::repo::{self, Stored, load};
use crate::{Cx, Result, Tx};

/// When the person acted: what waited offline counts from then, but never from before the incident's last change.
fn acted_at(cx: &Cx, tx: &Tx, incident: &Incident) -> Instant {
    cx.request.acted_at.map_or(tx.now(), |at| at.clamp(incident.updated_at.min(tx.now()), tx.now()))
}

/// Runs a rule on one incident; a change is stored under `kind` with this payload.
async fn apply<F>(cx: &Cx, id: Id<Incident>, kind: &'static str, payload: Value, run: F) -> Result<Incident>
where
    F: Fn(&mut Incident, Option<Id<User>>, Instant) -> Result<Applied, Problem> + Clone + Send + Sync + 'static,
{
    let call = cx.clone();
    cx.write(move |tx| {
        let (cx, payload, run) = (call.clone(), payload.clone(), run.clone());
        async move {
            // Alerts come before their incident in the order of locks.
            if matches!(kind, "incident.resolved" | "incident.closed") {
                crate::alert::lock_of(&tx, id).await?;
            }
            let mut stored = load(&cx, &tx, id, Action::Respond).await?;
            let (from, now) = (stored.incident.status, acted_at(&cx, &tx, &stored.incident));
            match run(&mut stored.incident, cx.actor.caller.user(), now)? {
                Applied::Already => {}
                Applied::Changed => settle(&tx, &mut stored, kind, from, payload).await?,
                Applied::Continue => return super::declare::continuation(&cx, &tx, &stored).await,
            }
            Ok(stored.incident)
        }
    })
    .await
}

/// Stores a changed incident with all that its new state brings along: an end ends its alerts.
pub(crate) async fn settle(tx: &Tx, stored: &mut Stored, kind: &'static str, from: State, payload: Value) -> Result<()> {
    if from.is_live() && !stored.incident.is_live() {
        crate::alert::end_all(tx, stored, EndReason::IncidentResolved).await?;
        stored.quiet_until = None;
    }
    if let Some(at) = stored.incident.auto_close_at {
        tx.due(at);
    }
    repo::store(tx, stored, kind, from, payload).await
}

/// "I have it."
pub async fn acknowledge(cx: &Cx, id: Id<Incident>) -> Result<Incident> {
    apply(cx, id, "incident.acknowledged", json!({}), rule::acknowledge).await
}

/// The acknowledgement never happened.
pub async fn undo_acknowledge(cx: &Cx, id: Id<Incident>) -> Result<Incident> {
    let by = cx.user()?;
    apply(cx, id, "incident.acknowledgement_undone", json!({}), move |i, _, now| rule::undo_acknowledge(i, by, now)).await
}

/// "I work on it."
pub async fn start(cx: &Cx, id: Id<Incident>) -> Result<Incident> {
    apply(cx, id, "incident.started", json!({}), rule::start).await
}

/// "It is over."
pub async fn resolve(cx: &Cx, id: Id<Incident>, notes: String) -> Result<Incident> {
    let notes = checked_notes(notes)?;
    let payload = if notes.is_empty() { json!({}) } else { json!({ "notes": notes }) };
    apply(cx, id, "incident.resolved", payload, move |i, by, now| rule::resolve(i, by, &notes, now)).await
}

/// Put away.
pub async fn close(cx: &Cx, id: Id<Incident>, notes: String) -> Result<Incident> {
    let notes = checked_notes(notes)?;
    let payload = if notes.is_empty() { json!({}) } else { json!({ "notes": notes }) };
    apply(cx, id, "incident.closed", payload, move |i, by, now| rule::close(i, by, &notes, now)).await
}

fn checked_notes(notes: String) -> Result<String> {
    let mut faults = domain::problem::Faults::default();
    let notes = faults.optional_text("resolution_notes", &notes, 20_000);
    faults.finish()?;
    Ok(notes)
}

/// "It is not over." A closed incident is continued by a new one, which is answered.
pub async fn reopen(cx: &Cx, id: Id<Incident>) -> Result<Incident> {
    apply(cx, id, "incident.reopened", json!({}), |i, _, now| rule::reopen(i, now)).await
}

/// Back to open.
pub async fn hand_back(cx: &Cx, id: Id<Incident>) -> Result<Incident> {
    apply(cx, id, "incident.handed_back", json!({}), |i, _, now| rule::hand_back(i, now)).await
}

/// Gives it to somebody, or to nobody.
pub async fn assign(cx: &Cx, id: Id<Incident>, to: Option<Id<User>>) -> Result<Incident> {
    if let Some(to) = to {
        crate::account::require_active(cx, to, "assigned_to_id").await?;
    }
    apply(cx, id, "incident.assigned", json!({ "assigned_to_id": to }), move |i, _, now| rule::assign(i, to, now)).await
}

/// The verb that leads to a state; what `PATCH /status` means.
pub async fn set_status(cx: &Cx, id: Id<Incident>, to: State, notes: String) -> Result<Incident> {
    match to {
        State::Acknowledged => acknowledge(cx, id).await,
        State::InProgress => start(cx, id).await,
        State::Resolved => resolve(cx, id, notes).await,
        State::Closed => close(cx, id, notes).await,
        State::Open => {
            let live = super::detail::get(cx, id).await?.incident.is_live();
            if live { hand_back(cx, id).await } else { reopen(cx, id).await }
        }
    }
}
