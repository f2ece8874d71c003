//! The journal: appended by writes, read by timeline, audit, live feed and resume.

mod audit;
mod entity;
pub mod feed;
pub mod journal;
pub mod read;

pub use audit::audit;
pub use feed::{Feed, FeedEvent};
