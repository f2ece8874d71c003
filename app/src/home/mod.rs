//! The first page: what burns, what of it is mine, whether every alert is answered for, what just happened.

mod activity;
pub mod api;
mod burning;
mod figures;
mod page;

pub use page::HomePage;
