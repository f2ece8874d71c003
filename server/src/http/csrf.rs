//! Cross-site requests: one layer before every unsafe request that carries no bearer token or ingest key, sign-in included.
//!
//! `Sec-Fetch-Site: same-origin` or `none` passes; where a browser does not send it, the Origin's host must be ours.

use axum::{
    extract::{Request, State as Extract},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Problem;

use super::{State, refusal::Refusal};

/// Refuses what another site made a browser send.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let bearer = request.headers().contains_key(header::AUTHORIZATION);
    if request.method().is_safe() || bearer || is_ours(request.headers(), request.method(), state.config.public_host()) {
        return next.run(request).await;
    }
    Refusal(Problem::forbidden("This request came from another site; it was refused.")).into_response()
}

/// Whether the request comes from a page of ours.
pub fn is_ours(headers: &HeaderMap, _: &Method, public_host: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && (host == text("host") || host == public_host)
        }
        // Neither: no browser that sends cookies across sites. Programs with a cookie jar pass as they do elsewhere.
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_may_write() {
        for (site, origin, ours) in [
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("same-site"), Some("http://ops.example.org"), false),
            (Some("cross-site"), None, false),
            (None, Some("http://ops.example.org"), true),
            (None, Some("https://status.example.org"), true),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", "ops.example.org".parse().unwrap());
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().unwrap());
            }
            if let Some(origin) = origin {
                headers.insert("origin", origin.parse().unwrap());
            }
            assert_eq!(is_ours(&headers, &Method::POST, Some("status.example.org")), ours, "{site:?} {origin:?}");
        }
    }
}
