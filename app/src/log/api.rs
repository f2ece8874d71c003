//! What the pages of the team's log ask the server.

use domain::{
    Id,
    incident::Incident,
    list::Page,
    log::{BlockerRow, Update, UpdateRow},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    query::{BlockerQuery, UpdateQuery},
    row::Brief,
};
use crate::{Error, data::Json};

/// One page of updates, newest first.
#[server(input = Json, output = Json)]
pub async fn updates(query: UpdateQuery) -> Result<Page<UpdateRow>, Error> {
    let cx = crate::server::cx()?;
    let (filter, paging) = query.resolve();
    crate::server::answer(services::log::list_updates(&cx, &filter, &paging).await)
}

/// An update, and the blockers that refer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The update.
    pub row: UpdateRow,
    /// Active first, newest first, at most 50.
    pub blockers: Vec<BlockerRow>,
}

/// One update.
#[server(input = Json, output = Json)]
pub async fn show_update(id: String) -> Result<Shown, Error> {
    let cx = crate::server::cx()?;
    let row = crate::server::answer(services::log::update(&cx, &id).await)?;
    let filter = domain::log::BlockerFilter { related_status_id: Some(row.update.id), ..Default::default() };
    let blockers = crate::server::answer(services::log::list_blockers(&cx, &filter, &Default::default()).await)?;
    Ok(Shown { row, blockers: blockers.items })
}

/// One page of blockers, active first, newest first.
#[server(input = Json, output = Json)]
pub async fn blockers(query: BlockerQuery) -> Result<Page<BlockerRow>, Error> {
    let cx = crate::server::cx()?;
    let (filter, paging) = query.resolve(cx.actor.caller.user());
    crate::server::answer(services::log::list_blockers(&cx, &filter, &paging).await)
}

/// One blocker.
#[server(input = Json, output = Json)]
pub async fn show_blocker(id: String) -> Result<BlockerRow, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::log::blocker(&cx, &id).await)
}

/// What a blocker may be linked to, for its form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// The incident that the address names.
    pub incident: Option<(Id<Incident>, String)>,
    /// The update that the address names.
    pub update: Option<(Id<Update>, String)>,
    /// Incidents that are not over, worst first, at most 50.
    pub incidents: Vec<(Id<Incident>, String)>,
    /// Updates, newest first, at most 50.
    pub updates: Vec<(Id<Update>, String)>,
}

/// Reads what a new or edited blocker may be linked to; `incident` and `update` are ids from the address, or empty.
#[server(input = Json, output = Json)]
pub async fn offer_links(incident: String, update: String) -> Result<Links, Error> {
    use domain::incident::{Filter, Row, Sort};
    let cx = crate::server::cx()?;
    let named = |row: &Row| (row.incident.id, format!("{} {}", row.incident.label(), row.incident.title));
    let titled = |row: &UpdateRow| (row.update.id, row.update.title.clone());
    let live = crate::server::answer(services::incident::list(&cx, &Filter::live(), Sort::Severity, &Default::default()).await)?;
    let latest = crate::server::answer(services::log::list_updates(&cx, &domain::log::UpdateFilter::default(), &Default::default()).await)?;
    let mut links = Links {
        incident: None,
        update: None,
        incidents: live.items.iter().map(named).collect(),
        updates: latest.items.iter().map(titled).collect(),
    };
    // What the address names is among these as a rule.
    if let Ok(id) = incident.parse() {
        links.incident = match links.incidents.iter().find(|(known, _)| *known == id) {
            Some(known) => Some(known.clone()),
            None => Some(named(&crate::server::answer(services::incident::get(&cx, id).await)?)),
        };
    }
    if let Ok(id) = update.parse() {
        links.update = match links.updates.iter().find(|(known, _)| *known == id) {
            Some(known) => Some(known.clone()),
            None => Some(titled(&crate::server::answer(services::log::update(&cx, &update).await)?)),
        };
    }
    Ok(links)
}

/// What of the log concerns one person now: for their home.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OnMe {
    /// Active blockers that wait for them.
    pub waiting: Vec<Brief>,
    /// What they waited for, and somebody else resolved within the last day.
    pub freed: Vec<Brief>,
}

impl OnMe {
    /// From blockers of both kinds.
    pub fn of(rows: &[BlockerRow]) -> Self {
        let (waiting, freed) = Brief::all(rows).into_iter().partition(|brief| brief.active);
        Self { waiting, freed }
    }
}
