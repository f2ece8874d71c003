//! Resolving, with word of what fixed it.

use domain::incident::Verb;
use leptos::{ev, prelude::*};
use ui::{Button, ButtonKind, Dialog, Glyph, TextArea, view};

use super::{act, model::Model};
use crate::form::Key;

/// Asks what fixed it, then resolves. Without JavaScript the button resolves at once, and the notes are an edit.
#[component]
pub fn ResolveDialog(model: Model, open: RwSignal<bool>) -> impl IntoView {
    let notes = RwSignal::new(String::new());
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        open.set(false);
        act::perform(model, Verb::Resolve, notes.get_untracked());
        notes.set(String::new());
    };
    let firing = move || match model.incident.with(|incident| incident.firing_count) {
        0 => "No alert fires any more.".to_owned(),
        1 => "1 alert still fires. Resolving ends it; it opens a new incident when it fires again after a while.".to_owned(),
        n => format!("{n} alerts still fire. Resolving ends them; one that fires again after a while opens a new incident."),
    };
    let title = model.incident.with_untracked(|incident| format!("Resolve {}?", incident.label()));
    view! {
        <Dialog open title>
            <form class="form" method="post" action=model.form_action("resolve") on:submit=send>
                <Key/>
                <p class="text-ink-2">{firing}</p>
                <TextArea name="resolution_notes" label="What fixed it" hint="Markdown. The next person who sees this will thank you." bind=notes rows=4 maxlength=20_000/>
                <div class="dialog-acts">
                    <Button kind_of="button" on_click=move |_| open.set(false)>"Cancel"</Button>
                    <Button kind=ButtonKind::Primary icon=Glyph::CheckDouble>"Resolve"</Button>
                </div>
            </form>
        </Dialog>
    }
}
