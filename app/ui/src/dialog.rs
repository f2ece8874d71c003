//! Modal dialogs, and the question before something dangerous.

use crate::{
    browser::{hydrated, is_on_itself, on_window, show_dialog},
    button::{Button, ButtonKind, ButtonSize, button_class},
    erase::words,
    icon::{Glyph, Icon},
    view,
};
use leptos::{ev, html, prelude::*};

/// A native modal dialog, opened and closed by a signal. Escape, the cross and a click beside it close it; focus is
/// kept inside by the browser and returns where it was. Nothing in it may be the only way to do a thing: without
/// JavaScript it never opens.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: TextProp,
    /// Its body; end it with a `.dialog-acts` element.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            show_dialog(&dialog, open.get());
        }
    });
    let name = title.clone();
    view! {
        <dialog class="dialog" node_ref=node aria-label=words(name)
            on:close=move |_| open.set(false)
            on:click=move |event| if is_on_itself(&event) { open.set(false) }
        >
            <div class="dialog-head">
                <h2>{words(title)}</h2>
                <Button kind=ButtonKind::Ghost icon=Glyph::X kind_of="button" label="Close" on_click=move |_| open.set(false)/>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

/// A submit button that asks first. Put it inside the form it submits (or name it by `form`).
///
/// Without JavaScript it unfolds the question and the real button in place; hydrated it opens a dialog. The question
/// names the thing: "Roll back api in production from 1.4.2 to 1.4.1?".
#[component]
pub fn ConfirmButton(
    /// On the first button: "Roll back".
    #[prop(into)]
    label: String,
    /// "Roll back api in production from 1.4.2 to 1.4.1?"
    #[prop(into)]
    question: TextProp,
    /// What follows from it, below the question.
    #[prop(optional, into)]
    detail: Option<TextProp>,
    /// On the button that does it; default: `label`.
    #[prop(optional, into)]
    confirm: Option<String>,
    #[prop(default = ButtonKind::Secondary)] kind: ButtonKind,
    #[prop(default = ButtonKind::Danger)] confirm_kind: ButtonKind,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional, into)] name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional, into)] form: Option<String>,
    #[prop(optional, into)] formaction: Option<String>,
    /// A word that must be typed first (the name of what goes). Sent as the field `confirm`.
    #[prop(optional, into)]
    typed: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] reason: TextProp,
    #[prop(optional, into)] pending: Signal<bool>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let ready = hydrated();
    let body = {
        let (label, question) = (label.clone(), question.clone());
        let confirm = confirm.unwrap_or(label);
        move || {
            let (question, detail, confirm) = (question.clone(), detail.clone(), confirm.clone());
            let (name, value, form, formaction) = (name.clone(), value.clone(), form.clone(), formaction.clone());
            let typed = typed.clone().map(|word| typed_field(word, form.clone()));
            view! {
                {(!ready.get_untracked()).then(|| view! { <p>{words(question)}</p> })}
                {detail.map(|detail| view! { <p class="text-ink-2">{words(detail)}</p> })}
                {typed}
                <div class="dialog-acts">
                    {ready.get_untracked().then(|| view! {
                        <Button kind_of="button" on_click=move |_| open.set(false)>"Cancel"</Button>
                    })}
                    <button class=button_class(confirm_kind, ButtonSize::Normal, false) type="submit"
                        name=name value=value form=form formaction=formaction>{confirm}</button>
                </div>
            }
        }
    };
    // Closed by the submit event, not by the press: a word that was typed wrong keeps it open.
    Effect::new(move |_| {
        if open.get() {
            on_window(ev::submit, move |_| open.set(false));
        }
    });
    let asked = move || {
        let label = label.clone();
        match ready.get() {
            false if disabled.get() => {
                view! { <Button kind size kind_of="button" disabled=true reason=reason.clone()>{label}</Button> }
            }
            false => view! {
                <details class="confirm">
                    <summary class=button_class(kind, size, false)>{icon.map(|glyph| view! { <Icon glyph/> })}{label}</summary>
                    <div class="confirm-body">{body()}</div>
                </details>
            },
            true => {
                let press = move |_| open.set(true);
                let button = match icon {
                    Some(icon) => {
                        view! { <Button kind size icon kind_of="button" disabled reason=reason.clone() pending on_click=press>{label}</Button> }
                    }
                    None => {
                        view! { <Button kind size kind_of="button" disabled reason=reason.clone() pending on_click=press>{label}</Button> }
                    }
                };
                let body = body();
                view! { {button} <Dialog open title=question.clone()>{body}</Dialog> }
            }
        }
    };
    asked.into_any()
}

fn typed_field(word: String, form: Option<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span>"Type " <b>{word.clone()}</b> " to go on"</span>
            <input class="input" name="confirm" form=form required=true autocomplete="off" spellcheck="false" pattern=literal_pattern(&word)/>
        </label>
    }
}

/// A `pattern` that matches exactly this text (HTML patterns are anchored and compiled with the `v` flag).
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"^$\.*+?()[]{}|/".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::literal_pattern;

    #[test]
    fn a_name_is_matched_letter_by_letter() {
        assert_eq!(literal_pattern("payments-api"), "payments-api");
        assert_eq!(literal_pattern("api (v1.4)"), r"api \(v1\.4\)");
    }
}
