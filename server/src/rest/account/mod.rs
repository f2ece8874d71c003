//! People over REST: signing in, one's own account, users, teams, API tokens, invitations.

mod invitation;
mod session;
mod team;
mod token;
mod user;

use domain::{
    Id, Prefixed, Problem,
    account::{Team, User},
};
pub use session::entry;
use utoipa_axum::router::OpenApiRouter;

use crate::http::State;

/// The routes of this noun.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .merge(session::router())
        .merge(user::router())
        .merge(team::router())
        .merge(token::router())
        .merge(invitation::router())
}

/// The thing that a path names; what is no id names nothing.
fn id<T: Prefixed>(text: &str, noun: &str) -> Result<Id<T>, Problem> {
    text.parse().map_err(|_| Problem::not_found(noun))
}

fn user_id(text: &str) -> Result<Id<User>, Problem> {
    id(text, "user")
}

fn team_id(text: &str) -> Result<Id<Team>, Problem> {
    id(text, "team")
}
