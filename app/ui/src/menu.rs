//! Secondary actions behind one button.

use crate::{
    browser::{focus, focus_first},
    button::{ButtonKind, ButtonSize, button_class},
    icon::{Glyph, Icon},
    view,
};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// A disclosure of links and buttons: `<details>`, so that it opens without JavaScript. Hydrated it closes on Escape,
/// on a choice and on a click elsewhere. Give it [`MenuLink`]s, [`MenuButton`]s, and forms around the latter.
#[component]
pub fn Menu(
    /// Accessible name; shown too unless `icon_only`.
    #[prop(into)]
    label: String,
    #[prop(default = Glyph::More)] icon: Glyph,
    #[prop(default = true)] icon_only: bool,
    #[prop(default = ButtonKind::Ghost)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    /// Opens to the right from the button's left edge, instead of to the left from its right edge.
    #[prop(optional)]
    start: bool,
    /// Instead of icon and label: an avatar, say.
    #[prop(optional, into)]
    face: Option<ViewFnOnce>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    let outside = StoredValue::new(None::<WindowListenerHandle>);
    let close = move || {
        if let Some(details) = node.get_untracked() {
            details.set_open(false);
        }
    };
    let stop = move || {
        if let Some(handle) = outside.try_update_value(Option::take).flatten() {
            handle.remove();
        }
    };
    let toggled = move |_| {
        stop();
        let Some(details) = node.get_untracked().filter(|details| details.open()) else { return };
        outside.set_value(Some(window_event_listener(ev::click, move |event| {
            let inside = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok())
                .is_some_and(|target| details.contains(Some(&target)));
            if !inside {
                close();
            }
        })));
    };
    on_cleanup(stop);
    let escape = move |event: ev::KeyboardEvent| {
        if let Some(details) = node.get_untracked().filter(|details| details.open() && event.key() == "Escape") {
            details.set_open(false);
            if let Ok(Some(summary)) = details.query_selector("summary") {
                focus(&summary);
            }
        }
    };
    // Closed after the choice has done its work: a hidden submit button still submits, a hidden link still leads on.
    let chosen = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.and_then(|target| target.closest(".menu-item").ok().flatten()).is_some() {
            close();
        }
    };
    let face = match face {
        Some(face) => face.run(),
        None if icon_only => view! { <Icon glyph=icon/> },
        None => view! { {label.clone()} <Icon glyph=icon/> },
    };
    view! {
        <details class=if start { "menu menu-start" } else { "menu" } node_ref=node on:toggle=toggled on:keydown=escape>
            <summary class=button_class(kind, size, icon_only) aria-label=label.clone() title=icon_only.then(|| label.clone())>{face}</summary>
            <div class="menu-list" on:click=chosen>{children()}</div>
        </details>
    }
}

/// A place to go, in a [`Menu`].
#[component]
pub fn MenuLink(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    #[prop(optional)] icon: Option<Glyph>,
    /// Leaves the application (exports, downloads).
    #[prop(optional)]
    external: bool,
) -> impl IntoView {
    view! { <a class="menu-item" href=href rel=external.then_some("external")>{icon.map(|glyph| view! { <Icon glyph/> })}{label}</a> }
}

/// Something to do, in a [`Menu`]: submits the form around it, or calls `on_click`.
#[component]
pub fn MenuButton(
    #[prop(into)] label: String,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] danger: bool,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] form: Option<String>,
    #[prop(optional, into)] on_click: Option<Callback<ev::MouseEvent>>,
) -> impl IntoView {
    let class = if danger { "menu-item menu-item-danger" } else { "menu-item" };
    view! {
        <button class=class type=if on_click.is_some() { "button" } else { "submit" } name=name value=value form=form
            on:click=move |event| if let Some(on_click) = on_click { on_click.run(event) }
        >{icon.map(|glyph| view! { <Icon glyph/> })}{label}</button>
    }
}

/// A line between groups of a [`Menu`].
#[component]
pub fn MenuLine() -> impl IntoView {
    view! { <div class="menu-line" role="separator"></div> }
}

/// Moves focus to the page's search field, where it has one (`type="search"`).
pub fn focus_search() {
    focus_first("main input[type=search]");
}
