//! What the pages of services and integrations ask the server.

use domain::{
    Id,
    account::Team,
    alert::Alert,
    incident::Row,
    integration::{Integration, Payload},
    list::Page,
    service::{Service, ServiceRow},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{Error, data::Json};

/// One page of the list.
#[server(input = Json, output = Json)]
pub async fn list(q: String, team_id: String, archived: bool, page: u32) -> Result<Page<ServiceRow>, Error> {
    let cx = crate::server::cx()?;
    let filter = services::service::Filter { team_id: team_id.parse().ok(), q: Some(q), archived };
    let paging = domain::list::Paging { page: page.max(1), ..Default::default() };
    crate::server::answer(services::service::list(&cx, &filter, &paging).await)
}

/// Everything that the page of a service shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// What changes while somebody reads.
    pub now: Now,
    /// Its sources.
    pub integrations: Vec<Integration>,
    /// Whether the person may change it.
    pub may_configure: bool,
}

/// What burns on a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Now {
    /// The service with its state.
    pub row: ServiceRow,
    /// The worst first; at most 20.
    pub incidents: Vec<Row>,
    /// Newest first, at most 10.
    pub alerts: Vec<Alert>,
}

/// One service.
#[server(input = Json, output = Json)]
pub async fn show(id: String) -> Result<Shown, Error> {
    let cx = crate::server::cx()?;
    let now = refresh(id).await?;
    let service = &now.row.service;
    let integrations = crate::server::answer(services::integration::list(&cx, service.id).await)?;
    let target = domain::account::Target { team: service.team_id, visibility: service.visibility, owner: None };
    let may_configure = cx.authorize(domain::account::Action::ConfigureService, &target, "service").is_ok();
    Ok(Shown { now, integrations, may_configure })
}

/// What burns on one service.
#[server(input = Json, output = Json)]
pub async fn refresh(id: String) -> Result<Now, Error> {
    let cx = crate::server::cx()?;
    let id: Id<Service> = crate::server::answer(id.parse().map_err(|_| domain::Problem::not_found("service").into()))?;
    let row = crate::server::answer(services::service::summary(&cx, id).await)?;
    let filter = domain::incident::Filter { service_id: Some(id), ..domain::incident::Filter::live() };
    let few = |page_size| domain::list::Paging { page_size, ..Default::default() };
    let incidents = crate::server::answer(services::incident::list(&cx, &filter, Default::default(), &few(20)).await)?.items;
    let of_service = services::alert::Filter { service_id: Some(id), ..Default::default() };
    let alerts = crate::server::answer(services::alert::list(&cx, &of_service, &few(10)).await)?.items;
    Ok(Now { row, incidents, alerts })
}

/// What the form of a service needs; the service is absent for a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// The service as it is.
    pub service: Option<Service>,
    /// Teams that could own it.
    pub teams: Vec<(Id<Team>, String)>,
}

/// The form of a service; `id` is empty for a new one.
#[server(input = Json, output = Json)]
pub async fn prepare(id: String) -> Result<Form, Error> {
    let cx = crate::server::cx()?;
    let service = match id.as_str() {
        "" => None,
        id => {
            let id: Id<Service> = crate::server::answer(id.parse().map_err(|_| domain::Problem::not_found("service").into()))?;
            Some(crate::server::answer(services::service::get(&cx, id).await)?)
        }
    };
    let teams = crate::account::api::teams_in_use().await?;
    Ok(Form { service, teams })
}

/// Everything that the page of an integration shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The integration.
    pub integration: Integration,
    /// The service that gets its alerts.
    pub service: Service,
    /// What it sent, newest first; empty for who may not see it.
    pub payloads: Vec<Payload>,
    /// What burns on the service, the worst first; at most 5.
    pub incidents: Vec<Row>,
    /// Whether the person may see the secret and what was sent.
    pub may_see: bool,
    /// Whether the person may change it.
    pub may_configure: bool,
}

/// One integration.
#[server(input = Json, output = Json)]
pub async fn show_integration(id: String) -> Result<Source, Error> {
    let cx = crate::server::cx()?;
    let id: Id<Integration> = crate::server::answer(id.parse().map_err(|_| domain::Problem::not_found("integration").into()))?;
    let (integration, service, payloads) = crate::server::answer(services::integration::detail(&cx, id).await)?;
    let target = domain::account::Target { team: service.team_id, visibility: service.visibility, owner: None };
    let may = |action| cx.authorize(action, &target, "integration").is_ok();
    let (may_see, may_configure) = (may(domain::account::Action::SeeIntegration), may(domain::account::Action::ConfigureService));
    let filter = domain::incident::Filter { service_id: Some(service.id), ..domain::incident::Filter::live() };
    let few = domain::list::Paging { page_size: 5, ..Default::default() };
    let incidents = crate::server::answer(services::incident::list(&cx, &filter, domain::incident::Sort::Newest, &few).await)?.items;
    Ok(Source { integration, service, payloads, incidents, may_see, may_configure })
}
