//! Whether what is on screen is live.

use crate::view;
use leptos::prelude::*;

/// State of the live connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LiveState {
    /// Not known yet: what the server renders.
    #[default]
    Connecting,
    Live,
    /// The connection is lost and is being made again.
    Reconnecting,
    Offline,
}

/// A dot and a word. The dot's shape changes too: full, pulsing, or a ring.
#[component]
pub fn LiveDot(#[prop(into)] state: Signal<LiveState>) -> impl IntoView {
    let dot = move || {
        match state.get() {
            LiveState::Connecting => "dot dot-ring text-ink-3",
            LiveState::Live => "dot text-ok",
            LiveState::Reconnecting => "dot dot-pulse text-med",
            LiveState::Offline => "dot dot-ring text-ink-3",
        }
        .to_owned()
    };
    let word = move || {
        match state.get() {
            LiveState::Connecting => "Connecting",
            LiveState::Live => "Live",
            LiveState::Reconnecting => "Reconnecting",
            LiveState::Offline => "Offline",
        }
        .to_owned()
    };
    view! { <span class="live"><span class=dot aria-hidden="true"></span><span class="live-word">{word}</span></span> }
}
