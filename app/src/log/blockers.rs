//! The list of blockers: active first, newest first.

use domain::{account::Role, list::Page, log::BlockerRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Button, ButtonKind, Card, DataList, EmptyState, Glyph, LinkButton, PageHead, Pagination, Skeleton, Tab, Tabs, TextField, view};

use super::{
    Halves, api,
    query::BlockerQuery,
    row::{Brief, Line},
};
use crate::{data::resource, error::ErrorView, export::Export, live, session};

/// `/log/blockers`.
#[component]
pub fn Blockers() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(BlockerQuery::read));
    let found = resource(move || query.get(), |query| async move { api::blockers(query.clone()).await.map(|page| (query, page)) });
    let list = move || {
        Suspend::new(async move {
            match found.await {
                Ok((query, page)) => view! { <Shown query page/> },
                Err(error) => view! { <Card><ErrorView error/></Card> },
            }
        })
    };
    let report = || {
        session::may(Role::Responder).then(
            || view! { <LinkButton href="/log/blockers/new" kind=ButtonKind::Primary icon=Glyph::Plus>"Report a blocker"</LinkButton> },
        )
    };
    let views = vec![
        Tab::new("/log/blockers", "All"),
        Tab::new("/log/blockers?status=active&waits_for_id=me", "Waiting for you"),
        Tab::new("/log/blockers?status=active&owner_id=me", "Yours"),
        Tab::new("/log/blockers?status=resolved", "Resolved"),
    ];
    let current = Signal::derive(move || query.with(|query| query.address(1)));
    view! {
        <Title text="Blockers"/>
        <PageHead title="Blockers" actions=move || view! { <Export list="blockers" filters=Signal::derive(move || query.with(BlockerQuery::filters))/>{report()} }/>
        <Halves current="/log/blockers"/>
        <Tabs label="Views" tabs=Signal::stored(views) current/>
        {move || { let query = query.get(); view! { <Filters query/> } }}
        <Transition fallback=|| view! { <Card flush=true><Skeleton rows=6/></Card> }>{list}</Transition>
    }
}

#[component]
fn Filters(query: BlockerQuery) -> impl IntoView {
    let BlockerQuery { status, owner_id, waits_for_id, q, .. } = query;
    let kept = [("status", status), ("owner_id", owner_id), ("waits_for_id", waits_for_id)];
    let kept =
        kept.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="filters" method="get" action="/log/blockers" role="search">
            {kept.collect_view()}
            <TextField name="q" label="Words" kind_of="search" maxlength=200 value=q/>
            <Button icon=Glyph::Filter>"Filter"</Button>
        </form>
    }
}

/// A row of this list says also what cannot go on and to which incident it belongs; their links are on its page, as the
/// whole row is one link.
fn full(row: &BlockerRow) -> Brief {
    let brief = Brief::of(row);
    let impact = Some(row.blocker.impact.clone()).filter(|impact| !impact.is_empty());
    let incident = row.related_incident_number.map(|number| format!("INC-{number}"));
    let parts: Vec<String> = [Some(brief.waits), impact, incident].into_iter().flatten().collect();
    Brief { waits: parts.join(" - "), ..brief }
}

#[component]
fn Shown(query: BlockerQuery, page: Page<BlockerRow>) -> impl IntoView {
    let is_everything = query.address(1) == "/log/blockers";
    let asked = query.clone();
    let found = live::followed(page, &["blockers"], move || api::blockers(asked.clone()));
    let list = move || match (found.with(|found| found.items.is_empty()), is_everything) {
        (true, true) => {
            view! { <EmptyState icon=Glyph::Check title="Nothing stands in anybody's way" text="A blocker says what keeps somebody from going on, and for whom or what they wait."/> }
        }
        (true, false) => {
            view! { <EmptyState icon=Glyph::Check title="Nothing here" text="No blocker matches this view."><LinkButton href="/log/blockers">"Every blocker"</LinkButton></EmptyState> }
        }
        (false, _) => {
            let key = |row: &BlockerRow| (row.blocker.id, row.blocker.rev);
            view! { <DataList label="Blockers"><For each=move || found.with(|found| found.items.clone()) key=key let:row><Line row=full(&row)/></For></DataList> }
        }
    };
    view! {
        <Card flush=true>
            {list}
            {move || {
                let (query, Page { total, total_is_exact, page, page_size, .. }) = (query.clone(), found.get());
                view! { <Pagination page=page.into() per_page=page_size.into() total total_is_exact href=Callback::new(move |page: u64| query.address(page as u32))/> }
            }}
        </Card>
    }
}
