//! The nouns and rules of OpsGuard.
//!
//! Everything here is pure: no IO, no clock, no framework. The same code runs in the server and in the browser. A verb takes
//! the state that was loaded and the instant it happens at, and answers the change or the refusal; who loads, stores and
//! tells others is the business of `services`.

pub mod account;
pub mod alert;
pub mod event;

pub mod id;
pub mod incident;
pub mod integration;
pub mod list;
pub mod live;
pub mod log;
pub mod problem;
pub mod service;
pub mod time;
mod tree;

pub use id::{Id, Prefixed};
pub use problem::{Code, FieldError, Problem};
pub use time::{Instant, Millis};
pub use tree::{Unreadable, from_json, from_tree};
