//! What forms ask the server.

use leptos::prelude::*;

use super::Flash;
use crate::{Error, data::Json};

/// What the last refusal of this form brought back; once.
#[server(input = Json, output = Json)]
pub async fn bring_back(form: String) -> Result<Flash, Error> {
    let cx = crate::server::cx()?;
    let kept = match (cx.actor.session, crate::server::visitor()) {
        (Some(_), _) => services::account::take_flash(&cx, &form).await,
        (None, Some(visitor)) => match visitor.parse() {
            Ok(visitor) => services::account::take_visitor_flash(&cx, visitor, &form).await,
            Err(_) => Ok(None),
        },
        (None, None) => Ok(None),
    };
    let kept = crate::server::answer(kept)?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default())
}
