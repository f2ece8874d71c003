//! One service: what burns on it, who answers for it, what sends to it.

use domain::service::UNSORTED;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, Card, Chip, ConfirmButton, Glyph, LinkButton, Menu, MenuLink, PageHead, Skeleton, Tone, view};

use super::{
    alerts::Alerts,
    api::{self, Shown},
    facts::Facts,
    incidents::Incidents,
    integrations::Integrations,
    list::State,
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    live,
};

/// `/services/:id`.
#[component]
pub fn Show() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let shown = resource(move || id.get(), api::show);
    let (told, integration) = (form::flash("service"), form::flash("integration"));
    let view = move || {
        Suspend::new(async move {
            let (told, integration) = (told.await, integration.await);
            match shown.await {
                Ok(shown) => view! { <Page shown told integration/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Service"/><Transition fallback=|| view! { <Card flush=true><Skeleton rows=8/></Card> }>{view}</Transition> }
}

#[component]
fn Page(shown: Shown, told: Flash, integration: Flash) -> impl IntoView {
    let Shown { now, integrations, may_configure } = shown;
    let (row, service) = (now.row.clone(), now.row.service.clone());
    let id = service.id.to_string();
    let now = {
        let id = id.clone();
        live::followed(now, &["incidents", "alerts"], move || api::refresh(id.clone()))
    };
    let all = format!("/incidents?status=all&service_id={id}");
    let is_archived = service.archived_at.is_some();
    let acts = {
        let (id, name) = (id.clone(), service.name.clone());
        let can_archive = service.id != UNSORTED;
        move || may_configure.then(|| view! { <Acts id name is_archived can_archive/> })
    };
    view! {
        <Title text=service.name.clone()/>
        <PageHead title=service.name.clone() back=("/services".to_owned(), "Services".to_owned()) actions=acts>
            {is_archived.then(|| view! { <Chip tone=Tone::Neutral icon=Glyph::Lock label="Archived: its integrations refuse what comes"/> })}
            {move || now.with(|now| view! { <State live_incidents=now.row.live_incidents worst=now.row.worst/> })}
            {(!service.description.is_empty()).then(|| view! { <span>{service.description.clone()}</span> })}
        </PageHead>
        <div class="cols">
            <div class="stack">
                <Told flash=told/>
                {move || view! { <Incidents rows=now.with(|now| now.incidents.clone()) all=all.clone()/> }}
                <Integrations integrations service=id.clone() flash=integration may_configure=may_configure && !is_archived/>
                {move || view! { <Alerts alerts=now.with(|now| now.alerts.clone())/> }}
            </div>
            <Facts row/>
        </div>
    }
}

#[component]
fn Acts(id: String, name: String, is_archived: bool, can_archive: bool) -> impl IntoView {
    if is_archived {
        return view! {
            <form method="post" action=format!("/services/{id}/restore")><Key/><Button kind=ButtonKind::Primary icon=Glyph::Undo>"Restore"</Button></form>
        };
    }
    view! {
        <LinkButton href=format!("/services/{id}/edit") icon=Glyph::Edit>"Edit"</LinkButton>
        <Menu label="More about this service">
            <MenuLink href=format!("/incidents/new?service_id={id}") label="Declare an incident" icon=Glyph::Incident/>
            {can_archive.then(|| view! {
                <form class="px-2 py-1" method="post" action=format!("/services/{id}/archive")>
                    <Key/>
                    <ConfirmButton label="Archive" icon=Glyph::Lock question=format!("Archive {name}?")
                        detail="Its integrations refuse what comes. Its history stays, and you can restore it."/>
                </form>
            })}
        </Menu>
    }
}
