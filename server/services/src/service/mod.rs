//! Services: the unit a team owns. Made, edited, archived; "Unsorted" always exists.

mod entity;
mod repo;
mod verb;

pub use repo::{Filter, get, list, summary};
pub use verb::{archive, create, edit, restore};

pub(crate) use entity::{Column, Entity, Model};
pub(crate) use repo::{in_use, load, load_active, load_many, load_on, seen_by};
pub(crate) use verb::ensure_unsorted;
