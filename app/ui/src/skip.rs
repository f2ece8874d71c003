//! Past the navigation, for keyboards.

use crate::view;
use leptos::prelude::*;

/// The first focusable thing on a page: leads to `<main id="main">`.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! { <a class="skip" href="#main" rel="external">"Skip to content"</a> }
}
