//! The team's log over REST: status updates and blockers.

use axum::{
    extract::{Path, Request},
    http::HeaderMap,
};
use domain::{
    Id, Instant, Problem,
    list::Page,
    log::{
        Blocker, BlockerFilter, BlockerIn, BlockerPatch, BlockerRow, BlockerState, Resolution, Update, UpdateFilter, UpdateIn, UpdatePatch,
        UpdateRow,
    },
    time::DAY,
};
use services::{Cx, log};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of these nouns.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, post))
        .routes(routes!(list_csv))
        .routes(routes!(list_json))
        .routes(routes!(get, edit, delete))
        .routes(routes!(restore))
        .routes(routes!(blockers, report))
        .routes(routes!(blockers_csv))
        .routes(routes!(blockers_json))
        .routes(routes!(blocker, edit_blocker))
        .routes(routes!(resolve))
        .routes(routes!(reopen))
}

fn update_id(text: &str) -> Result<Id<Update>, Problem> {
    text.parse().map_err(|_| Problem::not_found("update"))
}

fn blocker_id(text: &str) -> Result<Id<Blocker>, Problem> {
    text.parse().map_err(|_| Problem::not_found("blocker"))
}

/// A person's id, or `me`.
fn person(params: &Params, name: &str, cx: &Cx) -> Result<Option<Id<domain::account::User>>, Problem> {
    match params.get(name) {
        Some("me") => Ok(cx.actor.caller.user()),
        _ => params.id(name),
    }
}

/// An instant, or a day in UTC: its beginning, or with `last` its end.
fn day(params: &Params, name: &str, last: bool) -> Result<Option<Instant>, Problem> {
    params.parse(name, "a day (2026-11-20) or an instant (2026-11-20T08:00:00Z)", |text| {
        let midnight = Instant::parse(&format!("{text}T00:00:00Z")).map(|at| if last { at.plus(DAY) } else { at });
        midnight.or_else(|| Instant::parse(text))
    })
}

#[utoipa::path(get, path = "/status", tag = "log", operation_id = "listUpdates",
    params(("author_id" = Option<String>, Query, description = "A user's id, or me"),
        ("start_date" = Option<String>, Query, description = "A day in UTC, or an instant: posted then or later"),
        ("end_date" = Option<String>, Query, description = "A day in UTC, the last one; or an instant: posted before"),
        ("tag" = Option<String>, Query,), ("q" = Option<String>, Query, description = "Words in title or content"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<UpdateRow>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let known = ["author_id", "start_date", "end_date", "tag", "q", "page", "page_size", "after"];
    let params = Params::read(request.uri().query(), &known)?;
    let filter = UpdateFilter {
        author_id: person(&params, "author_id", &cx)?,
        from: day(&params, "start_date", false)?,
        to: day(&params, "end_date", true)?,
        tag: params.get("tag").map(str::to_owned),
        q: params.get("q").map(|q| q.chars().take(200).collect()),
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("log")?;
        let columns = &["title", "content", "tags", "author_name", "active_blockers", "created_at", "updated_at", "id"];
        return Ok(export::stream(format, "status", columns, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { log::list_updates(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &log::list_updates(&cx, &filter, &params.paging()?).await?))
}

/// Every matching update as CSV.
#[utoipa::path(get, path = "/status.csv", tag = "log", operation_id = "exportUpdatesCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching update as one JSON array.
#[utoipa::path(get, path = "/status.json", tag = "log", operation_id = "exportUpdatesJson", responses((status = 200, body = Vec<UpdateRow>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}

#[utoipa::path(post, path = "/status", tag = "log", operation_id = "postUpdate", request_body = UpdateIn, responses((status = 201, body = Update), Faults))]
async fn post(Call(cx): Call, Body(new): Body<UpdateIn>) -> Answer {
    let u = log::create_update(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/status/{}", u.id), u.version, u.rev, &u))
}

#[utoipa::path(get, path = "/status/{id}", tag = "log", operation_id = "getUpdate", params(("id" = String, Path,)),
    responses((status = 200, body = UpdateRow), Conditional, Faults))]
async fn get(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let row = log::update(&cx, &text).await?;
    Ok(tag::row(&headers, row.update.version, row.update.rev, &row))
}

/// Its author alone may.
#[utoipa::path(patch, path = "/status/{id}", tag = "log", operation_id = "editUpdate", request_body = UpdatePatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = Update), Faults))]
async fn edit(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<UpdatePatch>) -> Answer {
    let id = update_id(&text)?;
    let u = log::edit_update(&cx, id, patch, tag::seen(&headers)?).await?;
    Ok(tag::item(&HeaderMap::new(), u.version, u.rev, &u))
}

/// Takes it out of every list; its author alone may, and can take that back.
#[utoipa::path(delete, path = "/status/{id}", tag = "log", operation_id = "deleteUpdate", params(("id" = String, Path,)),
    responses((status = 200, body = Update), Faults))]
async fn delete(Call(cx): Call, Path(text): Path<String>) -> Answer {
    let u = log::delete_update(&cx, update_id(&text)?).await?;
    Ok(tag::item(&HeaderMap::new(), u.version, u.rev, &u))
}

#[utoipa::path(post, path = "/status/{id}/restore", tag = "log", operation_id = "restoreUpdate", params(("id" = String, Path,)),
    responses((status = 200, body = Update), Faults))]
async fn restore(Call(cx): Call, Path(text): Path<String>) -> Answer {
    let u = log::restore_update(&cx, update_id(&text)?).await?;
    Ok(tag::item(&HeaderMap::new(), u.version, u.rev, &u))
}

#[utoipa::path(get, path = "/blockers", tag = "log", operation_id = "listBlockers",
    params(("status" = Option<String>, Query, description = "active or resolved"),
        ("owner_id" = Option<String>, Query, description = "Who waits: a user's id, or me"),
        ("waits_for_id" = Option<String>, Query, description = "The person it waits for: a user's id, or me"),
        ("related_status_id" = Option<uuid::Uuid>, Query,), ("related_incident_id" = Option<uuid::Uuid>, Query,),
        ("q" = Option<String>, Query, description = "Words in description, impact, or what it waits for"),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<BlockerRow>), Conditional, Faults))]
async fn blockers(Call(cx): Call, request: Request) -> Answer {
    let known = ["status", "owner_id", "waits_for_id", "related_status_id", "related_incident_id", "q", "page", "page_size", "after"];
    let params = Params::read(request.uri().query(), &known)?;
    let filter = BlockerFilter {
        status: params.parse("status", "active or resolved", BlockerState::parse)?,
        owner_id: person(&params, "owner_id", &cx)?,
        waits_for_id: person(&params, "waits_for_id", &cx)?,
        related_status_id: params.id("related_status_id")?,
        related_incident_id: params.id("related_incident_id")?,
        q: params.get("q").map(|q| q.chars().take(200).collect()),
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("log")?;
        let columns = &[
            "description",
            "impact",
            "status",
            "owner_name",
            "waits_for_name",
            "waits_for",
            "related_status_title",
            "related_incident_number",
            "resolution_notes",
            "resolved_by_name",
            "resolved_at",
            "created_at",
            "id",
        ];
        return Ok(export::stream(format, "blockers", columns, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { log::list_blockers(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &log::list_blockers(&cx, &filter, &params.paging()?).await?))
}

/// Every matching blocker as CSV.
#[utoipa::path(get, path = "/blockers.csv", tag = "log", operation_id = "exportBlockersCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn blockers_csv(call: Call, request: Request) -> Answer {
    blockers(call, request).await
}

/// Every matching blocker as one JSON array.
#[utoipa::path(get, path = "/blockers.json", tag = "log", operation_id = "exportBlockersJson", responses((status = 200, body = Vec<BlockerRow>), Faults))]
async fn blockers_json(call: Call, request: Request) -> Answer {
    blockers(call, request).await
}

#[utoipa::path(post, path = "/blockers", tag = "log", operation_id = "reportBlocker", request_body = BlockerIn, responses((status = 201, body = Blocker), Faults))]
async fn report(Call(cx): Call, Body(new): Body<BlockerIn>) -> Answer {
    let b = log::create_blocker(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/blockers/{}", b.id), b.version, b.rev, &b))
}

#[utoipa::path(get, path = "/blockers/{id}", tag = "log", operation_id = "getBlocker", params(("id" = String, Path,)),
    responses((status = 200, body = BlockerRow), Conditional, Faults))]
async fn blocker(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let row = log::blocker(&cx, &text).await?;
    Ok(tag::row(&headers, row.blocker.version, row.blocker.rev, &row))
}

#[utoipa::path(patch, path = "/blockers/{id}", tag = "log", operation_id = "editBlocker", request_body = BlockerPatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = Blocker), Faults))]
async fn edit_blocker(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<BlockerPatch>) -> Answer {
    let id = blocker_id(&text)?;
    let b = log::edit_blocker(&cx, id, patch, tag::seen(&headers)?).await?;
    Ok(tag::item(&HeaderMap::new(), b.version, b.rev, &b))
}

/// It is out of the way; sets `resolved_at`. Once more changes nothing.
#[utoipa::path(patch, path = "/blockers/{id}/resolve", tag = "log", operation_id = "resolveBlocker", request_body = Resolution,
    params(("id" = String, Path,)), responses((status = 200, body = Blocker), Faults))]
async fn resolve(Call(cx): Call, Path(text): Path<String>, Body(how): Body<Resolution>) -> Answer {
    let b = log::resolve_blocker(&cx, blocker_id(&text)?, how).await?;
    Ok(tag::item(&HeaderMap::new(), b.version, b.rev, &b))
}

/// It stands in the way again.
#[utoipa::path(post, path = "/blockers/{id}/reopen", tag = "log", operation_id = "reopenBlocker", params(("id" = String, Path,)),
    responses((status = 200, body = Blocker), Faults))]
async fn reopen(Call(cx): Call, Path(text): Path<String>) -> Answer {
    let b = log::reopen_blocker(&cx, blocker_id(&text)?).await?;
    Ok(tag::item(&HeaderMap::new(), b.version, b.rev, &b))
}
