//! Reporting a blocker, and editing one.

use domain::{account::Role, log::BlockerRow};
use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use serde_json::{Value, json};
use ui::{
    Button, ButtonKind, Card, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, SelectField, Skeleton, TextArea, TextField, view,
};

use super::{
    api::{self, Links},
    send::{Sending, Then},
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    incident,
    outbox::Write,
    session,
};

type People = Vec<(domain::Id<domain::account::User>, String)>;

/// `/log/blockers/new`, with `incident_id` or `status_id` of what it belongs to.
#[component]
pub fn NewBlocker() -> impl IntoView {
    let query = use_query_map();
    let of = move || query.with(|query| (query.get("incident_id").unwrap_or_default(), query.get("status_id").unwrap_or_default()));
    let links = resource(of, |(incident, update)| api::offer_links(incident, update));
    let choices = resource(|| (), |()| incident::api::offer());
    let flash = form::flash("blocker");
    let view = move || {
        Suspend::new(async move {
            let (flash, people) = (flash.await, choices.await.unwrap_or_default().people);
            match links.await {
                Ok(links) => view! { <Report flash links people blocker=None/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    let form = if session::may(Role::Responder) {
        view! { <Transition fallback=|| view! { <Skeleton rows=5/> }>{view}</Transition> }
    } else {
        view! { <EmptyState icon=Glyph::Lock title="Your role cannot report blockers" text="Ask an administrator for the role responder."><LinkButton href="/log/blockers">"Blockers"</LinkButton></EmptyState> }
    };
    view! {
        <Title text="Report a blocker"/>
        <PageHead title="Report a blocker" back=("/log/blockers".to_owned(), "Blockers".to_owned())>"What keeps you from going on?"</PageHead>
        <div class="form-wide"><Card>{form}</Card></div>
    }
}

/// `/log/blockers/:id/edit`.
#[component]
pub fn EditBlocker() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let asked = resource(move || id.get(), api::show_blocker);
    let links = resource(|| (), |()| api::offer_links(String::new(), String::new()));
    let choices = resource(|| (), |()| incident::api::offer());
    let flash = form::flash("blocker");
    let view = move || {
        Suspend::new(async move {
            let (flash, people, links) = (flash.await, choices.await.unwrap_or_default().people, links.await.unwrap_or_default());
            match asked.await {
                Ok(row) => view! { <Report flash links people blocker=Some(row)/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Edit blocker"/>
        <PageHead title="Edit blocker" back=("/log/blockers".to_owned(), "Blockers".to_owned())/>
        <div class="form-wide"><Card><Transition fallback=|| view! { <Skeleton rows=5/> }>{view}</Transition></Card></div>
    }
}

/// The choices of a select, with the one that is chosen among them even when it is not among the first.
fn with_chosen<T: ToString>(all: Vec<(T, String)>, chosen: Option<(String, String)>) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = all.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    if let Some(chosen) = chosen.filter(|(id, _)| options.iter().all(|(option, _)| option != id)) {
        options.insert(0, chosen);
    }
    options
}

#[component]
fn Report(flash: Flash, links: Links, people: People, #[prop(optional_no_strip)] blocker: Option<BlockerRow>) -> impl IntoView {
    let sending = Sending::new(&flash);
    let now = blocker.as_ref();
    let me = session::me().map(|me| me.user.id.to_string()).unwrap_or_default();
    let signal = |field: &str, first: Option<String>| RwSignal::new(flash.value(field).or(first).unwrap_or_default());
    let description = signal("description", now.map(|row| row.blocker.description.clone()));
    let impact = signal("impact", now.map(|row| row.blocker.impact.clone()));
    let owner = signal("owner_id", Some(now.map_or(me, |row| row.blocker.owner_id.to_string())));
    let whom = signal("waits_for_id", now.and_then(|row| row.blocker.waits_for_id).map(|id| id.to_string()));
    let what = signal("waits_for", now.map(|row| row.blocker.waits_for.clone()));
    let named_incident = links.incident.map(|(id, name)| (id.to_string(), name)).or_else(|| {
        now.and_then(|row| Some((row.blocker.related_incident_id?.to_string(), format!("INC-{}", row.related_incident_number?))))
    });
    let named_update = links
        .update
        .map(|(id, title)| (id.to_string(), title))
        .or_else(|| now.and_then(|row| Some((row.blocker.related_status_id?.to_string(), row.related_status_title.clone()?))));
    let incident = signal("related_incident_id", named_incident.as_ref().map(|(id, _)| id.clone()));
    let update = signal("related_status_id", named_update.as_ref().map(|(id, _)| id.clone()));
    let incidents = with_chosen(links.incidents, named_incident);
    let updates = with_chosen(links.updates, named_update);
    let owners = with_chosen(people.clone(), now.map(|row| (row.blocker.owner_id.to_string(), row.owner_name.clone())));
    let others = with_chosen(people, now.and_then(|row| Some((row.blocker.waits_for_id?.to_string(), row.waits_for_name.clone()?))));
    let (id, version) = now.map(|row| (row.blocker.id.to_string(), row.blocker.version)).unzip();
    let page = id.clone().map_or_else(|| "/log/blockers".to_owned(), |id| format!("/log/blockers/{id}"));
    let action = id.clone().map_or_else(|| "/log/blockers".to_owned(), |id| format!("/log/blockers/{id}/edit"));
    let edited = StoredValue::new(id.zip(version));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let reference = |of: RwSignal<String>| Some(of.get_untracked()).filter(|id| !id.is_empty());
        let body = json!({
            "description": description.get_untracked(), "impact": impact.get_untracked(), "owner_id": reference(owner),
            "waits_for_id": reference(whom), "waits_for": what.get_untracked(),
            "related_incident_id": reference(incident), "related_status_id": reference(update),
        });
        let to = |body: &Value| format!("/log/blockers/{}", body["id"].as_str().unwrap_or_default());
        let (write, done) = match edited.get_value() {
            None => (Write::intent("/api/v1/blockers".into(), body, "Report of a blocker".into()), "Reported."),
            Some((id, version)) => {
                let write = Write::intent(format!("/api/v1/blockers/{id}"), body, "Edit of a blocker".into());
                (Write { method: "PATCH", if_match: Some(format!("\"v{version}\"")), ..write }, "Saved.")
            }
        };
        sending.send(write, Then { done, to, kept: "/log/blockers", forget: Callback::new(|()| ()) });
    };
    let is_new = version.is_none();
    view! {
        <form class="form" method="post" action=action on:submit=submit>
            <ErrorSummary errors=sending.summary()/>
            <Key/>
            {version.map(|version| view! { <input type="hidden" name="version" value=version.to_string()/> })}
            <TextField name="description" label="What is in the way" required=true maxlength=500 autofocus=is_new placeholder="No access to the ledger" bind=description error=sending.error("description")/>
            <TextArea name="impact" label="What cannot go on" rows=2 maxlength=2_000 bind=impact error=sending.error("impact")/>
            <div class="grid items-start gap-4 min-[640px]:grid-cols-2">
                <SelectField name="owner_id" label="Who waits" required=true options=owners bind=owner error=sending.error("owner_id")/>
                <SelectField name="waits_for_id" label="For whom" empty="Nobody in particular" options=others bind=whom error=sending.error("waits_for_id")/>
            </div>
            <TextField name="waits_for" label="For what" maxlength=200 placeholder="The bank's answer" bind=what error=sending.error("waits_for")/>
            <div class="grid items-start gap-4 min-[640px]:grid-cols-2">
                <SelectField name="related_incident_id" label="Incident" empty="None" options=incidents bind=incident error=sending.error("related_incident_id")/>
                <SelectField name="related_status_id" label="Update" empty="None" options=updates bind=update error=sending.error("related_status_id")/>
            </div>
            <div class="form-acts">
                <Button kind=ButtonKind::Primary icon=Glyph::Send pending=sending.pending>{if is_new { "Report" } else { "Save" }}</Button>
                <LinkButton href=page kind=ButtonKind::Ghost>"Cancel"</LinkButton>
            </div>
        </form>
    }
}
