//! Incidents: the list, the page of one, declaring, editing.

pub mod api;
pub mod query;
