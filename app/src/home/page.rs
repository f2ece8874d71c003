//! The page.

use domain::account::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{ButtonKind, Card, Glyph, LinkButton, PageHead, Skeleton, view};

use super::{
    activity::Activity,
    api::{self, Home},
    burning::{Burns, Mine},
    figures::{NeverSilent, Tiles},
};
use crate::{
    data::resource,
    error::ErrorView,
    live::{self, News, calmly},
    log::OnMeCards,
    session,
};

/// `/`.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = session::session();
    let first = session::me().map(|me| me.user.name.split_whitespace().next().unwrap_or_default().to_owned()).unwrap_or_default();
    let looked = resource(|| (), |()| api::look());
    let refresh = calmly(1_000, move || looked.refetch());
    live::on(&["incidents", "blockers"], move |news| match news {
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
            <Transition fallback=waiting>
                {move || Suspend::new(async move {
                    match looked.await {
                        Ok(home) => seen(home),
                        Err(error) => view! { <Card title="What is burning"><ErrorView error/></Card> },
                    }
                })}
            </Transition>
        </div>
    }
}

fn waiting() -> AnyView {
    view! {
        <Skeleton rows=2/>
        <div class="cols">
            <Card title="What is burning" flush=true><Skeleton rows=5/></Card>
            <Card title="Activity" flush=true><Skeleton rows=6/></Card>
        </div>
    }
}

fn seen(home: Home) -> AnyView {
    let Home { all, mine, figures, uncovered, happened, on_me } = home;
    view! {
        <Tiles figures mine=mine.total/>
        <div class="cols">
            <div class="stack"><OnMeCards on_me/><Mine page=mine/><Burns page=all/></div>
            <div class="stack"><NeverSilent uncovered/><Activity happened/></div>
        </div>
    }
}
