//! What the journal's page asks the server.

use domain::{Id, account::User, event::Audited};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, data::Json};

/// What the journal is narrowed to, as its address says it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// By this person.
    pub actor: String,
    /// `incidents`, `accounts`, ...
    pub topic: String,
    /// `incident.acknowledged`, ...
    pub kind: String,
    /// A day, `2026-11-20`: from its beginning, UTC.
    pub from: String,
    /// A day: to its end, UTC.
    pub to: String,
    /// Before this seq, newest first.
    pub before: String,
    /// After this seq: the page above.
    pub after: String,
}

/// A page of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Newest first.
    pub events: Vec<Audited>,
    /// Whether older ones match.
    pub has_older: bool,
    /// Whether newer ones match.
    pub has_newer: bool,
    /// People by name, for the filter.
    pub people: Vec<(Id<User>, String)>,
}

/// Reads the journal.
#[server(input = Json, output = Json)]
pub async fn read(asked: Asked) -> Result<Found, Error> {
    /// Rows of a page.
    const ROWS: usize = 50;
    let cx = crate::server::cx()?;
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let day = |text: &str| domain::Instant::parse(&format!("{text}T00:00:00Z"));
    let (before, after): (Option<i64>, Option<i64>) = (asked.before.parse().ok(), asked.after.parse().ok());
    let query = services::event::read::Query {
        after,
        before,
        topic: text(&asked.topic),
        kind: text(&asked.kind),
        actor: asked.actor.parse::<Id<User>>().ok().map(Id::uuid),
        from: day(&asked.from),
        to: day(&asked.to).map(|at| at.plus(domain::time::DAY)),
        limit: ROWS as u64 + 1,
        ..Default::default()
    };
    let mut events = crate::server::answer(services::event::audit(&cx, &query).await)?;
    // One more than shown tells whether the walk goes on.
    let more = events.len() > ROWS;
    events.truncate(ROWS);
    if after.is_some() {
        events.reverse();
    }
    let all = domain::list::Paging { page_size: domain::list::MAX_PAGE_SIZE, ..Default::default() };
    let people = crate::server::answer(services::account::list_users(&cx, &Default::default(), &all).await)?;
    let (has_older, has_newer) = if after.is_some() { (true, more) } else { (more, before.is_some()) };
    Ok(Found { events, has_older, has_newer, people: people.items.into_iter().map(|user| (user.id, user.name)).collect() })
}
