//! Plain form handlers: what a page posts before the wasm has arrived, or without it. Each calls the same use case as REST
//! and answers 303; a refusal goes back to the page with its fields and messages, kept for a minute in the session.

pub mod account;
mod answer;
pub mod incident;
pub mod log;
pub mod service;

use axum::{
    Router,
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Code, Problem};
use serde_json::json;
use services::Cx;

use crate::http::{State, idempotency::LIMIT, query::Params, refusal::Refusal};

/// Every form of the product.
pub fn router() -> Router<State> {
    Router::new().merge(account::router()).merge(incident::router()).merge(log::router()).merge(service::router())
}

/// The fields of a form.
pub struct Form(pub Params);

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = to_bytes(request.into_body(), LIMIT)
            .await
            .map_err(|_| Problem::new(Code::TooLarge, "Too large", "This form holds too much."))?;
        Ok(Self(Params::form(&bytes)))
    }
}

impl Form {
    /// A field, empty when absent.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).unwrap_or_default().to_owned()
    }
}

/// 303 to a page of ours.
pub fn see(to: &str) -> Response {
    let to = if is_local(to) { to } else { "/" };
    let value = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response()
}

/// A path of this site, and nothing that a browser would take for another.
pub fn is_local(to: &str) -> bool {
    to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\") && !to.contains(['\n', '\r', '\\'])
}

/// What a refused form shows: back to its page, with the fields as they were typed and the messages beside them.
pub async fn back(cx: &Cx, to: &str, form: &str, fields: &[(&str, String)], refusal: impl Into<Refusal>) -> Response {
    let refusal = refusal.into();
    if refusal.0.code == Code::Unauthenticated {
        return see(&format!("/sign-in?next={}", to.split('?').next().unwrap_or("/")));
    }
    if let Err(e) = services::account::put_flash(cx, form, &shown_again(fields, &refusal.0)).await {
        tracing::debug!(error = %e, "a refused form could not be kept");
        return refusal.into_response();
    }
    see(&with_form(to, form))
}

/// The page of a form, which then asks for what was kept for it.
fn with_form(to: &str, form: &str) -> String {
    let mark = if to.contains('?') { '&' } else { '?' };
    format!("{to}{mark}form={form}")
}

/// What `app::form::Flash` reads: the fields as they were typed, and what is wrong with them or with the form as a whole.
fn shown_again(fields: &[(&str, String)], problem: &Problem) -> serde_json::Value {
    let values: serde_json::Map<String, serde_json::Value> = fields.iter().map(|(k, v)| ((*k).to_owned(), json!(v))).collect();
    let code = serde_json::to_value(problem.code).ok().and_then(|c| c.as_str().map(str::to_owned)).unwrap_or_default();
    let whole = || vec![domain::FieldError::new("", &code, problem.detail.as_str())];
    let errors = if problem.fields.is_empty() { whole() } else { problem.fields.clone() };
    json!({ "values": values, "errors": errors })
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn a_redirect_stays_here() {
        for (to, local) in [
            ("/incidents/418", true),
            ("/", true),
            ("//evil.example", false),
            ("https://evil.example", false),
            ("/\\evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_local(to), local, "{to}");
        }
    }
}
