//! The journal over REST: the resume point of the live feed.

use axum::extract::Request;
use domain::{
    event::Event,
    list::{Page, Total},
};
use serde::Serialize;
use services::{Cx, event::read};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(list_csv)).routes(routes!(list_json))
}

/// Events in commit order.
#[derive(Serialize, utoipa::ToSchema)]
struct Events {
    /// The rows.
    items: Vec<Event>,
    /// Give this as `after` for the events behind these.
    next: Option<i64>,
    /// New after each restore: another one means that `after` belongs to another history.
    epoch: String,
    /// The newest seq of the journal.
    seq: i64,
}

#[utoipa::path(get, path = "/events", tag = "events", operation_id = "listEvents",
    params(("after" = Option<i64>, Query, description = "Events after this seq, oldest first; without it the newest first"), ("before" = Option<i64>, Query,),
        ("topic" = Option<String>, Query,), ("kind" = Option<String>, Query,), ("limit" = Option<u32>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = Events), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["after", "before", "topic", "kind", "limit"])?;
    let seq = |name: &str| params.parse(name, "a seq", |v| v.parse::<i64>().ok().filter(|s| *s >= 0));
    let limit = params.parse("limit", "1 to 500", |v| v.parse::<u64>().ok().filter(|l| (1..=500).contains(l)))?.unwrap_or(100);
    let query = read::Query {
        after: seq("after")?,
        before: seq("before")?,
        topic: params.get("topic").map(str::to_owned),
        kind: params.get("kind").map(str::to_owned),
        limit,
        ..read::Query::default()
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        return exported(cx, format, query);
    }
    let items = read::list(&cx, &query).await?;
    let next = items.last().map(|e| e.seq).filter(|_| items.len() as u64 == limit);
    let answer = Events { items, next, epoch: cx.app.epoch.clone(), seq: cx.app.feed.seq() };
    Ok(tag::view(request.headers(), &answer))
}

/// What a file of events shows.
const COLUMNS: &[&str] = &[
    "seq",
    "at",
    "actor.name",
    "actor.kind",
    "actor.id",
    "source",
    "request_id",
    "topic",
    "kind",
    "entity",
    "entity_version",
    "service_id",
    "team_id",
    "incident_id",
    "payload",
];

/// All that match, oldest first: a file is read from its beginning.
fn exported(cx: Cx, format: export::Format, query: read::Query) -> Answer {
    cx.scope("events")?;
    Ok(export::stream(format, "events", COLUMNS, move |paging| {
        let from = paging.after.as_deref().and_then(|seq| seq.parse().ok()).or(query.after).unwrap_or(0);
        let (cx, query) = (cx.clone(), read::Query { after: Some(from), limit: u64::from(paging.page_size), ..query.clone() });
        async move {
            let items = read::list(&cx, &query).await?;
            let next = items.last().filter(|_| items.len() as u64 == query.limit).map(|event| event.seq.to_string());
            Ok(Page::new(items, Total::Exact(0), &paging, next))
        }
    }))
}

/// Every matching event as CSV.
#[utoipa::path(get, path = "/events.csv", tag = "events", operation_id = "exportEventsCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching event as one JSON array.
#[utoipa::path(get, path = "/events.json", tag = "events", operation_id = "exportEventsJson", responses((status = 200, body = Vec<Event>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}
