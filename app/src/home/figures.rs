//! Figures worth a card, and the promise that no alert is silent.

use domain::incident::Figures;
use leptos::prelude::*;
use ui::{Card, Chip, Glyph, Stat, Tone, time::duration, view};

use crate::{session, words};

/// Four numbers, all of them real; a dash for what could not be read.
#[component]
pub fn Tiles(figures: Option<Figures>, mine: u64) -> impl IntoView {
    let counts = session::session().counts;
    let critical = match figures.as_ref().map(|figures| figures.critical) {
        None => "not counted just now".into_any(),
        Some(0) => "none critical".into_any(),
        Some(n) => view! { <span class="text-crit font-semibold">{n}" critical"</span> },
    };
    let median = figures.as_ref().and_then(|figures| figures.ack_median_ms).map_or_else(|| "-".to_owned(), duration);
    view! {
        <div class="stats">
            <Stat label="Open incidents" value=move || ui::number::grouped(counts.get().live) href="/incidents">{critical}</Stat>
            <Stat label="Not acknowledged" value=move || ui::number::grouped(counts.get().open) href="/incidents?status=open">
                {move || if counts.get().open == 0 { "somebody has each of them" } else { "nobody has them yet" }}
            </Stat>
            <Stat label="Assigned to you" value=ui::number::grouped(mine) href="/incidents?assigned=me">{if mine == 0 { "your hands are free" } else { "not over" }}</Stat>
            <Stat label="Time to acknowledge, 7 days" value=median>{figures.map_or_else(|| "not measured just now".into_any(), compared)}</Stat>
        </div>
    }
}

/// Against the week before.
fn compared(figures: Figures) -> AnyView {
    match (figures.ack_median_ms, figures.ack_median_before_ms) {
        (Some(now), Some(before)) if before > 0 && now < before => {
            view! { <span class="text-ok">{format!("{} % faster", (before - now) * 100 / before)}</span>" than the week before" }
        }
        (Some(now), Some(before)) if before > 0 && now > before => {
            view! { <span class="text-high">{format!("{} % slower", (now - before) * 100 / before)}</span>" than the week before" }
        }
        (Some(_), _) => format!("median of {}", words::count(figures.week as i64, "incident")).into_any(),
        (None, _) => "nothing acknowledged yet".into_any(),
    }
}

/// Whether every firing alert is answered for; proved on the server each second.
#[component]
pub fn NeverSilent(uncovered: i64) -> impl IntoView {
    let (chip, text) = match uncovered {
        0 => (
            view! { <Chip tone=Tone::Ok label="All covered"/> },
            "Every firing alert has an incident that is not over, or a visible hold with an end. Proved each second.".to_owned(),
        ),
        n if n < 0 => (view! { <Chip label="Being checked" icon=Glyph::Clock/> }, "The first check runs now.".to_owned()),
        n => (
            view! { <Chip tone=Tone::Crit label=format!("{n} uncovered")/> },
            format!("{} without an incident. Look into the server's log, and tell an administrator.", words::count(n, "firing alert")),
        ),
    };
    view! { <Card title="Never silent" aside=move || chip><p class="text-ink-2">{text}</p></Card> }
}
