//! Teams: who answers for what.

use domain::{
    account::{Role, TeamRow},
    list::Page,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, DataList, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, Pagination, Row, RowMain, Skeleton, view,
};

use super::{api, people::tabs, team_fields::TeamFields};
use crate::{
    data::resource,
    error::ErrorView,
    export::Export,
    form::{self, Flash, Key},
    live, session,
    words::count,
};

/// `/team/teams`.
#[component]
pub fn Teams() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            (query.get_str("archived") == Some("true"), query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1))
        })
    });
    let teams = resource(move || asked.get(), |(archived, page)| api::teams(archived, page));
    let exported = Signal::derive(move || vec![("archived", if asked.get().0 { "true".to_owned() } else { String::new() })]);
    let flash = form::flash("teams");
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            let (archived, _) = asked.get_untracked();
            match teams.await {
                Ok(found) => view! { <Shown found flash archived/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Teams"/>
        <PageHead title="People and teams" actions=move || view! { <Export list="teams" filters=exported/> }/>
        {tabs("/team/teams")}
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn Shown(found: Page<TeamRow>, flash: Flash, archived: bool) -> impl IntoView {
    let may_make = session::may(Role::Manager);
    let Page { total, total_is_exact, page, page_size, .. } = found;
    let found = live::followed(found, &["accounts"], move || api::teams(archived, page));
    let is_empty = Memo::new(move |_| found.with(|found| found.items.is_empty()));
    let list = move || match is_empty.get() {
        true => view! { <Nothing archived/> },
        false => {
            let rows = move || found.with(|found| found.items.clone());
            view! { <DataList label="Teams"><For each=rows key=|row| (row.team.id, row.team.rev) let:row><Line row/></For></DataList> }
        }
    };
    let suffix = if archived { "&archived=true" } else { "" };
    view! {
        <div class=if may_make { "cols" } else { "stack" }>
            <div class="stack-tight">
                <Card flush=true>
                    {list}
                    <Pagination page=page.into() per_page=page_size.into() total total_is_exact href=Callback::new(move |page| format!("/team/teams?page={page}{suffix}"))/>
                </Card>
                <p class="meta">
                    {if archived { view! { <a class="link" href="/team/teams">"Teams in use"</a> } } else { view! { <a class="link" href="/team/teams?archived=true">"Archived teams"</a> } }}
                </p>
            </div>
            {may_make.then(|| view! {
                <Card title="New team">
                    <form class="form" method="post" action="/teams">
                        <ErrorSummary errors=flash.summary()/>
                        <Key/>
                        <TeamFields flash=flash.clone()/>
                        <Button kind=ButtonKind::Primary icon=Glyph::Plus>"Make the team"</Button>
                    </form>
                </Card>
            })}
        </div>
    }
}

#[component]
fn Nothing(archived: bool) -> impl IntoView {
    let (title, text) = match archived {
        true => ("No archived team", "Teams that are archived stand here."),
        false => ("No team yet", "A team owns services and, later, the rota. Make one for each group of people that is paged together."),
    };
    view! { <EmptyState icon=Glyph::Team title text>{archived.then(|| view! { <LinkButton href="/team/teams">"Teams in use"</LinkButton> })}</EmptyState> }
}

#[component]
fn Line(row: TeamRow) -> impl IntoView {
    let TeamRow { team, members } = row;
    view! {
        <Row href=format!("/team/teams/{}", team.id) class="min-[900px]:grid-cols-[minmax(0,1fr)_160px_120px]">
            <RowMain title=team.name sub=team.description/>
            <span class="row-meta">{team.time_zone}</span>
            <span class="row-meta row-end">{count(members, "member")}</span>
        </Row>
    }
}
