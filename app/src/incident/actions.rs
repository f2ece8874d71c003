//! What may be done now: the buttons of an incident. On phones they stand above the bottom bar, in reach of the thumb.
//!
//! Each is a form that works without the wasm; hydrated, the press goes through the outbox.

use domain::incident::{State, Verb};
use leptos::{ev, prelude::*};
use ui::{Button, ButtonKind, Glyph, Icon, Menu, MenuButton, MenuLink, view};

use super::{act, model::Model, resolve::ResolveDialog};
use crate::{form::Key, words};

/// The path of a verb's form.
const fn path(verb: Verb) -> &'static str {
    match verb {
        Verb::Acknowledge => "acknowledge",
        Verb::Start => "start",
        Verb::Resolve => "resolve",
        Verb::Close => "close",
        Verb::Reopen => "reopen",
        Verb::HandBack => "hand-back",
    }
}

/// The one thing to do in a state, and the one beside it. The rest is in the menu.
const fn foremost(state: State) -> &'static [Verb] {
    match state {
        State::Open => &[Verb::Resolve, Verb::Acknowledge],
        State::Acknowledged => &[Verb::Start, Verb::Resolve],
        State::InProgress => &[Verb::Resolve],
        State::Resolved => &[Verb::Reopen, Verb::Close],
        State::Closed => &[Verb::Reopen],
    }
}

/// Menu and buttons.
#[component]
pub fn Actions(model: Model) -> impl IntoView {
    let resolving = RwSignal::new(false);
    let edit = format!("{}/edit", words::address(&model.incident.get_untracked()));
    let rest = move || {
        let state = model.status.get();
        state.allowed().into_iter().filter(|verb| !foremost(state).contains(verb)).map(|verb| view! { <InMenu model verb/> }).collect_view()
    };
    let shown = move || {
        let verbs = foremost(model.status.get());
        let last = verbs.len() - 1;
        verbs.iter().enumerate().map(|(n, verb)| view! { <Do model verb=*verb primary=n == last resolving/> }).collect_view()
    };
    view! {
        <Menu label="More actions">
            {rest}
            <MenuLink href=edit label="Edit" icon=Glyph::Edit/>
        </Menu>
        <div class="actbar">{shown}</div>
        <ResolveDialog model open=resolving/>
    }
}

/// One verb as a button.
#[component]
fn Do(model: Model, verb: Verb, primary: bool, resolving: RwSignal<bool>) -> impl IntoView {
    let (label, glyph) = words::verb(verb);
    let kind = if primary { ButtonKind::Primary } else { ButtonKind::Secondary };
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match verb {
            Verb::Resolve => resolving.set(true),
            verb => act::perform(model, verb, String::new()),
        }
    };
    let pending = Signal::derive(move || model.busy.get() == Some(verb));
    view! {
        <form method="post" action=model.form_action(path(verb)) on:submit=press>
            <Key/>
            <Button kind icon=glyph pending>{label}</Button>
        </form>
    }
}

/// One verb in the menu.
#[component]
fn InMenu(model: Model, verb: Verb) -> impl IntoView {
    let (label, icon) = words::verb(verb);
    let press = move |event: ev::SubmitEvent| {
        event.prevent_default();
        act::perform(model, verb, String::new());
    };
    view! {
        <form method="post" action=model.form_action(path(verb)) on:submit=press><Key/><MenuButton label icon/></form>
    }
}

/// What this person did and the server does not know yet.
#[component]
pub fn NotSentYet(model: Model) -> impl IntoView {
    let held = move || {
        let items = model.queue.get();
        items
            .into_iter()
            .filter(|item| !item.path.ends_with("/notes") && (item.state != "sending" || item.attempts > 1))
            .collect::<Vec<_>>()
    };
    view! {
        <For each=held key=|item| (item.id.clone(), item.state.clone(), item.attempts) let:item>
            <div class="banner chip-med" role="status">
                <Icon glyph=Glyph::Clock/>
                <span class="banner-text">
                    <b>{item.label.clone()}</b>
                    {if item.needs_you() { ": needs you before it can be sent." } else { ": not sent yet." }}
                </span>
                <a class="btn btn-small" href="/outbox">{if item.needs_you() { "Settle it" } else { "Show" }}</a>
            </div>
        </For>
    }
}
