//! Rich text that the server has rendered and sanitised.

use crate::view;
use leptos::prelude::*;

/// Typography for sanitised HTML. `html` goes in as it is: pass only what the server's sanitiser has answered.
#[component]
pub fn Prose(#[prop(into)] html: String) -> impl IntoView {
    view! { <div class="prose" inner_html=html></div> }
}
