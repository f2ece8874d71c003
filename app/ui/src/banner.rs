//! A message that stays as long as its cause.

use crate::{
    erase::words,
    icon::{Glyph, Icon},
    tone::Tone,
    view,
};
use leptos::prelude::*;

/// A line in a tone's colours, with an icon and an optional action (children).
#[component]
pub fn Banner(
    #[prop(optional)] tone: Tone,
    #[prop(into)] text: TextProp,
    #[prop(optional)] icon: Option<Glyph>,
    /// Square, for the top of the page.
    #[prop(optional)]
    top: bool,
    /// Read out at once (`role=alert`): only for what must interrupt.
    #[prop(optional)]
    alert: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let class = format!("banner {}{}", tone.soft_class(), if top { " banner-top" } else { "" });
    view! {
        <div class=class role=alert.then_some("alert")>
            <Icon glyph=icon.unwrap_or(tone.glyph())/>
            <span class="banner-text">{words(text)}</span>
            {children.map(|children| view! { <span class="acts">{children()}</span> })}
        </div>
    }
}
