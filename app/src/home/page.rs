//! The page.

use domain::account::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{ButtonKind, Card, Glyph, LinkButton, PageHead, Skeleton, view};

use super::{
    activity::Activity,
    api,
    burning::{Burns, Mine},
    figures::{NeverSilent, Tiles},
};
use crate::{
    data::resource,
    error::ErrorView,
    live::{self, News, calmly},
    session,
};

/// `/`.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = session::session();
    let first = session::me().map(|me| me.user.name.split_whitespace().next().unwrap_or_default().to_owned()).unwrap_or_default();
    let burning = resource(|| (), |()| api::burn());
    let measured = resource(|| (), |()| api::measure());
    let recalled = resource(|| (), |()| api::recall());
    let refresh = calmly(1_000, move || {
        burning.refetch();
        measured.refetch();
        recalled.refetch();
    });
    live::on(&["incidents"], move |news| match news {
        News::Event(_) | News::Resync => refresh(),
    });
    let greeting = move || {
        let counts = session.counts.get();
        match (counts.live, counts.open) {
            (0, _) => format!("All quiet, {first}"),
            (1, 0) => format!("1 incident is being handled, {first}"),
            (n, 0) => format!("{n} incidents are being handled, {first}"),
            (_, 1) => format!("1 incident waits for somebody, {first}"),
            (_, n) => format!("{n} incidents wait for somebody, {first}"),
        }
    };
    view! {
        <Title text="Home"/>
        <div class="stack">
            <PageHead title=greeting actions=|| session::may(Role::Responder).then(|| view! {
                <LinkButton href="/incidents/new" kind=ButtonKind::Primary icon=Glyph::Plus>"Declare incident"</LinkButton>
            })/>
            <Transition fallback=|| view! { <Skeleton rows=2/> }>
                {move || Suspend::new(async move {
                    match (measured.await, burning.await) {
                        (Ok((figures, _)), Ok(burning)) => view! { <Tiles figures mine=burning.mine.total/> },
                        (Err(error), _) | (_, Err(error)) => view! { <Card><ErrorView error/></Card> },
                    }
                })}
            </Transition>
            <div class="cols">
                <div class="stack">
                    <Transition fallback=|| view! { <Card title="What is burning" flush=true><Skeleton rows=5/></Card> }>
                        {move || Suspend::new(async move {
                            match burning.await {
                                Ok(burning) => view! { <Mine page=burning.mine/><Burns page=burning.all/> },
                                Err(error) => view! { <Card title="What is burning"><ErrorView error/></Card> },
                            }
                        })}
                    </Transition>
                </div>
                <div class="stack">
                    <Transition fallback=|| view! { <Card title="Never silent"><Skeleton rows=1/></Card> }>
                        {move || Suspend::new(async move { measured.await.ok().map(|(_, uncovered)| view! { <NeverSilent uncovered/> }) })}
                    </Transition>
                    <Transition fallback=|| view! { <Card title="Activity" flush=true><Skeleton rows=6/></Card> }>
                        {move || Suspend::new(async move { view! { <Activity happened=recalled.await.unwrap_or_default()/> } })}
                    </Transition>
                </div>
            </div>
        </div>
    }
}
