//! The team's log: status updates and blockers.

pub mod api;
pub mod query;
