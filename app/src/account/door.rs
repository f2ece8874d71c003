//! The pages before the application: one calm card in the middle.

use leptos::prelude::*;
use ui::{Card, Mark, erase::words, view};

use crate::session;

/// The mark, a heading, a sentence, and the form.
#[component]
pub fn Door(
    #[prop(into)] title: TextProp,
    /// Below the heading.
    #[prop(optional, into)]
    text: Option<TextProp>,
    children: Children,
) -> impl IntoView {
    let instance = session::session().visit().instance;
    let name = if instance.is_empty() { "OpsGuard".to_owned() } else { instance };
    view! {
        <div class="stack">
            <p class="brand justify-center"><Mark name/></p>
            <Card>
                <div class="stack">
                    <div class="stack-tight">
                        <h1 tabindex="-1">{words(title)}</h1>
                        {text.map(|text| view! { <p class="text-ink-2">{words(text)}</p> })}
                    </div>
                    {children()}
                </div>
            </Card>
        </div>
    }
}
