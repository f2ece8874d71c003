//! The page of the list.

use domain::{account::Role, list::Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{ButtonKind, Card, Glyph, LinkButton, PageHead, Skeleton, view};

use super::{
    api,
    filters::{Filters, Views},
    query::Query,
    rows::Rows,
};
use crate::{data::resource, error::ErrorView, export::Export, session};

/// `/incidents`.
#[component]
pub fn ListPage() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(Query::read));
    let found = resource(move || query.get(), |query| async move { api::list(query.clone()).await.map(|page| (query, page)) });
    let choices = resource(|| (), |()| api::offer());
    let refetch = Callback::new(move |()| found.refetch());
    let total = move |page: &Page<_>| ui::number::total(page.total, page.total_is_exact);
    view! {
        <Title text="Incidents"/>
        <PageHead title="Incidents" actions=move || view! {
            <Export list="incidents" filters=Signal::derive(move || query.with(Query::filters))/>
            {session::may(Role::Responder).then(|| view! { <LinkButton href="/incidents/new" kind=ButtonKind::Primary icon=Glyph::Plus>"Declare incident"</LinkButton> })}
        }/>
        <Views query/>
        <Transition fallback=|| view! { <div class="filters min-h-[34px]"></div> }>
            {move || Suspend::new(async move { view! { <Filters query choices=choices.await.unwrap_or_default()/> } })}
        </Transition>
        <Card flush=true>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok((query, page)) => view! {
                            <p class="sr-only" role="status">{total(&page)}" incidents"</p>
                            <Rows query page refetch/>
                        },
                        Err(error) => view! { <ErrorView error/> },
                    }
                })}
            </Transition>
        </Card>
    }
}
