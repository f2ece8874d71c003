//! Writing an update, and editing one's own. What is written is kept on the device until it was sent.

use domain::{
    account::Role,
    log::{Update, UpdateIn, tags_in},
};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ui::{Button, ButtonKind, Card, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, Skeleton, TextArea, TextField, view};

use super::{
    api,
    send::{Sending, Then},
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    outbox::Write,
    session,
};

/// `/log/new`.
#[component]
pub fn NewUpdate() -> impl IntoView {
    let flash = form::flash("log");
    let form = if session::may(Role::Responder) {
        view! { <Transition fallback=|| view! { <Skeleton rows=4/> }>{move || Suspend::new(async move { view! { <Compose flash=flash.await update=None/> } })}</Transition> }
    } else {
        view! { <EmptyState icon=Glyph::Lock title="Your role cannot post" text="Ask an administrator for the role responder."><LinkButton href="/log">"Team log"</LinkButton></EmptyState> }
    };
    view! {
        <Title text="Post an update"/>
        <PageHead title="Post an update" back=("/log".to_owned(), "Team log".to_owned())>"What you did, what you do next."</PageHead>
        <div class="form-wide"><Card>{form}</Card></div>
    }
}

/// `/log/:id/edit`.
#[component]
pub fn EditUpdate() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let flash = form::flash("log");
    let asked = resource(move || id.get(), api::show_update);
    let me = session::me().map(|me| me.user.id);
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            match asked.await {
                Ok(shown) if me == Some(shown.row.update.author_id) => view! { <Compose flash update=Some(shown.row.update)/> },
                Ok(shown) => {
                    let href = format!("/log/{}", shown.row.update.id);
                    view! { <EmptyState icon=Glyph::Lock title="Somebody else wrote this" text="An update is edited by its author only."><LinkButton href=href>"Back to the update"</LinkButton></EmptyState> }
                }
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Edit update"/>
        <PageHead title="Edit update" back=("/log".to_owned(), "Team log".to_owned())/>
        <div class="form-wide"><Card><Transition fallback=|| view! { <Skeleton rows=4/> }>{view}</Transition></Card></div>
    }
}

/// What is typed and not sent.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Draft {
    title: String,
    content: String,
    tags: String,
}

/// Each person's own, on a device that several may use.
fn place() -> String {
    format!("opsguard-draft-update:{}", session::me().map(|me| me.user.id.to_string()).unwrap_or_default())
}

fn storage() -> Option<web_sys::Storage> {
    // Refused in private windows: then nothing is kept.
    window().local_storage().ok().flatten()
}

#[component]
fn Compose(flash: Flash, #[prop(optional_no_strip)] update: Option<Update>) -> impl IntoView {
    let sending = Sending::new(&flash);
    let signal = |field: &str, now: fn(&Update) -> String| {
        RwSignal::new(flash.value(field).or_else(|| update.as_ref().map(now)).unwrap_or_default())
    };
    let (title, content) = (signal("title", |u| u.title.clone()), signal("content", |u| u.content.clone()));
    let tags = signal("tags", |u| u.tags.join(", "));
    let place = StoredValue::new(place());
    if update.is_none() {
        keep_draft(place, title, content, tags);
    }
    let (id, version) = update.as_ref().map(|u| (u.id.to_string(), u.version)).unzip();
    let page = id.clone().map_or_else(|| "/log".to_owned(), |id| format!("/log/{id}"));
    let action = id.clone().map_or_else(|| "/log".to_owned(), |id| format!("/log/{id}/edit"));
    let is_new = version.is_none();
    let edited = StoredValue::new(id.zip(version));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let new = UpdateIn { title: title.get_untracked(), content: content.get_untracked(), tags: tags_in(&tags.get_untracked()) };
        let to = |body: &Value| format!("/log/{}", body["id"].as_str().unwrap_or_default());
        let forget = Callback::new(move |()| {
            // The draft is of a new update: an edit leaves it alone.
            if let (true, Some(place), Some(storage)) = (is_new, place.try_get_value(), storage()) {
                let _ = storage.remove_item(&place);
            }
        });
        let body = json!({ "title": new.title, "content": new.content, "tags": new.tags });
        let (write, done) = match edited.get_value() {
            None => (Write::intent("/api/v1/status".into(), body, format!("Update \"{}\"", new.title)), "Posted."),
            Some((id, version)) => {
                let write = Write::intent(format!("/api/v1/status/{id}"), body, format!("Edit of \"{}\"", new.title));
                (Write { method: "PATCH", if_match: Some(format!("\"v{version}\"")), ..write }, "Saved.")
            }
        };
        sending.send(write, Then { done, to, kept: "/log", forget });
    };
    view! {
        <form class="form" method="post" action=action on:submit=submit>
            <ErrorSummary errors=sending.summary()/>
            <Key/>
            {version.map(|version| view! { <input type="hidden" name="version" value=version.to_string()/> })}
            <TextField name="title" label="Title" required=true maxlength=200 autofocus=is_new placeholder="Moved the queue to the new cluster" bind=title error=sending.error("title")/>
            <TextArea name="content" label="What happened" hint="Markdown." rows=8 maxlength=20_000 bind=content error=sending.error("content")/>
            <TextField name="tags" label="Tags" hint="Separated by commas or blanks." placeholder="deploy, queue" bind=tags error=sending.error("tags")/>
            <div class="form-acts">
                <Button kind=ButtonKind::Primary icon=Glyph::Send pending=sending.pending>{if is_new { "Post" } else { "Save" }}</Button>
                <LinkButton href=page kind=ButtonKind::Ghost>"Cancel"</LinkButton>
            </div>
        </form>
    }
}

/// Brings back what was typed before, and keeps what is typed from here on.
fn keep_draft(place: StoredValue<String>, title: RwSignal<String>, content: RwSignal<String>, tags: RwSignal<String>) {
    Effect::new(move |_| {
        let kept = storage().and_then(|storage| storage.get_item(&place.get_value()).ok().flatten());
        let Some(draft) = kept.and_then(|text| crate::data::read::<Draft>(&text).ok()) else { return };
        if title.with_untracked(String::is_empty) && content.with_untracked(String::is_empty) {
            title.set(draft.title);
            content.set(draft.content);
            tags.set(draft.tags);
        }
    });
    Effect::new(move |before: Option<()>| {
        let draft = Draft { title: title.get(), content: content.get(), tags: tags.get() };
        if let (Some(()), Some(storage)) = (before, storage()) {
            let _ = match draft == Draft::default() {
                true => storage.remove_item(&place.get_value()),
                false => storage.set_item(&place.get_value(), &serde_json::to_string(&draft).unwrap_or_default()),
            };
        }
    });
}
