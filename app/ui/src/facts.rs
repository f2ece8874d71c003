//! Names and values of one thing.

use crate::{erase::words, view};
use leptos::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(children: Children) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One name and its value (children).
#[component]
pub fn Fact(#[prop(into)] name: TextProp, children: Children) -> impl IntoView {
    view! {
        <dt>{words(name)}</dt>
        <dd>{children()}</dd>
    }
}
