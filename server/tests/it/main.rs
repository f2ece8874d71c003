//! The server as its callers see it: the real router, on both databases. Requests go straight into it; only the live socket
//! needs a listener.

mod access;
mod bad_input;
mod cache;
mod export;
mod ingest;
mod live;
mod log;
mod pages;
mod routes;
mod shown;
mod sign_in;
mod support;
