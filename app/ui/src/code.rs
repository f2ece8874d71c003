//! Text to be copied.

use crate::{
    browser::copy,
    icon::{Glyph, Icon},
    view,
};
use leptos::prelude::*;
use std::time::Duration;

/// Preformatted text with a button that copies it. Scrolls sideways in itself; `wrap` breaks lines instead.
#[component]
pub fn CopyBlock(
    #[prop(into)] text: String,
    /// Accessible name of the button: "Copy the link".
    #[prop(default = "Copy".to_owned(), into)]
    label: String,
    #[prop(optional)] wrap: bool,
) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let source = text.clone();
    let press = move |_| {
        copy(&source, move || {
            set_copied.set(true);
            set_timeout(
                move || {
                    let _ = set_copied.try_set(false);
                },
                Duration::from_secs(2),
            );
        });
    };
    view! {
        <div class=if wrap { "copy copy-wrap" } else { "copy" }>
            <pre tabindex="0"><code>{text}</code></pre>
            <button class="btn btn-ghost btn-icon needs-js" type="button" title=label.clone() aria-label=move || if copied.get() { "Copied".to_owned() } else { label.clone() } on:click=press>
                {move || if copied.get() { view! { <Icon glyph=Glyph::Check/> } } else { view! { <Icon glyph=Glyph::Copy/> } }}
            </button>
        </div>
    }
}
