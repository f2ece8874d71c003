//! What happened, newest first, with the composer on top. Beyond 200 entries the rest is asked for.

use domain::incident::TimelineItem;
use leptos::{prelude::*, task::spawn_local};
use ui::{Button, ButtonKind, ButtonSize, Card, Glyph, Time, TimeShow, view};

use super::{
    api,
    composer::{Composer, Waits},
    model::Model,
    note::NoteView,
};
use crate::words;

/// The server's page of a timeline: when it is full, there may be more.
const PAGE: usize = 200;
const DAY_MS: i64 = 86_400_000;

/// The card.
#[component]
pub fn Timeline(model: Model) -> impl IntoView {
    let items = Memo::new(move |_| model.detail.with(|detail| detail.timeline.clone()));
    let older = RwSignal::new(Vec::<TimelineItem>::new());
    let asking = RwSignal::new(false);
    let more = RwSignal::new(items.with_untracked(|items| items.len() >= PAGE));
    let ask = move |_| {
        let last = older.with_untracked(|older| older.last().map(|item| item.event.seq));
        let Some(before) = last.or_else(|| items.with_untracked(|items| items.last().map(|item| item.event.seq))) else { return };
        asking.set(true);
        spawn_local(async move {
            if let Ok(earlier) = api::earlier(model.id, before).await {
                more.set(earlier.len() >= PAGE);
                older.update(|older| older.extend(earlier));
            }
            asking.set(false);
        });
    };
    // Today's entries need no date; which day that is, the newest entry says, so that server and browser agree.
    let newest_day = items.with_untracked(|items| items.first().map_or(0, |item| item.event.at.ms() / DAY_MS));
    let held = move || model.queue.get().into_iter().filter(|item| item.path.ends_with("/notes")).rev().collect::<Vec<_>>();
    let all = move || items.get().into_iter().chain(older.get()).collect::<Vec<_>>();
    view! {
        <Card title="Timeline" aside=|| "newest first" flush=true id="timeline">
            {model.may_respond().then(|| view! { <Composer model/> })}
            <ol class="timeline" aria-label="Timeline">
                <For each=held key=|item| (item.id.clone(), item.state.clone()) let:item><Waits item/></For>
                <For each=all key=|item| (item.event.seq, item.note.as_ref().map(|note| note.version)) let:item>
                    <Entry model item newest_day/>
                </For>
            </ol>
            {move || more.get().then(|| view! {
                <div class="waiting needs-js"><Button kind=ButtonKind::Ghost size=ButtonSize::Small icon=Glyph::History kind_of="button" pending=asking on_click=ask>"Earlier"</Button></div>
            })}
        </Card>
    }
}

/// One event.
#[component]
fn Entry(model: Model, item: TimelineItem, newest_day: i64) -> impl IntoView {
    let TimelineItem { event, note } = item;
    let (tone, mut happened) = words::happened(&event);
    if let Some(to) = event.payload["assigned_to_id"].as_str().filter(|_| event.kind == "incident.assigned") {
        happened = match (event.actor.id.is_some_and(|id| id.to_string() == to), model.name_of(to)) {
            (true, _) => "took it".to_owned(),
            (false, Some(name)) => format!("assigned it to {name}"),
            (false, None) => happened,
        };
    }
    let from = match event.source.as_str() {
        "web" | "engine" | "integration" => None,
        other => Some(format!(" from {other}")),
    };
    let show = if event.at.ms() / DAY_MS == newest_day { TimeShow::Clock } else { TimeShow::Exact };
    view! {
        <li class=tone.timeline_class()>
            <div class="min-w-0">
                <p><b>{event.actor.name}</b>" "{happened}<span class="meta">{from}</span></p>
                {note.map(|note| view! { <NoteView model note/> })}
            </div>
            <span class="timeline-time"><Time utc_ms=event.at.ms() show/></span>
        </li>
    }
}
