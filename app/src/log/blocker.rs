//! One blocker: what it is, who waits for whom, and how it goes away.

use domain::{
    account::Role,
    log::{BlockerRow, BlockerState},
};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde_json::{Value, json};
use ui::{Button, ButtonKind, Card, ErrorSummary, Fact, Facts, Glyph, LinkButton, PageHead, Skeleton, TextArea, Time, view};

use super::{
    api,
    row::{Standing, waits},
    send::{Sending, Then},
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    live,
    outbox::Write,
    session,
};

/// `/log/blockers/:id`.
#[component]
pub fn ShowBlocker() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let shown = resource(move || id.get(), api::show_blocker);
    let flash = form::flash("blocker");
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            match shown.await {
                Ok(row) => view! { <Page row flash/> },
                Err(error) => view! { <h1 class="sr-only">"Blocker"</h1><ErrorView error/> },
            }
        })
    };
    view! { <Title text="Blocker"/><Transition fallback=|| view! { <Card flush=true><Skeleton rows=6/></Card> }>{view}</Transition> }
}

#[component]
fn Page(row: BlockerRow, flash: Flash) -> impl IntoView {
    let id = row.blocker.id.to_string();
    let title = row.blocker.description.clone();
    let row = {
        let id = id.clone();
        live::followed(row, &["blockers"], move || api::show_blocker(id.clone()))
    };
    let status = Memo::new(move |_| row.with(|row| row.blocker.status));
    let heading = move || row.with(|row| row.blocker.description.clone());
    let may = session::may(Role::Responder);
    let edit = format!("/log/blockers/{id}/edit");
    let flash = StoredValue::new(flash);
    view! {
        <Title text=title/>
        <PageHead title=heading back=("/log/blockers".to_owned(), "Blockers".to_owned())
            actions=move || may.then(|| view! { <LinkButton href=edit icon=Glyph::Edit>"Edit"</LinkButton> })>
            {move || view! { <Standing active=status.get() == BlockerState::Active/> }}
            <span>{move || row.with(waits)}", since "<Time utc_ms=row.with_untracked(|row| row.blocker.created_at.ms())/></span>
        </PageHead>
        <div class="stack">
            {move || view! { <What row=row.get()/> }}
            {move || may.then(|| match status.get() {
                BlockerState::Active => view! { <Resolve id=id.clone() flash=flash.get_value()/> },
                BlockerState::Resolved => view! { <Told flash=flash.get_value()/><Reopen id=id.clone()/> },
            })}
        </div>
    }
}

#[component]
fn What(row: BlockerRow) -> impl IntoView {
    let b = row.blocker;
    let incident = row.related_incident_number.map(
        |number| view! { <Fact name="Incident"><a class="link" href=format!("/incidents/{number}")>{format!("INC-{number}")}</a></Fact> },
    );
    let update = b
        .related_status_id
        .zip(row.related_status_title)
        .map(|(id, title)| view! { <Fact name="Update"><a class="link" href=format!("/log/{id}")>{title}</a></Fact> });
    let text = |name: &'static str, words: String| (!words.is_empty()).then(|| view! { <Fact name=name>{words}</Fact> });
    let resolved =
        b.resolved_at.map(|at| view! { <Fact name="Resolved">{row.resolved_by_name.unwrap_or_default()}" "<Time utc_ms=at.ms()/></Fact> });
    view! {
        <Card>
            <Facts>
                {text("What cannot go on", b.impact)}
                <Fact name="Who waits">{row.owner_name}</Fact>
                {row.waits_for_name.map(|name| view! { <Fact name="For">{name}</Fact> })}
                {text("For what", b.waits_for)}
                {incident}
                {update}
                {resolved}
                {text("How it went away", b.resolution_notes)}
            </Facts>
        </Card>
    }
}

#[component]
fn Resolve(id: String, flash: Flash) -> impl IntoView {
    let sending = Sending::new(&flash);
    let notes = RwSignal::new(flash.value("resolution_notes").unwrap_or_default());
    let action = format!("/log/blockers/{id}/resolve");
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let body = json!({ "resolution_notes": notes.get_untracked() });
        let write = Write { method: "PATCH", ..Write::intent(format!("/api/v1/blockers/{id}/resolve"), body, "Resolve a blocker".into()) };
        let to = |body: &Value| format!("/log/blockers/{}", body["id"].as_str().unwrap_or_default());
        sending.send(write, Then { done: "Resolved. Who waited sees it.", to, kept: "/log/blockers", forget: Callback::new(|()| ()) });
    };
    view! {
        <Card title="Resolve">
            <form class="form" method="post" action=action on:submit=submit>
                <ErrorSummary errors=sending.summary()/>
                <Key/>
                <TextArea name="resolution_notes" label="How it went away" rows=2 maxlength=2_000 bind=notes error=sending.error("resolution_notes")/>
                <div class="form-acts"><Button kind=ButtonKind::Primary icon=Glyph::CheckDouble pending=sending.pending>"Resolve"</Button></div>
            </form>
        </Card>
    }
}

#[component]
fn Reopen(id: String) -> impl IntoView {
    view! { <form method="post" action=format!("/log/blockers/{id}/reopen")><Key/><Button icon=Glyph::Undo>"It stands in the way again"</Button></form> }
}
