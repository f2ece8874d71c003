//! What the first page asks the server.

use domain::{
    event::Event,
    incident::{Figures, Row},
    list::Page,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, data::Json};

/// Live incidents, worst first, and those of them that this person has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Burning {
    /// The worst.
    pub all: Page<Row>,
    /// This person's.
    pub mine: Page<Row>,
}

/// What burns.
#[server(input = Json, output = Json)]
pub async fn burn() -> Result<Burning, Error> {
    use domain::{
        incident::{Filter, Sort},
        list::Paging,
    };
    let cx = crate::server::cx()?;
    let few = Paging { page_size: 8, ..Paging::default() };
    let mine = Filter { assigned_to_id: Some(crate::server::answer(cx.user())?), ..Filter::live() };
    // Of one instant: what is mine is among all.
    let burning = cx.read(move |cx| async move {
        let all = services::incident::list(&cx, &Filter::live(), Sort::Severity, &few).await?;
        Ok(Burning { all, mine: services::incident::list(&cx, &mine, Sort::Severity, &few).await? })
    });
    crate::server::answer(burning.await)
}

/// Figures, and how many firing alerts nobody answers for; -1 before the first check.
#[server(input = Json, output = Json)]
pub async fn measure() -> Result<(Figures, i64), Error> {
    let cx = crate::server::cx()?;
    let uncovered = services::alert::watch::UNCOVERED.load(std::sync::atomic::Ordering::Relaxed);
    Ok((crate::server::answer(services::incident::figures(&cx).await)?, uncovered))
}

/// An event with the incident that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happened {
    /// What.
    pub event: Event,
    /// About which.
    pub row: Row,
}

/// The latest of what happened to incidents, newest first.
#[server(input = Json, output = Json)]
pub async fn recall() -> Result<Vec<Happened>, Error> {
    let cx = crate::server::cx()?;
    let latest = crate::server::answer(services::incident::latest(&cx, 14).await)?;
    Ok(latest.into_iter().map(|(event, row)| Happened { event, row }).collect())
}
