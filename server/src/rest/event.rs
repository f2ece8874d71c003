//! The journal over REST: the resume point of the live feed.

use axum::extract::Request;
use domain::event::Event;
use serde::Serialize;
use services::event::read;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, context::Call, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list))
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
    let items = read::list(&cx, &query).await?;
    let next = items.last().map(|e| e.seq).filter(|_| items.len() as u64 == limit);
    let answer = Events { items, next, epoch: cx.app.epoch.clone(), seq: cx.app.feed.seq() };
    Ok(tag::view(request.headers(), &answer))
}
