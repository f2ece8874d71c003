//! Services over REST.

use axum::{
    extract::{Path, Request},
    http::HeaderMap,
};
use domain::{
    Id, Problem,
    list::Page,
    service::{Service, ServiceIn, ServicePatch, ServiceRow},
};
use services::service;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{State, body::Body, context::Call, export, query::Params, refusal::Answer, tag},
    openapi::{Conditional, Faults},
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(list_csv))
        .routes(routes!(list_json))
        .routes(routes!(get, edit, archive))
        .routes(routes!(restore))
}

/// The service that a path names.
pub(super) fn id(text: &str) -> Result<Id<Service>, Problem> {
    text.parse().map_err(|_| Problem::not_found("service"))
}

#[utoipa::path(get, path = "/services", tag = "services", operation_id = "listServices",
    params(("team_id" = Option<uuid::Uuid>, Query,), ("q" = Option<String>, Query, description = "The beginning of the name"),
        ("archived" = Option<bool>, Query,), ("page" = Option<u32>, Query, minimum = 1, maximum = 5000), ("page_size" = Option<u32>, Query, minimum = 1, maximum = 200), ("after" = Option<String>, Query,)),
    responses((status = 200, body = Page<ServiceRow>), Conditional, Faults))]
async fn list(Call(cx): Call, request: Request) -> Answer {
    let params = Params::read(request.uri().query(), &["team_id", "q", "archived", "page", "page_size", "after"])?;
    let archived = params.parse("archived", "true or false", |v| v.parse().ok())?.unwrap_or(false);
    let filter = service::Filter { team_id: params.id("team_id")?, q: params.get("q").map(str::to_owned), archived };
    if let Some(format) = export::wanted(request.uri().path(), request.headers()) {
        cx.scope("services")?;
        let columns = &[
            "name",
            "description",
            "team_name",
            "visibility",
            "target_ack_minutes",
            "target_resolve_minutes",
            "live_incidents",
            "created_at",
            "id",
        ];
        return Ok(export::stream(format, "services", columns, move |paging| {
            let (cx, filter) = (cx.clone(), filter.clone());
            async move { service::list(&cx, &filter, &paging).await }
        }));
    }
    Ok(tag::view(request.headers(), &service::list(&cx, &filter, &params.paging()?).await?))
}

/// Every service as CSV.
#[utoipa::path(get, path = "/services.csv", tag = "services", operation_id = "exportServicesCsv", responses((status = 200, body = String, content_type = "text/csv"), Faults))]
async fn list_csv(call: Call, request: Request) -> Answer {
    list(call, request).await
}

/// Every matching service as one JSON array.
#[utoipa::path(get, path = "/services.json", tag = "services", operation_id = "exportServicesJson", responses((status = 200, body = Vec<ServiceRow>), Faults))]
async fn list_json(call: Call, request: Request) -> Answer {
    list(call, request).await
}

#[utoipa::path(post, path = "/services", tag = "services", operation_id = "createService", request_body = ServiceIn, responses((status = 201, body = Service), Faults))]
async fn create(Call(cx): Call, Body(new): Body<ServiceIn>) -> Answer {
    let s = service::create(&cx, new).await?;
    Ok(tag::created(&format!("/api/v1/services/{}", s.id), s.version, s.rev, &s))
}

#[utoipa::path(get, path = "/services/{id}", tag = "services", operation_id = "getService", params(("id" = String, Path,)),
    responses((status = 200, body = ServiceRow), Conditional, Faults))]
async fn get(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap) -> Answer {
    let row = service::summary(&cx, id(&text)?).await?;
    Ok(tag::row(&headers, row.service.version, row.service.rev, &row))
}

#[utoipa::path(patch, path = "/services/{id}", tag = "services", operation_id = "editService", request_body = ServicePatch,
    params(("id" = String, Path,), ("If-Match" = Option<String>, Header,)), responses((status = 200, body = Service), Faults))]
async fn edit(Call(cx): Call, Path(text): Path<String>, headers: HeaderMap, Body(patch): Body<ServicePatch>) -> Answer {
    let id = id(&text)?;
    let s = service::edit(&cx, id, patch, tag::seen(&headers)?).await?;
    Ok(tag::item(&HeaderMap::new(), s.version, s.rev, &s))
}

/// Archives: the service and its history stay and can be restored.
#[utoipa::path(delete, path = "/services/{id}", tag = "services", operation_id = "archiveService", params(("id" = String, Path,)),
    responses((status = 200, body = Service), Faults))]
async fn archive(Call(cx): Call, Path(text): Path<String>) -> Answer {
    let s = service::archive(&cx, id(&text)?).await?;
    Ok(tag::item(&HeaderMap::new(), s.version, s.rev, &s))
}

#[utoipa::path(post, path = "/services/{id}/restore", tag = "services", operation_id = "restoreService", params(("id" = String, Path,)),
    responses((status = 200, body = Service), Faults))]
async fn restore(Call(cx): Call, Path(text): Path<String>) -> Answer {
    let s = service::restore(&cx, id(&text)?).await?;
    Ok(tag::item(&HeaderMap::new(), s.version, s.rev, &s))
}
