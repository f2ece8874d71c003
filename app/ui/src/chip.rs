//! A state in an icon and a word.

use crate::{
    erase::words,
    icon::{Glyph, Icon},
    tone::Tone,
    view,
};
use leptos::prelude::*;

/// A small coloured label. Always an icon and a word: never colour alone.
#[component]
pub fn Chip(
    #[prop(optional)] tone: Tone,
    /// The word; may be a signal or a closure.
    #[prop(into)]
    label: TextProp,
    /// Instead of the tone's own icon.
    #[prop(optional)]
    icon: Option<Glyph>,
) -> impl IntoView {
    view! {
        <span class=tone.chip_class()>
            <Icon glyph=icon.unwrap_or(tone.glyph())/>
            <span class="truncate">{words(label)}</span>
        </span>
    }
}
