//! Forms of accounts: signing in, one's own settings, people, teams.

mod entry;
mod people;
mod settings;
mod teams;

use axum::Router;

use crate::http::State;

/// The forms of this noun.
pub fn router() -> Router<State> {
    Router::new().merge(entry::router()).merge(settings::router()).merge(people::router()).merge(teams::router())
}
