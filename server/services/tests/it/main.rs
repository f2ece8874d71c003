//! Use cases on both databases. Each test gets a fresh database of each kind; time is virtual where it matters.

mod account;
mod alerts;
mod incidents;
mod support;
