//! The journal: appended by writes, read by timeline, audit, live feed and resume.

mod audit;
mod entity;
mod export;
pub mod feed;
pub mod journal;
pub mod read;

pub use audit::audit;
pub use export::exported;
pub use feed::{Feed, FeedEvent};
