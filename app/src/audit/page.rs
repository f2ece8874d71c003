//! The page of the journal: filters in the address, walked by cursor.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Button, Card, CursorPagination, EmptyState, Glyph, LinkButton, PageHead, SelectField, Skeleton, TextField, view};

use super::{
    api::{self, Asked, Found},
    line::Line,
};
use crate::{data::resource, error::ErrorView, export::Export, incident::query::joined};

const TOPICS: [(&str, &str); 7] = [
    ("incidents", "Incidents"),
    ("alerts", "Alerts"),
    ("services", "Services and integrations"),
    ("accounts", "People, teams, sign-ins"),
    ("status", "Status updates"),
    ("blockers", "Blockers"),
    ("exports", "Exports"),
];

impl Asked {
    fn filters(&self) -> [(&'static str, String); 5] {
        let Self { actor, topic, kind, from, to, .. } = self.clone();
        [("actor", actor), ("topic", topic), ("kind", kind), ("from", from), ("to", to)]
    }

    fn href(&self, cursor: (&'static str, i64)) -> String {
        let mut pairs = self.filters().to_vec();
        pairs.retain(|(_, value)| !value.is_empty());
        pairs.push((cursor.0, cursor.1.to_string()));
        joined("/audit", &pairs)
    }
}

/// `/audit`.
#[component]
pub fn Journal() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let text = |name| query.get(name).unwrap_or_default();
            let [actor, topic, kind, from, to, before, after] = ["actor", "topic", "kind", "from", "to", "before", "after"].map(text);
            Asked { actor, topic, kind, from, to, before, after }
        })
    });
    let found = resource(move || asked.get(), api::read);
    let exported = Signal::derive(move || asked.get().filters().to_vec());
    let view = move || {
        Suspend::new(async move {
            let asked = asked.get_untracked();
            match found.await {
                Ok(found) => view! { <Shown found asked/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Audit"/>
        <PageHead title="Audit" actions=move || view! { <Export list="audit" filters=exported/> }>"Everything that happened, newest first. Nothing here can be changed or removed."</PageHead>
        <Transition fallback=|| view! { <Card flush=true><Skeleton rows=10/></Card> }>{view}</Transition>
    }
}

#[component]
fn Shown(found: Found, asked: Asked) -> impl IntoView {
    let Found { events, has_older, has_newer, people } = found;
    let ends = events.first().zip(events.last()).map(|(first, last)| (first.event.seq, last.event.seq));
    let newer = ends.filter(|_| has_newer).map(|(first, _)| asked.href(("after", first)));
    let older = ends.filter(|_| has_older).map(|(_, last)| asked.href(("before", last)));
    let text = ends.map(|(first, last)| format!("Entries {last} to {first}")).unwrap_or_default();
    let list = if events.is_empty() {
        view! { <EmptyState icon=Glyph::Audit title="Nothing matches" text="No entry of the journal matches these filters."><LinkButton href="/audit">"Show everything"</LinkButton></EmptyState> }
    } else {
        view! { <ul class="rows" aria-label="Journal">{events.into_iter().map(|entry| view! { <Line entry/> }).collect_view()}</ul> }
    };
    view! {
        <Filters asked people/>
        <Card flush=true>
            {list}
            {ends.is_some().then(|| view! { <CursorPagination text previous=newer next=older/> })}
        </Card>
    }
}

#[component]
fn Filters(asked: Asked, people: Vec<(domain::Id<domain::account::User>, String)>) -> impl IntoView {
    let people: Vec<_> = people.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let topics: Vec<_> = TOPICS.map(|(topic, words)| (topic.to_owned(), words.to_owned())).into();
    view! {
        <form class="filters" method="get" action="/audit" role="search">
            <SelectField name="actor" label="Who" empty="Everybody" options=people value=asked.actor/>
            <SelectField name="topic" label="About" empty="Everything" options=topics value=asked.topic/>
            <TextField name="kind" label="Kind" placeholder="user.role_changed" value=asked.kind/>
            <TextField name="from" label="From (UTC)" kind_of="date" value=asked.from/>
            <TextField name="to" label="To (UTC)" kind_of="date" value=asked.to/>
            <Button icon=Glyph::Filter>"Filter"</Button>
        </form>
    }
}
