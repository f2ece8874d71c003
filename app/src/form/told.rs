//! Word that a form was done, or why it was not, where the form itself is not shown again.

use leptos::prelude::*;
use ui::{Banner, Glyph, Tone, view};

use super::Flash;

/// A line above what the form was about: what was done, or what was refused. Nothing when the page was simply opened.
#[component]
pub fn Told(
    /// What the form brought back.
    flash: Flash,
    /// Only what was done: the form shows its refusals itself.
    #[prop(optional)]
    done_only: bool,
) -> impl IntoView {
    let done = flash.value("done").map(|words| view! { <div role="status"><Banner tone=Tone::Ok icon=Glyph::Check text=words/></div> });
    let refused = (!done_only && !flash.errors.is_empty()).then(|| {
        let words = flash.errors.iter().map(|error| error.message.clone()).collect::<Vec<_>>().join(" ");
        view! { <Banner tone=Tone::Crit icon=Glyph::Alert alert=true text=words/> }
    });
    view! { {done}{refused} }
}
