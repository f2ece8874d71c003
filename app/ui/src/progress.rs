//! How far something is.

use crate::{erase::words, tone::Tone, view};
use leptos::prelude::*;

/// A bar from 0 to 100, drawn in SVG (inline styles are forbidden).
#[component]
pub fn Bar(
    #[prop(into)] percent: Signal<f64>,
    /// Accessible name: "Error budget used".
    #[prop(into)]
    label: TextProp,
    #[prop(default = Tone::Accent)] tone: Tone,
) -> impl IntoView {
    let width = move || crate::number::short(if percent.get().is_finite() { percent.get().clamp(0.0, 100.0) } else { 0.0 });
    view! {
        <svg class=format!("bar {}", tone.text_class()) viewBox="0 0 100 6" preserveAspectRatio="none"
            role="progressbar" aria-label=words(label) aria-valuemin="0" aria-valuemax="100" aria-valuenow=width>
            <rect class="bar-rest" width="100" height="6"></rect>
            <rect class="bar-done" width=width height="6"></rect>
        </svg>
    }
}
