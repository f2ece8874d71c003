//! Blockers: reported, edited, resolved, reopened.

mod entity;
mod repo;
mod verb;

pub use repo::{list as list_blockers, on_me, one as blocker};
pub use verb::{create as create_blocker, edit as edit_blocker, reopen as reopen_blocker, resolve as resolve_blocker};

pub(super) use repo::active_of_update;
pub(crate) use repo::{beside_incident, of_rows};
