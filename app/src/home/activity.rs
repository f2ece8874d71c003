//! What just happened, in sentences.

use leptos::prelude::*;
use ui::{Card, EmptyState, Glyph, Time, view};

use super::api::Happened;
use crate::words;

/// The latest events of incidents; `None` when they could not be read.
#[component]
pub fn Activity(happened: Option<Vec<Happened>>) -> impl IntoView {
    let empty = |title, text| view! { <EmptyState icon=Glyph::Pulse title text/> };
    let body = match happened {
        None => empty("Not to be had just now", "What happened could not be read. It is asked for again with the next event."),
        Some(none) if none.is_empty() => empty("Nothing yet", "What people and alerts do appears here as it happens."),
        Some(happened) => {
            view! { <ol class="timeline">{happened.into_iter().map(|happened| view! { <Line happened/> }).collect_view()}</ol> }
        }
    };
    view! { <Card title="Activity" aside=|| "live" flush=true>{body}</Card> }
}

#[component]
fn Line(happened: Happened) -> impl IntoView {
    let Happened { event, row } = happened;
    let (tone, words) = words::happened(&event);
    // The incident is named instead of "it".
    let words = words.replacen(" it", "", 1);
    view! {
        <li class=tone.timeline_class()>
            <div class="min-w-0">
                <p><b>{event.actor.name}</b>" "{words}</p>
                <p class="meta truncate"><a class="hover:text-ink" href=words::address(&row.incident)>{row.incident.label()}" "{row.incident.title.clone()}</a></p>
            </div>
            <span class="timeline-time"><Time utc_ms=event.at.ms()/></span>
        </li>
    }
}
