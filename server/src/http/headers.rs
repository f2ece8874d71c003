//! Security headers of every answer, and the place where browsers report what the content policy refused.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    body::Bytes,
    extract::{Request, State as Extract},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::State;

/// Reports of refused content since the start of the process.
pub static CSP_REPORTS: AtomicU64 = AtomicU64::new(0);

/// The largest report that is read.
pub const CSP_REPORT_LIMIT: usize = 8 * 1024;

/// For answers that are not pages: nothing may run, load or frame them.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Adds the headers.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=(), usb=()");
    set(header::CONTENT_SECURITY_POLICY, NOTHING);
    if state.config.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    response
}

/// `POST /csp-report`: counted, and logged when it is the first or every hundredth.
pub async fn csp_report(body: Bytes) -> StatusCode {
    let count = CSP_REPORTS.fetch_add(1, Ordering::Relaxed) + 1;
    if count == 1 || count.is_multiple_of(100) {
        let text: String = String::from_utf8_lossy(&body).chars().filter(|c| !c.is_control()).take(500).collect();
        tracing::warn!(count, report = text, "the content policy refused something");
    }
    StatusCode::NO_CONTENT
}
