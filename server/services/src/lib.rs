//! The use cases: everything that reads or changes what OpsGuard knows.
//!
//! A use case is a function `services::<noun>::<verb>(&cx, ..)`. Writes go through [`Cx::write`] and nothing else: load,
//! authorise, let `domain` decide, store the row, the event and the idempotency record, commit, wake who waits. Reads take a
//! [`domain::account::Scope`] first, so that nobody reads past their rights. Entities never leave this package.
//!
//! This package knows no HTTP framework and no HTML.

pub mod account;
pub mod alert;
pub mod app;
pub mod background;
pub mod backup;
pub mod build;
pub mod clock;
pub mod cx;
pub mod demo;
pub mod due;
pub mod error;
pub mod event;
pub mod idempotency;
pub mod incident;
pub mod integration;
pub mod job;
pub mod live;
pub mod log;
pub mod service;
pub mod store;
mod visit;

pub use app::{App, Options};
pub use clock::Clock;
pub use cx::{Actor, Cx, Request};
pub use error::{Error, Result};
pub use idempotency::IdempotencyKey;
pub use store::{Tx, id};
pub use visit::visit;
