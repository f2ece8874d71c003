//! The audit journal, for administrators: everything that happened, with who, from where, before and after.

pub mod api;
mod line;
mod page;

pub use page::Journal;
