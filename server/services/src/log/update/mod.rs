//! Status updates: posted, edited, deleted and taken back by their author.

mod entity;
mod repo;
mod verb;

pub use repo::{list as list_updates, one as update};
pub use verb::{create as create_update, delete as delete_update, edit as edit_update, restore as restore_update};

pub(super) use repo::require as require_update;
