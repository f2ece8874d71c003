//! Light, dark, or as the system has it.

use crate::{
    browser::set_theme,
    icon::{Glyph, Icon},
    view,
};
use leptos::prelude::*;

/// A form with three buttons that posts `theme=light|dark|system` to `/preferences/theme`; hydrated, the page changes
/// before the answer arrives. Children are hidden fields (return path, token).
#[component]
pub fn ThemeSwitch(
    /// What the cookie says; `system` when it says nothing.
    #[prop(into)]
    current: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let chosen = RwSignal::new(current);
    let buttons = [("light", "Light", Glyph::Sun), ("dark", "Dark", Glyph::Moon), ("system", "System", Glyph::Monitor)].map(
        |(value, label, glyph)| {
            let pressed = move || if chosen.with(|chosen| chosen == value) { "true" } else { "false" };
            let press = move |_| {
                chosen.set(value.to_owned());
                set_theme(value);
            };
            view! { <button type="submit" name="theme" value=value aria-pressed=pressed on:click=press><Icon glyph/>{label}</button> }
        },
    );
    view! {
        <form class="switch" method="post" action="/preferences/theme" role="group" aria-label="Theme">
            {children.map(|children| children())}
            {buttons.into_iter().collect_view()}
        </form>
    }
}
