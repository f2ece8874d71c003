//! The audit over REST: the journal with addresses and what each edit changed, for administrators.

use axum::extract::Request;
use domain::{
    Instant,
    event::Audited,
    list::{Page, Total},
    time::DAY,
};
use serde::Serialize;
use services::event::{self, read::Query as Asked};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(list_csv)).routes(routes!(list_json))
}

const COLUMNS: [&str; 13] = [
    "seq",
    "at",
    "actor.name",
    "actor.kind",
    "source",
    "kind",
    "entity",
    "address",
    "user_agent",
    "before",
    "after",
    "payload",
    "request_id",
];

/// Entries of the journal, newest first.
#[derive(Serialize, utoipa::ToSchema)]
struct Entries {
    /// The rows.
    items: Vec<Audited>,
    /// Give this as `before` for older ones.
    next: Option<i64>,
}

#[utoipa::path(get, path = "/audit", tag = "audit", operation_id = "listAudit",
    params(("actor" = Option<uuid::Uuid>, Query,), ("topic" = Option<String>, Query,), ("kind" = Option<String>, Query,),
        ("from" = Option<String>, Query, description = "A day (UTC) or an instant"), ("to" = Option<String>, Query, description = "A day (UTC), which is included, or an instant"),
        ("before" = Option<i64>, Query, description = "Entries before this seq"), ("limit" = Option<u32>, Query, minimum = 1, maximum = 500)),
    responses((status = 200, body = Entries), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["actor", "topic", "kind", "from", "to", "before", "limit"])?;
    let day = |text: &str| Instant::parse(&format!("{text}T00:00:00Z"));
    let moment = "a day such as 2026-11-20, or an RFC 3339 instant";
    let limit = params.parse("limit", "1 to 500", |v| v.parse::<u64>().ok().filter(|l| (1..=500).contains(l)))?.unwrap_or(100);
    let asked = Asked {
        before: params.parse("before", "a seq", |v| v.parse::<i64>().ok().filter(|s| *s >= 0))?,
        topic: params.get("topic").map(str::to_owned),
        kind: params.get("kind").map(str::to_owned),
        actor: params.id::<domain::account::User>("actor")?.map(domain::Id::uuid),
        from: params.parse("from", moment, |v| day(v).or_else(|| Instant::parse(v)))?,
        to: params.parse("to", moment, |v| day(v).map(|at| at.plus(DAY)).or_else(|| Instant::parse(v)))?,
        limit,
        ..Asked::default()
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        // Refused here, while there is still a status to say it with.
        event::audit(&cx, &Asked { limit: 1, ..asked.clone() }).await?;
        return Ok(export::stream(format, "audit", &COLUMNS, move |paging| {
            let (cx, mut asked) = (cx.clone(), asked.clone());
            async move {
                if let Some(cursor) = &paging.after {
                    asked.before = cursor.parse().ok();
                }
                asked.limit = u64::from(paging.page_size);
                let items = event::audit(&cx, &asked).await?;
                let next = next(&items, asked.limit).map(|seq| seq.to_string());
                Ok(Page::new(items, Total::Exact(0), &paging, next))
            }
        }));
    }
    let items = event::audit(&cx, &asked).await?;
    let next = next(&items, limit);
    Ok(tag::view(request.headers(), &Entries { items, next }))
}

/// Where the walk goes on, when these are as many as were asked for.
fn next(items: &[Audited], limit: u64) -> Option<i64> {
    items.last().map(|entry| entry.event.seq).filter(|_| items.len() as u64 == limit)
}

/// The journal as CSV.
#[utoipa::path(get, path = "/audit.csv", tag = "audit", operation_id = "exportAuditCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// The journal as one JSON array.
#[utoipa::path(get, path = "/audit.json", tag = "audit", operation_id = "exportAuditJson", responses((status = 200, body = Vec<Audited>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}
