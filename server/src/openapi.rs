//! The OpenAPI document at `/api/openapi.json`, and a page that shows it at `/api/docs`.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Extension, State as Extract},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use domain::problem::{Code, FieldError};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::http::{State, refusal::escape};

/// The body of every refusal (RFC 9457).
#[derive(ToSchema)]
#[allow(dead_code, reason = "the shape of `http::refusal`, for the document")]
pub struct ProblemBody {
    /// `about:blank`: the code tells the kind.
    r#type: String,
    /// A few words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The kind of refusal.
    code: Code,
    /// What exactly, and what to do.
    detail: String,
    /// Each wrong field.
    errors: Option<Vec<FieldError>>,
    /// With 412: what is there now.
    current: Option<serde_json::Value>,
    /// With 412: the fields that others changed.
    changed: Option<Vec<String>>,
    /// Seconds until it is worth trying again.
    retry_after_s: Option<u32>,
    /// The id of the request; the log has it.
    request_id: Option<String>,
}

/// The refusals that any route may answer.
pub struct Faults;

impl IntoResponses for Faults {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let known = [
            ("400", "The request cannot be read"),
            ("401", "Sign in first"),
            ("403", "Not allowed"),
            ("404", "Not found"),
            ("409", "Not possible now"),
            ("412", "It changed meanwhile"),
            ("413", "Too large"),
            ("415", "Content type not known"),
            ("422", "Some fields are not right"),
            ("428", "If-Match is needed"),
            ("429", "Too many requests"),
            ("503", "Not available right now"),
        ];
        known
            .into_iter()
            .map(|(status, words)| {
                let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
                (status.to_owned(), ResponseBuilder::new().description(words).content("application/problem+json", content).build().into())
            })
            .collect()
    }
}

/// 304 for a representation that the caller has.
pub struct Conditional;

impl IntoResponses for Conditional {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        [("304".to_owned(), ResponseBuilder::new().description("Not changed since the ETag in If-None-Match").build().into())].into()
    }
}

/// What no handler says of itself: title, servers, ways to sign in.
pub fn complete(mut api: OpenApi) -> OpenApi {
    api.info.title = "OpsGuard".into();
    api.info.description = Some("Incidents, alerts, services and people. Each route also answers below `/api/` without `v1`.".into());
    api.info.version = env!("CARGO_PKG_VERSION").into();
    let components = api.components.get_or_insert_default();
    components.schemas.insert("ProblemBody".into(), <ProblemBody as utoipa::PartialSchema>::schema());
    for (name, schema) in
        [("Code", <Code as utoipa::PartialSchema>::schema()), ("FieldError", <FieldError as utoipa::PartialSchema>::schema())]
    {
        components.schemas.insert(name.into(), schema);
    }
    components.security_schemes.insert("token".into(), SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
    components.security_schemes.insert("session".into(), SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("opsguard"))));
    let none: [String; 0] = [];
    api.security = Some(vec![SecurityRequirement::new("token", none.clone()), SecurityRequirement::new("session", none)]);
    api
}

/// `GET /api/openapi.json`.
pub async fn document(Extension(api): Extension<std::sync::Arc<OpenApi>>) -> Response {
    let mut response = Json(&*api).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// `GET /api/docs`: the document as a page, made on the server, without script.
pub async fn docs(Extract(state): Extract<State>, Extension(api): Extension<std::sync::Arc<OpenApi>>) -> Response {
    let value = serde_json::to_value(&*api).unwrap_or_default();
    let mut out = String::new();
    for (path, item) in value["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            out.push_str(&operation_html(path, method, operation));
        }
    }
    let style = escape(&state.assets.css);
    let page = format!(
        "<!doctype html><html lang=\"en\" data-theme=\"system\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>API - OpsGuard</title><link rel=\"stylesheet\" href=\"{style}\"></head><body><main class=\"auth\"><h1>OpsGuard API</h1>\
         <p>Base: <code>/api/v1</code>. <a class=\"link\" href=\"/api/openapi.json\">OpenAPI 3.1 document</a>. \
         Sign in with <code>Authorization: Bearer ogt_...</code> or the session cookie.</p>{out}</main></body></html>"
    );
    let policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

fn operation_html(path: &str, method: &str, operation: &serde_json::Value) -> String {
    let mut rows = String::new();
    for p in operation["parameters"].as_array().into_iter().flatten() {
        let text = |key: &str| escape(p[key].as_str().unwrap_or_default());
        rows.push_str(&format!("<li><code>{}</code> ({}) {}</li>", text("name"), text("in"), text("description")));
    }
    let schema = |v: &serde_json::Value| escape(v["schema"]["$ref"].as_str().and_then(|r| r.rsplit('/').next()).unwrap_or("JSON"));
    let body = operation["requestBody"]["content"]
        .as_object()
        .and_then(|c| c.values().next())
        .map(|c| format!("<p>Body: <code>{}</code></p>", schema(c)));
    let statuses = operation["responses"].as_object().map(|r| r.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default();
    format!(
        "<details><summary><code>{} {}</code> {}</summary><ul>{rows}</ul>{}<p class=\"meta\">Answers: {}</p></details>",
        escape(&method.to_uppercase()),
        escape(path),
        escape(operation["operationId"].as_str().unwrap_or_default()),
        body.unwrap_or_default(),
        escape(&statuses)
    )
}
