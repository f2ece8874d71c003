//! What the pages of incidents ask the server.

use domain::{
    Id,
    account::User,
    incident::{Detail, Incident, Row, TimelineItem},
    list::Page,
    log::{Blocker, Update},
    service::Service,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::query::Query;
use crate::{Error, data::Json, session::Counts};

/// One page of the list.
#[server(input = Json, output = Json)]
pub async fn list(query: Query) -> Result<Page<Row>, Error> {
    let cx = crate::server::cx()?;
    let (filter, sort, paging) = query.resolve(cx.actor.caller.user());
    crate::server::answer(services::incident::list(&cx, &filter, sort, &paging).await)
}

/// Everything that the page of an incident shows; by number, `INC-418` or id.
#[server(input = Json, output = Json)]
pub async fn show(reference: String) -> Result<Detail, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::incident::detail(&cx, &reference).await)
}

/// What happened to an incident before `before`.
#[server(input = Json, output = Json)]
pub async fn earlier(id: Id<Incident>, before: i64) -> Result<Vec<TimelineItem>, Error> {
    let cx = crate::server::cx()?;
    crate::server::answer(services::incident::timeline(&cx, id, Some(before)).await)
}

/// For the navigation.
#[server(input = Json, output = Json)]
pub async fn count() -> Result<Counts, Error> {
    let cx = crate::server::cx()?;
    let (live, open) = crate::server::answer(services::incident::count_live(&cx).await)?;
    Ok(Counts { live, open })
}

/// What an incident may be given to or belong to, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Choices {
    /// Services in use.
    pub services: Vec<(Id<Service>, String)>,
    /// People who can sign in.
    pub people: Vec<(Id<User>, String)>,
}

/// For selects and filters; at most 200 of each.
#[server(input = Json, output = Json)]
pub async fn offer() -> Result<Choices, Error> {
    let cx = crate::server::cx()?;
    let (services, people) = crate::server::answer(services::incident::choices(&cx).await)?;
    Ok(Choices { services, people })
}

/// What the palette's search finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hits {
    /// Incidents with these words.
    pub incidents: Vec<Row>,
    /// Services whose name begins so.
    pub services: Vec<(Id<Service>, String)>,
    /// Updates with these words.
    pub updates: Vec<(Id<Update>, String)>,
    /// Blockers with these words.
    pub blockers: Vec<(Id<Blocker>, String)>,
}

/// Searches incidents, services, and the team's log.
#[server(input = Json, output = Json)]
pub async fn find(words: String) -> Result<Hits, Error> {
    let cx = crate::server::cx()?;
    let few = domain::list::Paging { page_size: 8, ..Default::default() };
    let filter = domain::incident::Filter { q: Some(words.clone()), ..Default::default() };
    let incidents = crate::server::answer(services::incident::list(&cx, &filter, domain::incident::Sort::Newest, &few).await)?;
    let named = services::service::Filter { q: Some(words.clone()), ..Default::default() };
    let services = crate::server::answer(services::service::list(&cx, &named, &few).await)?;
    let mut hits = Hits {
        incidents: incidents.items,
        services: services.items.into_iter().map(|row| (row.service.id, row.service.name)).collect(),
        ..Hits::default()
    };
    let filter = domain::log::UpdateFilter { q: Some(words.clone()), ..Default::default() };
    if let Some(found) = crate::server::part(services::log::list_updates(&cx, &filter, &few).await) {
        hits.updates = found.items.into_iter().map(|row| (row.update.id, row.update.title)).collect();
    }
    let filter = domain::log::BlockerFilter { q: Some(words), ..Default::default() };
    if let Some(found) = crate::server::part(services::log::list_blockers(&cx, &filter, &few).await) {
        hits.blockers = found.items.into_iter().map(|row| (row.blocker.id, row.blocker.description)).collect();
    }
    Ok(hits)
}
