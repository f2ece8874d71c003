//! Views of one thing, as links: each has its own address.

use crate::view;
use leptos::prelude::*;

/// One tab.
#[derive(Clone, Debug, PartialEq)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub count: Option<u64>,
}

impl Tab {
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into(), count: None }
    }

    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A row of links, of which the one whose `href` equals `current` is marked.
#[component]
pub fn Tabs(
    /// Accessible name: "Incident".
    #[prop(into)]
    label: String,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
    #[prop(into)] current: Signal<String>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=label>
            {move || tabs.get().into_iter().map(|Tab { href, label, count }| {
                let here = { let href = href.clone(); move || current.with(|current| *current == href).then_some("page") };
                view! {
                    <a class="tab" href=href aria-current=here>
                        {label}{count.map(|count| view! { <span class="tab-count">{crate::number::grouped(count)}</span> })}
                    </a>
                }
            }).collect_view()}
        </nav>
    }
}
