//! Alerts in: the queue that commits them in groups, what they do to incidents, and reading them.

mod apply;
mod entity;
mod hold;
pub mod queue;
mod repo;
pub mod watch;

pub use hold::release_held;
pub use queue::{Delivery, Queue, Source};
pub use repo::{Filter, list, of_incident};

pub(crate) use apply::{apply, rejects, rejects_key};
pub(crate) use repo::{end_all, lock_of};
