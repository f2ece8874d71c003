//! What the first page asks the server.

use domain::{
    event::Event,
    incident::{Figures, Row},
    list::Page,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, data::Json, log::api::OnMe};

/// The first page. Asked for in one go: it is renewed as a whole, and each further question would cost the wasm a copy of
/// what asks, keeps and waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Live incidents, the worst.
    pub all: Page<Row>,
    /// Those of them that this person has.
    pub mine: Page<Row>,
    /// `None` when they could not be read: what burns is shown all the same.
    pub figures: Option<Figures>,
    /// How many firing alerts nobody answers for; -1 before the first check.
    pub uncovered: i64,
    /// Blockers that wait for this person, and what they waited for and may go on with.
    pub on_me: OnMe,
    /// The latest of what happened to incidents, newest first; `None` when it could not be read.
    pub happened: Option<Vec<Happened>>,
}

/// An event with the incident that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// What.
    pub event: Event,
    /// About which.
    pub row: Row,
}

/// What the first page shows.
#[server(input = Json, output = Json)]
pub async fn look() -> Result<Home, Error> {
    use services::incident;

    use crate::server::{answer, part};

    let cx = crate::server::cx()?;
    let (all, mine) = answer(incident::burning(&cx, 8).await)?;
    let happened = part(incident::latest(&cx, 14).await);
    Ok(Home {
        all,
        mine,
        figures: part(incident::figures(&cx).await),
        uncovered: services::alert::watch::UNCOVERED.load(std::sync::atomic::Ordering::Relaxed),
        on_me: OnMe::of(&part(services::log::on_me(&cx).await).unwrap_or_default()),
        happened: happened.map(|latest| latest.into_iter().map(|(event, row)| Happened { event, row }).collect()),
    })
}
