//! What forms ask the server.

use leptos::prelude::*;

use super::Flash;
use crate::Error;

/// What the last refusal of this form brought back; once.
#[server]
pub async fn bring_back(form: String) -> Result<Flash, Error> {
    let cx = crate::server::cx()?;
    let kept = crate::server::answer(services::account::take_flash(&cx, &form).await)?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
}
