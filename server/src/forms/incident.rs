//! Forms of incidents.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{
    Id, Instant, Problem,
    incident::{Incident, IncidentIn, IncidentPatch, Severity, Urgency},
};
use services::{Cx, incident};

use super::{Form, back, see};
use crate::http::{State, context::Call, refusal::Refusal};

/// The forms of this noun.
pub fn router() -> Router<State> {
    Router::new()
        .route("/incidents", post(declare))
        .route("/incidents/{reference}/{verb}", post(verb))
        .route("/incidents/{reference}/notes/{note}", post(edit_note))
}

async fn declare(Call(cx): Call, form: Form) -> Response {
    let fields = ["title", "description", "severity", "urgency", "service_id", "impact_started_at"].map(|f| (f, form.text(f)));
    match declared(&cx, &form).await {
        Ok(i) => see(&format!("/incidents/{}", i.number)),
        Err(refusal) => back(&cx, "/incidents/new", "declare", &fields, refusal).await,
    }
}

async fn declared(cx: &Cx, form: &Form) -> Result<Incident, Refusal> {
    let wrong = |field: &str, words: &str| Problem::invalid(vec![domain::FieldError::new(field, "not_allowed", words)]);
    let new = IncidentIn {
        title: form.text("title"),
        description: form.text("description"),
        severity: Severity::parse(&form.text("severity")).ok_or_else(|| wrong("severity", "Choose how bad it is."))?,
        urgency: form.0.get("urgency").and_then(Urgency::parse),
        service_id: form.0.id("service_id").map_err(|_| wrong("service_id", "Choose a service."))?,
        assigned_to_id: None,
        impact_started_at: form
            .0
            .get("impact_started_at")
            .map(|t| instant(t).ok_or_else(|| wrong("impact_started_at", "A date and time.")))
            .transpose()?,
    };
    Ok(incident::declare(cx, new).await?)
}

/// What a `datetime-local` field sends, read as UTC, as the page renders it; or RFC 3339.
fn instant(text: &str) -> Option<Instant> {
    Instant::parse(text).or_else(|| Instant::parse(&format!("{text}Z"))).or_else(|| Instant::parse(&format!("{text}:00Z")))
}

async fn verb(Call(cx): Call, Path((reference, verb)): Path<(String, String)>, form: Form) -> Response {
    let fields = ["resolution_notes", "body", "title", "description", "severity", "conference_url", "version"].map(|f| (f, form.text(f)));
    match done(&cx, &reference, &verb, &form).await {
        Ok(Some(number)) => see(&format!("/incidents/{number}")),
        Ok(None) => Refusal(Problem::not_found("form")).into_response(),
        Err(refusal) => {
            let page = if verb == "edit" { format!("/incidents/{reference}/edit") } else { format!("/incidents/{reference}") };
            back(&cx, &page, &verb, &fields, refusal).await
        }
    }
}

/// Runs the verb; answers the number of the incident to show then, or nothing when there is no such verb.
async fn done(cx: &Cx, reference: &str, verb: &str, form: &Form) -> Result<Option<i64>, Refusal> {
    let id = incident::by_reference(cx, reference).await?;
    let i = match verb {
        "acknowledge" => incident::acknowledge(cx, id).await?,
        "undo-acknowledge" => incident::undo_acknowledge(cx, id).await?,
        "start" => incident::start(cx, id).await?,
        "resolve" => incident::resolve(cx, id, form.text("resolution_notes")).await?,
        "close" => incident::close(cx, id, form.text("resolution_notes")).await?,
        "reopen" => incident::reopen(cx, id).await?,
        "hand-back" => incident::hand_back(cx, id).await?,
        "assign" => incident::assign(cx, id, form.0.id("assigned_to_id")?).await?,
        "edit" => edit(cx, id, form).await?,
        "notes" => {
            incident::add_note(cx, id, form.text("body")).await?;
            return Ok(Some(incident::get(cx, id).await?.incident.number));
        }
        _ => return Ok(None),
    };
    Ok(Some(i.number))
}

async fn edit(cx: &Cx, id: Id<Incident>, form: &Form) -> Result<Incident, Refusal> {
    let seen = form.0.parse("version", "the version of the form", |v| v.parse().ok())?.unwrap_or(0);
    let patch = IncidentPatch {
        title: Some(form.text("title")),
        description: Some(form.text("description")),
        severity: form.0.get("severity").and_then(Severity::parse),
        resolution_notes: Some(form.text("resolution_notes")),
        conference_url: Some(form.0.get("conference_url").map(str::to_owned)),
        ..IncidentPatch::default()
    };
    Ok(incident::edit(cx, id, patch, seen).await?)
}

async fn edit_note(Call(cx): Call, Path((reference, note)): Path<(String, String)>, form: Form) -> Response {
    let edited = async {
        let id = incident::by_reference(&cx, &reference).await?;
        let note = note.parse().map_err(|_| Problem::not_found("note"))?;
        incident::edit_note(&cx, id, note, form.text("body")).await
    };
    match edited.await {
        Ok(_) => see(&format!("/incidents/{reference}")),
        Err(e) => back(&cx, &format!("/incidents/{reference}"), "notes", &[("body", form.text("body"))], e).await,
    }
}
