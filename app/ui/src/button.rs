//! Buttons and links that look like buttons.

use crate::icon::{Glyph, Icon};
use crate::view;
use leptos::{ev::MouseEvent, prelude::*};

/// How much a button asks for attention. A page has one `Primary`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
}

/// `Big` is for the one thing to do at 03:12 with one thumb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    #[default]
    Normal,
    Big,
    Small,
}

pub(crate) fn button_class(kind: ButtonKind, size: ButtonSize, icon_only: bool) -> String {
    let kind = match kind {
        ButtonKind::Primary => " btn-primary",
        ButtonKind::Secondary => "",
        ButtonKind::Ghost => " btn-ghost",
        ButtonKind::Danger => " btn-danger",
    };
    let size = match size {
        ButtonSize::Normal => "",
        ButtonSize::Big => " btn-big",
        ButtonSize::Small => " btn-small",
    };
    format!("btn{kind}{size}{}", if icon_only { " btn-icon" } else { "" })
}

/// A button. In a form it submits (`kind_of="submit"`, the default); with `on_click` only, give `kind_of="button"`.
///
/// Disabled, it stays focusable so that its `reason` can be read (by a pointer as title, by assistive technology as
/// description), and it neither submits nor calls `on_click`, with or without JavaScript. `pending` shows work under
/// way and ignores a second press.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] icon: Option<Glyph>,
    /// The HTML `type`.
    #[prop(default = "submit")]
    kind_of: &'static str,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// Id of a form elsewhere on the page.
    #[prop(optional, into)]
    form: Option<String>,
    #[prop(optional, into)] formaction: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Why it is disabled; empty for none.
    #[prop(optional, into)]
    reason: TextProp,
    #[prop(optional, into)] pending: Signal<bool>,
    /// Accessible name and title of a button with an icon and no children.
    #[prop(optional, into)]
    label: Option<String>,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let class = button_class(kind, size, children.is_none());
    let title = {
        let label = label.clone();
        move || match disabled.get().then(|| reason.get().into_owned()).filter(|reason| !reason.is_empty()) {
            Some(reason) => Some(reason),
            None => label.clone(),
        }
    };
    let press = move |event: MouseEvent| {
        if disabled.get_untracked() || pending.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
        } else if let Some(on_click) = on_click {
            on_click.run(event);
        }
    };
    view! {
        <button
            class=class
            type=move || if disabled.get() { "button" } else { kind_of }.to_owned()
            name=name
            value=value
            form=form
            formaction=formaction
            title=title
            aria-label=label
            aria-disabled=move || disabled.get().then(|| "true".to_owned())
            aria-busy=move || pending.get().then(|| "true".to_owned())
            on:click=press
        >
            {move || match (pending.get(), icon) {
                (true, _) => view! { <Icon glyph=Glyph::Spinner spin=true/> },
                (false, Some(glyph)) => view! { <Icon glyph/> },
                (false, None) => ().into_any(),
            }}
            {children.map(|children| children())}
        </button>
    }
}

/// A link in a button's clothes: for going somewhere. What changes something is a [`Button`] in a form.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] icon: Option<Glyph>,
    /// Accessible name and title of a link with an icon and no children.
    #[prop(optional, into)]
    label: Option<String>,
    /// Sends the browser out of the application (exports, downloads): the router leaves such links alone.
    #[prop(optional)]
    external: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let class = button_class(kind, size, children.is_none());
    view! {
        <a class=class href=href title=label.clone() aria-label=label rel=external.then_some("external")>
            {icon.map(|glyph| view! { <Icon glyph/> })}
            {children.map(|children| children())}
        </a>
    }
}
