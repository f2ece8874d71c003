//! The list of updates: newest first, each with its words.

use domain::{
    Id,
    account::{Role, User},
    list::Page,
    log::UpdateRow,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{
    Button, ButtonKind, Card, Chip, EmptyState, Glyph, LinkButton, PageHead, Pagination, Prose, SelectField, Skeleton, TextField, Time,
    Tone, view,
};

use super::{Halves, api, query::UpdateQuery};
use crate::{data::resource, error::ErrorView, export::Export, incident, live, session, words};

/// `/log`.
#[component]
pub fn Updates() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(UpdateQuery::read));
    let found = resource(move || query.get(), |query| async move { api::updates(query.clone()).await.map(|page| (query, page)) });
    let choices = resource(|| (), |()| incident::api::offer());
    let list = move || {
        Suspend::new(async move {
            match found.await {
                Ok((query, page)) => view! { <Shown query page/> },
                Err(error) => view! { <Card><ErrorView error/></Card> },
            }
        })
    };
    let filters = move || {
        // Read here, where it is followed: a tag's link changes the address and not the page.
        let query = query.get();
        Suspend::new(async move {
            view! { <Filters query people=choices.await.unwrap_or_default().people/> }
        })
    };
    let post = || {
        session::may(Role::Responder)
            .then(|| view! { <LinkButton href="/log/new" kind=ButtonKind::Primary icon=Glyph::Plus>"Post an update"</LinkButton> })
    };
    view! {
        <Title text="Team log"/>
        <PageHead title="Team log" actions=move || view! { <Export list="status" filters=Signal::derive(move || query.with(UpdateQuery::filters))/>{post()} }/>
        <Halves current="/log"/>
        <Transition fallback=|| view! { <div class="filters min-h-[34px]"></div> }>{filters}</Transition>
        <Transition fallback=|| view! { <Card flush=true><Skeleton rows=8/></Card> }>{list}</Transition>
    }
}

#[component]
fn Filters(query: UpdateQuery, people: Vec<(Id<User>, String)>) -> impl IntoView {
    let people: Vec<_> = people.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <form class="filters" method="get" action="/log" role="search">
            <TextField name="q" label="Words" kind_of="search" maxlength=200 value=query.q/>
            <SelectField name="author_id" label="Author" empty="Everybody" options=people value=query.author_id/>
            <TextField name="tag" label="Tag" maxlength=40 value=query.tag/>
            <TextField name="start_date" label="From (UTC)" kind_of="date" value=query.start_date/>
            <TextField name="end_date" label="To (UTC)" kind_of="date" value=query.end_date/>
            <Button icon=Glyph::Filter>"Filter"</Button>
        </form>
    }
}

#[component]
fn Shown(query: UpdateQuery, page: Page<UpdateRow>) -> impl IntoView {
    let is_everything = query.address(1) == "/log";
    let asked = query.clone();
    let found = live::followed(page, &["status", "blockers"], move || api::updates(asked.clone()));
    let list = move || match (found.with(|found| found.items.is_empty()), is_everything) {
        (true, true) => view! {
            <Card><EmptyState icon=Glyph::Pulse title="Nothing posted yet" text="What people did and do next stands here, for those who come after them.">
                {session::may(Role::Responder).then(|| view! { <LinkButton href="/log/new" kind=ButtonKind::Primary icon=Glyph::Plus>"Post an update"</LinkButton> })}
            </EmptyState></Card>
        },
        (true, false) => view! {
            <Card><EmptyState icon=Glyph::Filter title="Nothing matches" text="No update matches these filters."><LinkButton href="/log">"Every update"</LinkButton></EmptyState></Card>
        },
        (false, _) => {
            let key = |row: &UpdateRow| (row.update.id, row.update.rev, row.active_blockers);
            view! { <div class="stack"><For each=move || found.with(|found| found.items.clone()) key=key let:row><Entry row/></For></div> }
        }
    };
    view! {
        {list}
        {move || {
            let (query, Page { total, total_is_exact, page, page_size, .. }) = (query.clone(), found.get());
            view! { <Pagination page=page.into() per_page=page_size.into() total total_is_exact href=Callback::new(move |page: u64| query.address(page as u32))/> }
        }}
    }
}

#[component]
fn Entry(row: UpdateRow) -> impl IntoView {
    let UpdateRow { update, author_name, active_blockers } = row;
    let blocked = (active_blockers > 0)
        .then(|| view! { <Chip tone=Tone::High icon=Glyph::Warning label=words::count(active_blockers, "active blocker")/> });
    view! {
        <article class="card">
            <header class="card-head">
                <h2 class="min-w-0"><a class="link-target hover:text-ink" href=format!("/log/{}", update.id)>{update.title}</a></h2>
                <div class="card-aside">{blocked}</div>
            </header>
            <div class="card-body stack-tight">
                <p class="meta">{author_name}", "<Time utc_ms=update.created_at.ms()/>{(update.version > 1).then_some(", edited")}</p>
                {(!update.html.is_empty()).then(|| view! { <Prose html=update.html/> })}
                <Tags tags=update.tags/>
            </div>
        </article>
    }
}

/// The tags of an update: each leads to everything that has it.
#[component]
pub fn Tags(tags: Vec<String>) -> impl IntoView {
    (!tags.is_empty())
        .then(|| {
            let links = tags.into_iter().map(|tag| {
                let href = UpdateQuery { tag: tag.clone(), ..UpdateQuery::default() }.address(1);
                view! { <a class="link link-target" href=href>{format!("#{tag}")}</a> }
            });
            view! { <p class="flex flex-wrap gap-x-3 gap-y-1 text-[12px]">{links.collect_view()}</p> }
        })
        .into_any()
}
