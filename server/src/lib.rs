//! The composition root: HTTP adapters, the live socket, the command line. No business rule lives here.
//!
//! A request passes, from outside in: request id and log line, security headers, CSRF, who asks ([`http::context`]), body and
//! idempotency, then a thin handler that calls one use case and renders its outcome.

pub mod cli;
pub mod config;
pub mod forms;
pub mod http;
pub mod ingest;
pub mod live;
pub mod openapi;
pub mod render;
pub mod rest;
pub mod serve;
#[cfg(feature = "test-seams")]
pub mod testing;
pub mod tls;
