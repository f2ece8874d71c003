//! People: signing in, sessions, API tokens, users, invitations, teams.

mod entity;
mod hash;
mod invitation_entity;
mod member_entity;
pub(crate) mod names;
mod require;
mod session_entity;
mod team_entity;
mod token_entity;

pub use hash::{Hasher, Verified};
pub use require::require_active;
pub(crate) use require::require_team;
