//! The list of services: what each team answers for, and what burns on it now.

use domain::{
    account::Role,
    list::Page,
    service::{Service, ServiceRow},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, CheckField, Chip, DataList, EmptyState, Glyph, LinkButton, PageHead, Pagination, Row, RowMain, SelectField,
    Skeleton, TextField, Tone, view,
};

use super::api;
use crate::{account, data::resource, error::ErrorView, export::Export, incident::query::joined, live, session, words};

/// What the address asks for.
#[derive(Clone, PartialEq)]
struct Asked {
    q: String,
    team_id: String,
    archived: bool,
    page: u32,
}

impl Asked {
    fn href(&self, page: u64) -> String {
        let archived = if self.archived { "true" } else { "" };
        let pairs =
            [("q", self.q.clone()), ("team_id", self.team_id.clone()), ("archived", archived.to_owned()), ("page", page.to_string())];
        joined("/services", &pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>())
    }

    fn is_everything(&self) -> bool {
        self.q.is_empty() && self.team_id.is_empty() && !self.archived
    }
}

/// `/services`.
#[component]
pub fn List() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| Asked {
            q: query.get("q").unwrap_or_default(),
            team_id: query.get("team_id").unwrap_or_default(),
            archived: query.get_str("archived") == Some("true"),
            page: query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1),
        })
    });
    let rows = resource(move || asked.get(), |asked| api::list(asked.q, asked.team_id, asked.archived, asked.page));
    let teams = resource(|| (), |()| account::api::teams_in_use());
    let view = move || {
        Suspend::new(async move {
            let asked = asked.get_untracked();
            match rows.await {
                Ok(found) => view! { <Shown found asked/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    let filters = move || {
        Suspend::new(async move {
            view! { <Filters asked=asked.get_untracked() teams=teams.await.unwrap_or_default()/> }
        })
    };
    let exported = Signal::derive(move || {
        let Asked { q, team_id, archived, .. } = asked.get();
        vec![("q", q), ("team_id", team_id), ("archived", if archived { "true".to_owned() } else { String::new() })]
    });
    let new = || {
        session::may(Role::Manager)
            .then(|| view! { <LinkButton href="/services/new" kind=ButtonKind::Primary icon=Glyph::Plus>"New service"</LinkButton> })
    };
    view! {
        <Title text="Services"/>
        <PageHead title="Services" actions=move || view! { <Export list="services" filters=exported/> {new()} }/>
        <Transition>{filters}</Transition>
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn Filters(asked: Asked, teams: Vec<(domain::Id<domain::account::Team>, String)>) -> impl IntoView {
    let teams: Vec<_> = teams.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let has_teams = !teams.is_empty();
    view! {
        <form class="filters" method="get" action="/services" role="search">
            <TextField name="q" label="Name begins with" kind_of="search" value=asked.q/>
            {has_teams.then(|| view! { <SelectField name="team_id" label="Team" empty="Every team" options=teams value=asked.team_id/> })}
            <CheckField name="archived" label="Archived" checked=asked.archived/>
            <Button>"Filter"</Button>
        </form>
    }
}

#[component]
fn Shown(found: Page<ServiceRow>, asked: Asked) -> impl IntoView {
    let Page { total, total_is_exact, page, page_size, .. } = found;
    let is_everything = asked.is_everything();
    let href = asked.clone();
    let found = live::followed(found, &["services", "incidents"], move || {
        let Asked { q, team_id, archived, page } = asked.clone();
        api::list(q, team_id, archived, page)
    });
    let is_empty = Memo::new(move |_| found.with(|found| found.items.is_empty()));
    let list = move || match (is_empty.get(), is_everything) {
        (true, true) => view! {
            <EmptyState icon=Glyph::Service title="No service yet" text="A service is what a team answers for. It gets alerts, and its incidents.">
                <LinkButton href="/services/new" kind=ButtonKind::Primary icon=Glyph::Plus>"New service"</LinkButton>
            </EmptyState>
        },
        (true, false) => view! {
            <EmptyState icon=Glyph::Filter title="Nothing matches" text="No service matches these filters."><LinkButton href="/services">"Show every service"</LinkButton></EmptyState>
        },
        (false, _) => {
            let rows = move || found.with(|found| found.items.clone());
            let key = |row: &ServiceRow| {
                format!("{} {} {} {}", row.service.id, row.service.rev, row.live_incidents, row.worst.map_or(-1, |worst| worst as i8))
            };
            view! { <DataList label="Services"><For each=rows key=key let:row><Line row/></For></DataList> }
        }
    };
    view! {
        <Card flush=true>
            {list}
            <Pagination page=page.into() per_page=page_size.into() total total_is_exact href=Callback::new(move |page| href.href(page))/>
        </Card>
    }
}

#[component]
fn Line(row: ServiceRow) -> impl IntoView {
    let ServiceRow { service, team_name, live_incidents, worst } = row;
    let Service { id, name, description, target_ack_minutes, .. } = service;
    let promise = target_ack_minutes.map(|minutes| format!("Ack in {minutes} min")).unwrap_or_default();
    view! {
        <Row href=format!("/services/{id}") class="min-[900px]:grid-cols-[minmax(0,1fr)_160px_112px_152px]">
            <RowMain title=name sub=description/>
            <span class="row-meta truncate">{team_name.unwrap_or_else(|| "No team".into())}</span>
            <span class="row-meta row-wide">{promise}</span>
            <State live_incidents worst/>
        </Row>
    }
}

/// How many incidents are live, in the colour of the worst.
#[component]
pub fn State(live_incidents: i64, worst: Option<domain::incident::Severity>) -> impl IntoView {
    match worst.map(words::severity) {
        Some(look) => {
            view! { <Chip tone=look.tone icon=look.glyph label=format!("{live_incidents} live, {}", look.word.to_lowercase())/> }
        }
        None => view! { <Chip tone=Tone::Ok label="Quiet"/> },
    }
}
