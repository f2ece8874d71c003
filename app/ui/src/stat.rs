//! One number worth a card.

use crate::{erase::words, view};
use leptos::prelude::*;

/// A label, a large value and a note (children). With `href` the whole card is a link. Put several in `.stats`.
#[component]
pub fn Stat(
    #[prop(into)] label: TextProp,
    #[prop(into)] value: TextProp,
    #[prop(optional, into)] href: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let inner = view! {
        <span class="stat-label">{words(label)}</span>
        <span class="stat-value">{words(value)}</span>
        {children.map(|children| view! { <span class="stat-note">{children()}</span> })}
    };
    match href {
        Some(href) => view! { <a class="card stat" href=href>{inner}</a> },
        None => view! { <div class="card stat">{inner}</div> },
    }
}
