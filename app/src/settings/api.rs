//! What the settings ask the server.

use domain::account::{ApiToken, Me, Session};
use leptos::prelude::*;

use crate::{Error, data::Json};

/// The person as they are now, with the version that an edit is made on.
#[server(input = Json, output = Json)]
pub async fn read_me() -> Result<Me, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::account::me(&cx).await)
}

/// One's own devices, the last used first.
#[server(input = Json, output = Json)]
pub async fn sessions() -> Result<Vec<Session>, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::account::list_sessions(&cx).await)
}

/// One's own API tokens, the newest first.
#[server(input = Json, output = Json)]
pub async fn tokens() -> Result<Vec<ApiToken>, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::account::list_tokens(&cx).await)
}
