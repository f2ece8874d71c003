//! A key.

use crate::view;
use leptos::prelude::*;

/// The name of a key or of a chord: `Ctrl K`.
#[component]
pub fn Kbd(#[prop(into)] keys: String) -> impl IntoView {
    view! { <kbd class="kbd">{keys}</kbd> }
}
