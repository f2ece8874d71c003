//! Use cases on both databases. Each test gets a fresh database of each kind; time is virtual where it matters.

mod abort;
mod account;
mod alerts;
mod backup;
mod build;
mod console;
mod demo;
mod incidents;
mod jobs;
mod order;
mod outage;
mod place;
mod plans;
mod schema;
mod search;
mod second_server;
mod snapshot;
mod support;
mod turns;
