//! A note on the timeline. Its author may edit it for a quarter of an hour.

use std::time::Duration;

use domain::{incident::Note, time::MINUTE};
use leptos::{ev, prelude::*, task::spawn_local};
use serde_json::json;
use ui::{Button, ButtonKind, ButtonSize, Glyph, Prose, TextArea, view};

use super::{act, model::Model};
use crate::outbox::{self, Outcome, Write};

const EDIT_MS: i64 = 15 * MINUTE;

/// The note, and the form in its place while it is edited.
#[component]
pub fn NoteView(model: Model, note: Note) -> impl IntoView {
    let is_mine = model.me.with_value(|me| me.as_ref().is_some_and(|me| me.user.id == note.author_id));
    let (editable, editing) = (RwSignal::new(false), RwSignal::new(false));
    let until = note.created_at.ms() + EDIT_MS;
    Effect::new(move |_| {
        let left = until - ui::time::now_ms();
        if is_mine && left > 0 {
            editable.set(true);
            set_timeout(
                move || {
                    let _ = editable.try_set(false);
                },
                Duration::from_millis(left as u64),
            );
        }
    });
    let html = StoredValue::new(note.html.clone());
    let edited = note.edited_at.is_some();
    let (id, body) = (note.id, StoredValue::new(note.body.clone()));
    view! {
        <div class="note">
            {move || match editing.get() {
                true => view! { <EditNote model path=format!("/api/v1/incidents/{}/notes/{id}", model.id) body=body.get_value() editing/> },
                false => view! { <Prose html=html.get_value()/> },
            }}
            <p class="meta flex items-center gap-2">
                {edited.then_some("edited")}
                {move || (editable.get() && !editing.get()).then(|| view! {
                    <Button kind=ButtonKind::Ghost size=ButtonSize::Small icon=Glyph::Edit kind_of="button" on_click=move |_| editing.set(true)>"Edit"</Button>
                })}
            </p>
        </div>
    }
}

#[component]
fn EditNote(model: Model, path: String, body: String, editing: RwSignal<bool>) -> impl IntoView {
    let text = RwSignal::new(body);
    let sending = RwSignal::new(false);
    let path = StoredValue::new(path);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        sending.set(true);
        let label = "Edit of a note".to_owned();
        let write = Write { method: "PATCH", ..Write::intent(path.get_value(), json!({ "body": text.get_untracked() }), label) };
        spawn_local(async move {
            let outcome = outbox::send(&write).await;
            let _ = sending.try_set(false);
            match outcome {
                Outcome::Sent { .. } | Outcome::Gone => {
                    let _ = editing.try_set(false);
                    model.fetch();
                }
                other => {
                    if matches!(other, Outcome::Queued { .. }) {
                        let _ = editing.try_set(false);
                    }
                    act::tell(model, other).await;
                }
            }
        });
    };
    view! {
        <form class="form" on:submit=save>
            <TextArea name="body" id="edit-note" label="Note" bind=text required=true maxlength=20_000/>
            <div class="form-acts">
                <Button kind=ButtonKind::Primary size=ButtonSize::Small pending=sending>"Save"</Button>
                <Button kind=ButtonKind::Ghost size=ButtonSize::Small kind_of="button" on_click=move |_| editing.set(false)>"Cancel"</Button>
            </div>
        </form>
    }
}
