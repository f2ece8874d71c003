//! The idempotency key of an unsafe request: from the header, or from the hidden field `_key` of a form.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::header,
};
use domain::{Code, Problem};
use services::{Cx, IdempotencyKey};

use super::refusal::Refusal;

/// Bodies of people and programs; alerts in have their own limit.
pub const LIMIT: usize = 1024 * 1024;

/// Reads the body of an unsafe request, once, and gives the call its key.
pub async fn attach(cx: Cx, request: &mut Request) -> Result<Cx, Refusal> {
    if request.method().is_safe() {
        return Ok(cx);
    }
    let body = std::mem::replace(request.body_mut(), Body::empty());
    let too_large = || Problem::new(Code::TooLarge, "Too large", format!("At most {LIMIT} bytes."));
    let bytes = to_bytes(body, LIMIT).await.map_err(|_| too_large())?;
    let header = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok()).unwrap_or_default();
    let form_key = || is_form(header(header::CONTENT_TYPE.as_str())).then(|| field(&bytes, "_key")).flatten();
    let sent = match request.headers().get("idempotency-key") {
        Some(value) => Some(value.to_str().unwrap_or_default().to_owned()),
        None => form_key(),
    };
    let key = match sent {
        None => None,
        Some(key) => Some(IdempotencyKey::of(&key, request.method().as_str(), request.uri().path(), header("if-match"), &bytes)?),
    };
    *request.body_mut() = Body::from(bytes);
    Ok(cx.with_idempotency(key))
}

fn is_form(content_type: &str) -> bool {
    content_type.starts_with("application/x-www-form-urlencoded")
}

fn field(body: &Bytes, name: &str) -> Option<String> {
    super::query::pairs(body).find(|(k, v)| k == name && !v.is_empty()).map(|(_, v)| v)
}
