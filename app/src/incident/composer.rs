//! Writing a note, and the notes that are not sent yet.

use leptos::{ev, html, prelude::*, task::spawn_local};
use ui::{Button, Chip, Glyph, Time, Tone, on_key, view};

use super::{act, model::Model};
use crate::{
    form::{self, Key},
    outbox::Item,
};

/// The form above the timeline. Ctrl-Enter sends.
#[component]
pub fn Composer(model: Model) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let form_node = NodeRef::<html::Form>::new();
    let text = RwSignal::new(String::new());
    let flash = form::flash("notes");
    Effect::new(move |_| model.writing.set(text.with(|text| !text.trim().is_empty())));
    on_key("n", move || {
        if let Some(area) = node.get_untracked() {
            let _ = area.focus();
        }
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(area) = node.get_untracked() else { return };
        let body = area.value();
        if body.trim().is_empty() {
            return;
        }
        area.set_value("");
        text.set(String::new());
        spawn_local(async move {
            if !act::note(model, body.clone()).await && area.value().is_empty() {
                // Refused: what was written comes back.
                area.set_value(&body);
                text.set(body);
            }
        });
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            if let Some(form) = form_node.get_untracked() {
                let _ = form.request_submit();
            }
        }
    };
    view! {
        <form class="composer" method="post" action=model.form_action("notes") node_ref=form_node on:submit=send>
            <Key/>
            <textarea class="input" name="body" rows="2" maxlength="20000" required aria-label="Write a note" placeholder="Write a note: what you see, what you try" node_ref=node
                on:input=move |event| text.set(event_target_value(&event)) on:keydown=keys></textarea>
            <Suspense>
                {move || Suspend::new(async move { flash.await.error("body").map(|message| view! { <p class="field-error">{message}</p> }) })}
            </Suspense>
            <div class="flex items-center gap-3">
                <span class="meta">"Markdown"<span class="needs-js max-sm:hidden">", Ctrl Enter sends"</span></span>
                <span class="ml-auto"><Button icon=Glyph::Send>"Add note"</Button></span>
            </div>
        </form>
    }
}

/// A note on its way, or waiting.
#[component]
pub fn Waits(item: Item) -> impl IntoView {
    let first_try = item.state == "sending" && item.attempts <= 1;
    let (tone, state) = match item.state.as_str() {
        "sending" if first_try => (Tone::Neutral, "Sending"),
        "parked" | "auth" => (Tone::High, "Needs you"),
        _ => (Tone::Med, "Not sent yet"),
    };
    view! {
        <li class="at-med">
            <div class="min-w-0">
                <p class="flex flex-wrap items-center gap-2"><b>"You"</b>"wrote "<Chip tone label=state icon=Glyph::Clock/></p>
                <p class="note whitespace-pre-line">{item.body["body"].as_str().unwrap_or_default().to_owned()}</p>
            </div>
            <span class="timeline-time">{item.acted_ms().map(|at| view! { <Time utc_ms=at/> })}</span>
        </li>
    }
}
