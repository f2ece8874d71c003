//! The team's log: status updates, and blockers with who waits for what.

pub mod api;
mod blocker;
mod blockers;
mod compose;
mod on_me;
pub mod query;
mod report;
mod row;
mod send;
mod update;
mod updates;

pub use blocker::ShowBlocker;
pub use blockers::Blockers;
pub use compose::{EditUpdate, NewUpdate};
pub use on_me::OnMeCards;
pub use report::{EditBlocker, NewBlocker};
pub use row::{Brief, Rows as BlockerRows};
pub use update::ShowUpdate;
pub use updates::Updates;

use leptos::prelude::*;
use ui::{Tab, Tabs, view};

/// The two halves of the log.
#[component]
fn Halves(current: &'static str) -> impl IntoView {
    let tabs = vec![Tab::new("/log", "Updates"), Tab::new("/log/blockers", "Blockers")];
    view! { <Tabs label="Team log" tabs=Signal::stored(tabs) current=Signal::stored(current.to_owned())/> }
}
