//! Representations: ETags, 304, If-Match, Location.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Code, Problem};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// `"v<version>.<rev>"`.
pub fn of(version: i64, rev: i64) -> String {
    format!("\"v{version}.{rev}\"")
}

/// An item with its ETag, or 304.
pub fn item<T: Serialize>(headers: &HeaderMap, version: i64, rev: i64, body: &T) -> Response {
    tagged(headers, of(version, rev), StatusCode::OK, body)
}

/// An item as a list shows it, with what belongs to others (names, counts): its version and rev do not tell when those change,
/// so its ETag ends with a hash of what is shown. If-Match looks at the version only.
pub fn row<T: Serialize>(headers: &HeaderMap, version: i64, rev: i64, body: &T) -> Response {
    let shown = hash(&serde_json::to_vec(body).unwrap_or_default());
    tagged(headers, format!("\"v{version}.{rev}.{shown}\""), StatusCode::OK, body)
}

/// A made item: 201 with Location.
pub fn created<T: Serialize>(location: &str, version: i64, rev: i64, body: &T) -> Response {
    let mut response = tagged(&HeaderMap::new(), of(version, rev), StatusCode::CREATED, body);
    if let Ok(value) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// A list or a view without a version: its ETag is weak, over the bytes.
pub fn view<T: Serialize>(headers: &HeaderMap, body: &T) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let tag = format!("W/\"{}\"", hash(&bytes));
    if is_known(headers, &tag) {
        return not_modified(&tag);
    }
    let mut response = ([(header::CONTENT_TYPE, "application/json")], bytes).into_response();
    set(&mut response, &tag);
    response
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..12].iter().map(|b| format!("{b:02x}")).collect()
}

fn tagged<T: Serialize>(headers: &HeaderMap, tag: String, status: StatusCode, body: &T) -> Response {
    if status == StatusCode::OK && is_known(headers, &tag) {
        return not_modified(&tag);
    }
    let mut response = (status, Json(body)).into_response();
    set(&mut response, &tag);
    response
}

fn set(response: &mut Response, tag: &str) {
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}

fn not_modified(tag: &str) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    set(&mut response, tag);
    response
}

/// Weak comparison, as If-None-Match asks for.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |t: &str| t.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .any(|t| t.trim() == "*" || bare(t) == bare(tag))
}

/// The version that an edit was made on: `"v3.7"`, `W/"v3.7"` or `"v3"`; 428 when it is missing.
pub fn seen(headers: &HeaderMap) -> Result<i64, Problem> {
    let Some(value) = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()) else {
        let detail = "Send the ETag of what you edit as If-Match, so that nobody's change is overwritten.";
        return Err(Problem::new(Code::PreconditionRequired, "If-Match is needed", detail));
    };
    version(value).ok_or_else(|| Problem::bad_request(format!("If-Match is {value:?}; right is an ETag of this item, such as \"v3.7\".")))
}

fn version(tag: &str) -> Option<i64> {
    let inner = tag.trim().trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?;
    inner.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_compares_the_version_only() {
        for (tag, expected) in [
            ("\"v3.7\"", Some(3)),
            ("W/\"v3.7\"", Some(3)),
            ("\"v12\"", Some(12)),
            ("\"v4.9.0a1b\"", Some(4)),
            ("v3", None),
            ("*", None),
            ("\"x\"", None),
        ] {
            assert_eq!(version(tag), expected, "{tag}");
        }
    }

    #[test]
    fn a_known_representation_is_not_sent_again() {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"a\", W/\"v1.2\""));
        assert_eq!(item(&headers, 1, 2, &1).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(item(&headers, 1, 3, &1).status(), StatusCode::OK);
    }
}
