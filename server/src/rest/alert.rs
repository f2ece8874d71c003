//! Alerts over REST.

use axum::extract::Request;
use domain::{
    alert::{Alert, AlertStatus},
    list::Page,
};
use services::alert;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(list_csv)).routes(routes!(list_json))
}

/// What a file of alerts shows.
pub(super) const COLUMNS: &[&str] = &[
    "title",
    "status",
    "severity",
    "count",
    "dedup_key",
    "first_seen_at",
    "last_seen_at",
    "resolved_at",
    "end_reason",
    "service_id",
    "incident_id",
    "id",
];

#[utoipa::path(get, path = "/alerts", tag = "alerts", operation_id = "listAlerts",
    params(("status" = Option<String>, Query, description = "firing or resolved"), ("service_id" = Option<uuid::Uuid>, Query,), ("incident_id" = Option<uuid::Uuid>, Query,),
        ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<Alert>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["status", "service_id", "incident_id", "page", "page_size", "after"])?;
    let filter = alert::Filter {
        status: params.parse("status", "firing or resolved", AlertStatus::parse)?,
        service_id: params.id("service_id")?,
        incident_id: params.id("incident_id")?,
    };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("incidents")?;
        return Ok(export::stream(format, "alerts", COLUMNS, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { alert::list(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &alert::list(&cx, &filter, &params.paging()?).await?))
}

/// Every matching alert as CSV.
#[utoipa::path(get, path = "/alerts.csv", tag = "alerts", operation_id = "exportAlertsCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching alert as one JSON array.
#[utoipa::path(get, path = "/alerts.json", tag = "alerts", operation_id = "exportAlertsJson", responses((status = 200, body = Vec<Alert>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}
