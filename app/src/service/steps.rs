//! How far the first run is.

use leptos::prelude::*;
use ui::{Chip, Glyph, Tone, view};

const STEPS: [&str; 4] = ["Administrator", "Service", "Source of alerts", "Test"];

/// The four steps from an empty installation to the first incident; `current` counts from 0.
#[component]
pub fn Steps(current: usize) -> impl IntoView {
    let steps = STEPS.iter().enumerate().map(|(n, name)| {
        let (tone, glyph) = match n {
            n if n < current => (Tone::Ok, Glyph::Check),
            n if n == current => (Tone::Accent, Glyph::ArrowRight),
            _ => (Tone::Neutral, Glyph::Circle),
        };
        view! { <li aria-current=(n == current).then_some("step")><Chip tone icon=glyph label=*name/></li> }
    });
    view! { <ol class="acts" aria-label="Steps">{steps.collect_view()}</ol> }
}
