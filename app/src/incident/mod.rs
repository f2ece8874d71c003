//! Incidents: the list, the page of one, declaring, editing.

mod act;
mod actions;
pub mod api;
mod composer;
mod declare;
mod edit;
mod facts;
mod filters;
mod list;
mod model;
mod note;
mod people;
pub mod query;
mod resolve;
mod row;
mod rows;
mod show;
mod timeline;
mod wrong;

pub use declare::DeclarePage;
pub use edit::EditPage;
pub use list::ListPage;
pub use row::IncidentRow;
pub use show::ShowPage;
