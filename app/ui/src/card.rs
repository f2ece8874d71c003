//! A surface with an optional heading.

use crate::{erase::words, view};
use leptos::prelude::*;

/// A section on its own surface. With `title` it has an `h2` and a line below it.
#[component]
pub fn Card(
    #[prop(optional, into)] title: Option<TextProp>,
    /// What stands at the right of the title: a count, a link, a menu.
    #[prop(optional, into)]
    aside: ViewFnOnce,
    /// No padding, for rows, tables and timelines.
    #[prop(optional)]
    flush: bool,
    /// Anchor.
    #[prop(optional, into)]
    id: Option<String>,
    children: Children,
) -> impl IntoView {
    let head = title.map(|title| {
        view! {
            <header class="card-head">
                <h2>{words(title)}</h2>
                <div class="card-aside">{aside.run()}</div>
            </header>
        }
    });
    view! {
        <section class="card" id=id>
            {head}
            <div class=if flush { "" } else { "card-body" }>{children()}</div>
        </section>
    }
}
