//! Incidents over REST.

use axum::{
    extract::{Path, Request},
    http::HeaderMap,
    response::Response,
};
use domain::{
    Id, Instant, Problem,
    account::User,
    alert::Alert,
    incident::{Filter, Incident, IncidentIn, IncidentPatch, Note, NoteIn, Row, Severity, Sort, State as Status, TimelineItem},
    list::{Page, Total},
};
use serde::Deserialize;
use services::{Cx, incident};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, declare))
        .routes(routes!(list_csv))
        .routes(routes!(list_json))
        .routes(routes!(get, edit))
        .routes(routes!(set_status))
        .routes(routes!(assign))
        .routes(routes!(acknowledge))
        .routes(routes!(undo_acknowledge))
        .routes(routes!(resolve))
        .routes(routes!(add_note))
        .routes(routes!(edit_note))
        .routes(routes!(timeline))
        .routes(routes!(alerts))
}

const FILTERS: [&str; 12] =
    ["status", "severity", "service_id", "team_id", "assigned_to_id", "from", "to", "q", "sort", "page", "page_size", "after"];

/// The filter and order of a query; also what the page's links mean.
pub fn filter(params: &Params, cx: &Cx) -> Result<(Filter, Sort), Problem> {
    let assignee = match params.get("assigned_to_id") {
        Some("me") => cx.actor.caller.user(),
        _ => params.id("assigned_to_id")?,
    };
    let filter = Filter {
        status: params.parse_all("status", "open, acknowledged, in_progress, resolved or closed", Status::parse)?,
        severity: params.parse_all("severity", "critical, high, medium or low", Severity::parse)?,
        service_id: params.id("service_id")?,
        team_id: params.id("team_id")?,
        assigned_to_id: assignee,
        from: params.instant("from")?,
        to: params.instant("to")?,
        q: params.get("q").map(|q| q.chars().take(200).collect()),
    };
    let sort = params.parse("sort", "severity, -created_at or created_at", |s| match s {
        "severity" => Some(Sort::Severity),
        "-created_at" => Some(Sort::Newest),
        "created_at" => Some(Sort::Oldest),
        _ => None,
    })?;
    Ok((filter, sort.unwrap_or_default()))
}

#[utoipa::path(get, path = "/incidents", tag = "incidents", operation_id = "listIncidents",
    params(("status" = Option<String>, Query, description = "Comma separated: open, acknowledged, in_progress, resolved, closed"),
        ("severity" = Option<String>, Query, description = "Comma separated: critical, high, medium, low"),
        ("service_id" = Option<uuid::Uuid>, Query,), ("team_id" = Option<uuid::Uuid>, Query,),
        ("assigned_to_id" = Option<String>, Query, description = "A user's id, or me"),
        ("from" = Option<Instant>, Query,), ("to" = Option<Instant>, Query,), ("q" = Option<String>, Query, description = "Words in title or description"),
        ("sort" = Option<String>, Query, description = "severity (default), -created_at, created_at"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<Row>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &FILTERS)?;
    let (filter, sort) = filter(&params, &cx)?;
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        return exported(cx, format, filter, sort);
    }
    let page = incident::list(&cx, &filter, sort, &params.paging()?).await?;
    Ok(tag::view(request.headers(), &page))
}

/// Every matching incident as CSV.
#[utoipa::path(get, path = "/incidents.csv", tag = "incidents", operation_id = "exportIncidentsCsv",
    responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching incident as one JSON array.
#[utoipa::path(get, path = "/incidents.json", tag = "incidents", operation_id = "exportIncidentsJson",
    responses((status = 200, body = Vec<Row>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}

const COLUMNS: [&str; 18] = [
    "number",
    "title",
    "severity",
    "urgency",
    "status",
    "service_name",
    "assigned_to_name",
    "alert_count",
    "impact_started_at",
    "detected_at",
    "acknowledged_at",
    "investigating_at",
    "identified_at",
    "resolved_at",
    "closed_at",
    "resolution_notes",
    "created_at",
    "id",
];

fn exported(cx: Cx, format: export::Format, filter: Filter, sort: Sort) -> Answer {
    cx.scope("incidents")?;
    Ok(export::stream(format, "incidents", &COLUMNS, move |paging| {
        let (cx, filter) = (cx.clone(), filter.clone());
        async move { incident::list(&cx, &filter, sort, &paging).await }
    }))
}

#[utoipa::path(post, path = "/incidents", tag = "incidents", operation_id = "declareIncident", request_body = IncidentIn,
    responses((status = 201, body = Incident), Faults))]
async fn declare(Call(cx): Call, Body(new): Body<IncidentIn>) -> Answer {
    let i = incident::declare(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/incidents/{}", i.id), i.version, i.rev, &i))
}

fn item(headers: &HeaderMap, i: &Incident) -> Response {
    tag::item(headers, i.version, i.rev, i)
}

#[utoipa::path(get, path = "/incidents/{id}", tag = "incidents", operation_id = "getIncident",
    params(("id" = String, Path, description = "UUID, inc_..., or the short number")), responses((status = 200, body = Row), Conditional, Faults))]
async fn get(Call(cx): Call, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    let row = incident::get(&cx, id).await?;
    Ok(tag::row(&headers, row.incident.version, row.incident.rev, &row))
}

#[utoipa::path(patch, path = "/incidents/{id}", tag = "incidents", operation_id = "editIncident", request_body = IncidentPatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header, description = "The ETag of what is edited")), responses((status = 200, body = Incident), Faults))]
async fn edit(Call(cx): Call, Path(id): Path<String>, headers: HeaderMap, Body(patch): Body<IncidentPatch>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    let i = incident::edit(&cx, id, patch, tag::seen(&headers)?).await?;
    Ok(item(&HeaderMap::new(), &i))
}

/// The body of a change of state.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StatusIn {
    /// Where to.
    status: Status,
    /// What fixed it; with resolved and closed.
    #[serde(default)]
    resolution_notes: String,
}

#[utoipa::path(patch, path = "/incidents/{id}/status", tag = "incidents", operation_id = "setIncidentStatus", request_body = StatusIn,
    params(("id" = String, Path,)), responses((status = 200, body = Incident), Faults))]
async fn set_status(Call(cx): Call, Path(id): Path<String>, Body(new): Body<StatusIn>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    Ok(item(&HeaderMap::new(), &incident::set_status(&cx, id, new.status, new.resolution_notes).await?))
}

/// The body of an assignment.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AssignIn {
    /// To whom; null is nobody.
    #[schema(value_type = Option<uuid::Uuid>)]
    assigned_to_id: Option<Id<User>>,
}

#[utoipa::path(patch, path = "/incidents/{id}/assign", tag = "incidents", operation_id = "assignIncident", request_body = AssignIn,
    params(("id" = String, Path,)), responses((status = 200, body = Incident), Faults))]
async fn assign(Call(cx): Call, Path(id): Path<String>, Body(new): Body<AssignIn>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    Ok(item(&HeaderMap::new(), &incident::assign(&cx, id, new.assigned_to_id).await?))
}

/// The body of an intent that needs no words.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Intent {}

#[utoipa::path(post, path = "/incidents/{id}/acknowledge", tag = "incidents", operation_id = "acknowledgeIncident", request_body = Intent,
    params(("id" = String, Path,)), responses((status = 200, body = Incident), Faults))]
async fn acknowledge(Call(cx): Call, Path(id): Path<String>, Body(_): Body<Intent>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    Ok(item(&HeaderMap::new(), &incident::acknowledge(&cx, id).await?))
}

#[utoipa::path(post, path = "/incidents/{id}/acknowledge/undo", tag = "incidents", operation_id = "undoAcknowledgeIncident", request_body = Intent,
    params(("id" = String, Path,)), responses((status = 200, body = Incident), Faults))]
async fn undo_acknowledge(Call(cx): Call, Path(id): Path<String>, Body(_): Body<Intent>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    Ok(item(&HeaderMap::new(), &incident::undo_acknowledge(&cx, id).await?))
}

/// The body of a resolution.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ResolveIn {
    /// What fixed it.
    #[serde(default)]
    resolution_notes: String,
}

#[utoipa::path(post, path = "/incidents/{id}/resolve", tag = "incidents", operation_id = "resolveIncident", request_body = ResolveIn,
    params(("id" = String, Path,)), responses((status = 200, body = Incident), Faults))]
async fn resolve(Call(cx): Call, Path(id): Path<String>, Body(new): Body<ResolveIn>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    Ok(item(&HeaderMap::new(), &incident::resolve(&cx, id, new.resolution_notes).await?))
}

#[utoipa::path(post, path = "/incidents/{id}/notes", tag = "incidents", operation_id = "addIncidentNote", request_body = NoteIn,
    params(("id" = String, Path,)), responses((status = 201, body = Note), Faults))]
async fn add_note(Call(cx): Call, Path(id): Path<String>, Body(new): Body<NoteIn>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    let note = incident::add_note(&cx, id, new.body).await?;
    Ok(tag::created(&format!("/api/v1/incidents/{id}/notes/{}", note.id), note.version, note.version, &note))
}

#[utoipa::path(patch, path = "/incidents/{id}/notes/{note_id}", tag = "incidents", operation_id = "editIncidentNote", request_body = NoteIn,
    params(("id" = String, Path,), ("note_id" = String, Path,)), responses((status = 200, body = Note), Faults))]
async fn edit_note(Call(cx): Call, Path((id, note)): Path<(String, String)>, Body(new): Body<NoteIn>) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    let note = note.parse().map_err(|_| Problem::not_found("note"))?;
    let note = incident::edit_note(&cx, id, note, new.body).await?;
    Ok(tag::item(&HeaderMap::new(), note.version, note.version, &note))
}

#[utoipa::path(get, path = "/incidents/{id}/timeline", tag = "incidents", operation_id = "getIncidentTimeline",
    params(("id" = String, Path,), ("before" = Option<i64>, Query, description = "Entries before this seq")), responses((status = 200, body = Vec<TimelineItem>), Conditional, Faults))]
async fn timeline(Call(cx): Call, Path(id): Path<String>, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["before"])?;
    let id = incident::by_reference(&cx, &id).await?;
    let before = params.parse("before", "a seq", |v| v.parse::<i64>().ok())?;
    if let Some(format) = export::wanted("", request.headers()) {
        incident::get(&cx, id).await?;
        let columns = &["event.at", "event.actor.name", "event.kind", "note.body", "event.payload", "event.seq"];
        return Ok(export::stream(format, "timeline", columns, move |paging| {
            let cx = cx.clone();
            async move {
                let before = paging.after.as_deref().and_then(|seq| seq.parse().ok()).or(before);
                let items = incident::timeline(&cx, id, before).await?;
                // A page may be short, for edits of notes are not shown: the end is where nothing is left.
                let next = items.last().map(|item| item.event.seq.to_string());
                Ok(Page::new(items, Total::Exact(0), &paging, next))
            }
        }));
    }
    Ok(tag::view(request.headers(), &incident::timeline(&cx, id, before).await?))
}

#[utoipa::path(get, path = "/incidents/{id}/alerts", tag = "incidents", operation_id = "listIncidentAlerts",
    params(("id" = String, Path,)), responses((status = 200, body = Vec<Alert>), Conditional, Faults))]
async fn alerts(Call(cx): Call, Path(id): Path<String>, headers: HeaderMap) -> Answer {
    let id = incident::by_reference(&cx, &id).await?;
    incident::get(&cx, id).await?;
    if let Some(format) = export::wanted("", &headers) {
        let filter = services::alert::Filter { incident_id: Some(id), ..Default::default() };
        return Ok(export::stream(format, "alerts", super::alert::COLUMNS, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { services::alert::list(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(&headers, &services::alert::of_incident(&cx, id, 200).await?))
}
