//! Services: the unit a team owns. Made, edited, archived; "Unsorted" always exists.

mod entity;
mod repo;
mod verb;

pub use repo::{Filter, get, list, summary};
pub use verb::{archive, create, edit, restore};

pub(crate) use repo::{load, load_active, load_many, load_on};
pub(crate) use verb::ensure_unsorted;
