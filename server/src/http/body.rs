//! Reading a JSON body: 415 for another type, 400 with line and column for what is not JSON, 422 for what does not fit.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use domain::{Code, FieldError, Problem};
use serde::de::DeserializeOwned;

use super::{idempotency::LIMIT, refusal::Refusal};

/// A JSON body. An empty one reads as `{}`, for intents that need no words.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let bytes = to_bytes(request.into_body(), LIMIT)
            .await
            .map_err(|_| Problem::new(Code::TooLarge, "Too large", format!("At most {LIMIT} bytes.")))?;
        if bytes.is_empty() {
            return read(b"{}").map(Body);
        }
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if essence != "application/json" && !essence.ends_with("+json") {
            let detail = format!("\"{essence}\" is not read here; send application/json.");
            return Err(Problem::new(Code::UnsupportedMediaType, "Content type not known", detail).into());
        }
        read(&bytes).map(Body)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|e| match e.classify() {
        serde_json::error::Category::Data => {
            let said = e.to_string();
            let field = said.split('`').nth(1).unwrap_or("body").to_owned();
            Problem::invalid(vec![FieldError::new(&field, "not_allowed", said)]).into()
        }
        _ => Problem::bad_request(format!("Not JSON: {e}.")).into(),
    })
}
