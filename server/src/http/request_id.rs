//! The request id: accepted when it is safe, else made; in the answer, the log, events and errors. And the log line.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

/// The header.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    /// The id of the request that this task answers.
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// 1 to 64 letters, digits, dots, dashes or underscores.
fn is_safe(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Gives the request its id and writes the log line.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(&HEADER).and_then(|v| v.to_str().ok()).filter(|id| is_safe(id)).map(str::to_owned);
    let id = sent.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let value = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("-"));
    request.headers_mut().insert(&HEADER, value.clone());
    let (method, started) = (request.method().clone(), Instant::now());
    // Secret keys stand in the path of inbound URLs and links: the log has the route, never the key.
    let path = logged_path(request.uri().path());
    let mut response = CURRENT.scope(id.clone(), next.run(request)).await;
    response.headers_mut().insert(&HEADER, value);
    let status = response.status().as_u16();
    let ms = started.elapsed().as_secs_f64() * 1e3;
    if status >= 500 {
        tracing::warn!(%method, path, status, ms, request_id = id, "request");
    } else {
        tracing::debug!(%method, path, status, ms, request_id = id, "request");
    }
    response
}

fn logged_path(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    let secret_from = match parts.get(1) {
        Some(&"in") => 3,
        Some(&("setup" | "invite")) => 2,
        _ => parts.len(),
    };
    for part in parts.iter_mut().skip(secret_from) {
        *part = "…";
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_taken_only_when_it_is_safe() {
        for (id, safe) in [("abc-1.2_3", true), ("", false), ("a b", false), ("é", false), (&"x".repeat(65), false)] {
            assert_eq!(is_safe(id), safe, "{id}");
        }
    }

    #[test]
    fn no_secret_of_a_path_reaches_the_log() {
        assert_eq!(logged_path("/in/generic/0123"), "/in/generic/…");
        assert_eq!(logged_path("/invite/0123"), "/invite/…");
        assert_eq!(logged_path("/incidents/418"), "/incidents/418");
    }
}
