//! Refusals as `application/problem+json` (RFC 9457), and what is not a refusal as a 500 that is logged once.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Code, Problem};
use serde_json::json;

use super::request_id;

/// What a handler fails with.
#[derive(Debug)]
pub struct Refusal(pub Problem);

/// The result of a handler.
pub type Answer = Result<Response, Refusal>;

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<services::Error> for Refusal {
    fn from(e: services::Error) -> Self {
        let problem = e.problem();
        if matches!(problem.code, Code::Internal) {
            tracing::error!(error = %e, request_id = request_id::current(), "a use case failed");
        } else if e.is_unavailable() {
            tracing::warn!(error = %e, request_id = request_id::current(), "the database does not answer");
        }
        Self(problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let p = self.0;
        let status = StatusCode::from_u16(p.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut body = serde_json::to_value(&p).unwrap_or_else(|_| json!({}));
        if let Some(map) = body.as_object_mut() {
            map.insert("type".into(), json!("about:blank"));
            map.insert("status".into(), json!(status.as_u16()));
            map.insert("request_id".into(), json!(request_id::current()));
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = p.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl Refusal {
    /// The same words as a page, where nothing is known that the usual frame shows: who asks, what they may see.
    pub fn into_page(self, css: &str) -> Response {
        let (title, detail, id) = (escape(&self.0.title), escape(&self.0.detail), request_id::current().unwrap_or_default());
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><title>{title} - OpsGuard</title><link rel=\"stylesheet\" href=\"{}\"></head>\
             <body><main class=\"auth\"><h1>{title}</h1><p>{detail}</p><p><a class=\"link\" href=\"\">Try again</a></p>\
             <p class=\"meta\">Request <code>{}</code></p></main></body></html>",
            escape(css),
            escape(&id)
        );
        let (mut head, _) = self.into_response().into_parts();
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        head.headers.remove(header::CONTENT_LENGTH);
        head.headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
        );
        Response::from_parts(head, page.into())
    }
}

/// Text as HTML shows it.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Below `/api/` whatever is no operation: programs are not answered with a page.
pub fn no_such_address() -> Refusal {
    Problem::new(Code::NotFound, "Not found", "There is no such address; the operations are listed at /api/docs.").into()
}

/// The address is there, for other methods (RFC 9110 15.5.6: those stand in `Allow`).
pub async fn no_such_method() -> Refusal {
    Problem::new(Code::MethodNotAllowed, "Method not allowed", "This address takes other methods; they stand in the header Allow.").into()
}

/// A handler panicked: a defect. It is logged once, and the caller gets the id to find it by.
pub fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let words = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no words");
    tracing::error!(panic = words, request_id = request_id::current(), "a handler panicked");
    Refusal(Problem::new(domain::Code::Internal, "Something went wrong", "It was logged under the request id.")).into_response()
}
