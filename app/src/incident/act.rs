//! Doing something to an incident: shown at once where the answer is certain, sent through the outbox, taken back when it
//! was refused, and called "not sent yet" when it waits.

use domain::{
    Id, Instant,
    account::{Me, User},
    incident::{self as rule, Applied, Incident, Row, UNDO_MS, Verb},
};
use leptos::{prelude::*, task::spawn_local};
use serde_json::{Value, json};
use ui::Toast;

use super::model::Model;
use crate::{
    live::merged,
    outbox::{self, Outcome, Refusal, Write},
    words,
};

/// How the REST interface is told of a verb.
fn write(incident: &Incident, verb: Verb, notes: &str) -> Write {
    let path = format!("/api/v1/incidents/{}", incident.id);
    let label = format!("{} {}", words::verb(verb).0, incident.label());
    let status = |to: &str| Write {
        method: "PATCH",
        ..Write::intent(format!("{path}/status"), json!({ "status": to, "resolution_notes": notes }), label.clone())
    };
    match verb {
        Verb::Acknowledge => Write::intent(format!("{path}/acknowledge"), json!({}), label),
        Verb::Resolve => Write::intent(format!("{path}/resolve"), json!({ "resolution_notes": notes }), label),
        Verb::Start => status("in_progress"),
        Verb::Close => status("closed"),
        Verb::Reopen | Verb::HandBack => status("open"),
    }
}

/// The row as it will be when the server agrees; `rev` stays, so that the server's own word takes its place.
fn hoped(me: Me, row: &Row, verb: Verb, notes: &str, now: Instant) -> Option<Row> {
    let (by, mut row) = (Some(me.user.id), row.clone());
    let (rev, incident) = (row.incident.rev, &mut row.incident);
    let applied = match verb {
        Verb::Acknowledge => rule::acknowledge(incident, by, now),
        Verb::Start => rule::start(incident, by, now),
        Verb::Resolve => rule::resolve(incident, by, notes, now),
        Verb::Close => rule::close(incident, by, notes, now),
        Verb::Reopen => rule::reopen(incident, now),
        Verb::HandBack => rule::hand_back(incident, now),
    };
    incident.rev = rev;
    if incident.assigned_to_id == by {
        row.assigned_to_name = Some(me.user.name);
    }
    (applied == Ok(Applied::Changed)).then_some(row)
}

/// Does a verb. Browser only.
pub fn perform(model: Model, verb: Verb, notes: String) {
    if model.busy.get_untracked().is_some() {
        return;
    }
    let before = model.detail.with_untracked(|detail| detail.row.clone());
    // Without network nothing is certain: it is not shown as done before it is.
    if window().navigator().on_line()
        && let Some(me) = model.me.get_value()
        && let Some(row) = hoped(me, &before, verb, &notes, Instant(ui::time::now_ms()))
    {
        model.show(row);
    }
    model.busy.set(Some(verb));
    spawn_local(async move {
        let outcome = outbox::send(&write(&before.incident, verb, &notes)).await;
        let _ = model.busy.try_set(None);
        match outcome {
            Outcome::Sent { body } => {
                let toast = Toast::done(words::done(verb));
                model.toasts.show(if verb == Verb::Acknowledge { toast.undo(move || undo(model)) } else { toast });
                match body["number"].as_i64().filter(|number| *number != before.incident.number) {
                    // A closed incident stays closed; another one continues it.
                    Some(number) => model.go.run(format!("/incidents/{number}")),
                    None => agree(model, &body),
                }
            }
            Outcome::Gone => model.fetch(),
            other => {
                take_back(model, before);
                tell(model, other).await;
            }
        }
    });
}

/// The acknowledgement never happened; the server allows it for ten seconds.
fn undo(model: Model) {
    let before = model.detail.with_untracked(|detail| detail.row.clone());
    let write = Write {
        warn_after: Some(ui::time::now_ms() + UNDO_MS),
        ..Write::intent(
            format!("/api/v1/incidents/{}/acknowledge/undo", model.id),
            json!({}),
            format!("Undo the acknowledgement of {}", before.incident.label()),
        )
    };
    spawn_local(async move {
        match outbox::send(&write).await {
            Outcome::Sent { body } => {
                agree(model, &body);
                model.toasts.show(Toast::info("Undone: nobody has it."));
            }
            Outcome::Gone => model.fetch(),
            other => tell(model, other).await,
        }
    });
}

/// Gives it to somebody, or to nobody. Browser only.
pub fn assign(model: Model, to: Option<Id<User>>) {
    let before = model.detail.with_untracked(|detail| detail.row.clone());
    if before.incident.assigned_to_id == to {
        return;
    }
    let name = to.and_then(|to| model.name_of(&to.to_string()));
    if window().navigator().on_line() {
        let mut row = before.clone();
        (row.incident.assigned_to_id, row.assigned_to_name) = (to, name.clone());
        model.show(row);
    }
    let to_whom = name.unwrap_or_else(|| "nobody".to_owned());
    let label = format!("Assign {} to {to_whom}", before.incident.label());
    let path = format!("/api/v1/incidents/{}/assign", model.id);
    let write = Write { method: "PATCH", ..Write::intent(path, json!({ "assigned_to_id": to }), label) };
    spawn_local(async move {
        match outbox::send(&write).await {
            Outcome::Sent { body } => {
                agree(model, &body);
                model.toasts.show(Toast::done(format!("Assigned to {to_whom}.")));
            }
            Outcome::Gone => model.fetch(),
            other => {
                take_back(model, before);
                tell(model, other).await;
            }
        }
    });
}

/// Writes a note; true when it was sent or is kept. Browser only.
pub async fn note(model: Model, body: String) -> bool {
    let label = format!("Note on {}", model.incident.with_untracked(Incident::label));
    let write = Write::intent(format!("/api/v1/incidents/{}/notes", model.id), json!({ "body": body }), label);
    match outbox::send(&write).await {
        Outcome::Sent { .. } | Outcome::Gone => {
            model.fetch();
            true
        }
        outcome @ Outcome::Queued { .. } => {
            tell(model, outcome).await;
            true
        }
        refused => {
            tell(model, refused).await;
            false
        }
    }
}

/// Takes over what the server answered.
fn agree(model: Model, body: &Value) {
    let row = model.detail.with_untracked(|detail| merged(&detail.row, body).filter(|row| row.incident.rev >= detail.row.incident.rev));
    if let Some(row) = row {
        model.show(row);
    }
    model.fetch();
}

/// Shows what was there before, unless something newer has come meanwhile.
fn take_back(model: Model, before: Row) {
    let same = model.detail.try_with_untracked(|detail| detail.row.incident.rev == before.incident.rev);
    if same == Some(true) {
        model.show(before);
    }
}

/// Says what became of it. What was refused while the person looks is told here and need not be settled again elsewhere.
pub async fn tell(model: Model, outcome: Outcome) {
    let refused = |problem: Option<Refusal>, request_id: Option<String>| {
        let toast = Toast::error(problem.unwrap_or_default().words());
        match request_id {
            Some(id) => toast.request_id(id),
            None => toast,
        }
    };
    match outcome {
        Outcome::Queued { reason } if reason == "auth" => {
            model.toasts.show(Toast::error("Not sent yet: your session has ended. Sign in, and it is sent."));
        }
        Outcome::Queued { .. } => model.toasts.show(Toast::info("Not sent yet. It is kept here and sent when the server can be reached.")),
        Outcome::Parked { id, problem, request_id } => {
            outbox::discard(&id).await;
            model.toasts.show(refused(problem, request_id));
            model.fetch();
        }
        Outcome::Failed { problem, request_id } => model.toasts.show(refused(problem, request_id)),
        Outcome::Sent { .. } | Outcome::Gone => {}
    }
}
