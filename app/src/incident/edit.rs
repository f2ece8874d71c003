//! Editing an incident. Sent with the version that was seen: who was faster is not overwritten, both versions are shown.

use domain::incident::{Detail, Severity};
use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use serde_json::{Map, Value};
use ui::{
    Button, ButtonKind, Card, ErrorSummary, HiddenField, LinkButton, PageHead, SelectField, Skeleton, TextArea, TextField, Toast, Toasts,
    view,
};

use super::api;
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    outbox::{self, Outcome, Write},
    words,
};

/// `/incidents/418/edit`.
#[component]
pub fn EditPage() -> impl IntoView {
    let params = use_params_map();
    let reference = Memo::new(move |_| params.with(|params| params.get("reference").unwrap_or_default()));
    let detail = resource(move || reference.get(), api::show);
    let flash = form::flash("edit");
    view! {
        <Transition fallback=|| view! { <Skeleton rows=6/> }>
            {move || Suspend::new(async move {
                match detail.await {
                    Ok(detail) => view! { <EditForm detail flash=flash.await/> },
                    Err(error) => view! { <Title text="Edit"/><h1 class="sr-only">"Edit"</h1><ErrorView error/> },
                }
            })}
        </Transition>
    }
}

const FIELDS: [&str; 5] = ["title", "severity", "description", "resolution_notes", "conference_url"];

#[component]
fn EditForm(detail: Detail, flash: Flash) -> impl IntoView {
    let incident = detail.row.incident;
    let (label, address) = (incident.label(), words::address(&incident));
    let was: [String; 5] = [
        incident.title.clone(),
        incident.severity.as_str().to_owned(),
        incident.description.clone(),
        incident.resolution_notes.clone(),
        incident.conference_url.clone().unwrap_or_default(),
    ];
    let errors = RwSignal::new(flash.summary());
    let value = {
        let was = was.clone();
        move |n: usize| flash.value(FIELDS[n]).unwrap_or_else(|| was[n].clone())
    };
    let error = move |field: &'static str| {
        Signal::derive(move || errors.with(|errors| errors.iter().find(|(name, _)| name == field).map(|(_, message)| message.clone())))
    };
    let sending = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let (navigate, toasts) = (use_navigate(), Toasts::of_context());
    let save = {
        let (address, label) = (address.clone(), label.clone());
        let (path, tag) = (format!("/api/v1/incidents/{}", incident.id), format!("\"v{}.{}\"", incident.version, incident.rev));
        move |event: ev::SubmitEvent| {
            event.prevent_default();
            let Some(fields) = node.get_untracked().and_then(|form| web_sys::FormData::new_with_form(&form).ok()) else { return };
            let body = changed(&was, |field| fields.get(field).as_string().unwrap_or_default());
            let (navigate, address) = (navigate.clone(), address.clone());
            if body.is_empty() {
                return navigate(&address, NavigateOptions::default());
            }
            let write = Write {
                method: "PATCH",
                path: path.clone(),
                body: body.into(),
                label: format!("Edit {label}"),
                if_match: Some(tag.clone()),
                warn_after: None,
            };
            sending.set(true);
            spawn_local(async move {
                let outcome = outbox::send(&write).await;
                let _ = sending.try_set(false);
                match outcome {
                    Outcome::Sent { .. } | Outcome::Gone => toasts.show(Toast::done("Saved.")),
                    Outcome::Queued { .. } => {
                        toasts.show(Toast::info("Not sent yet. It is kept here and sent when the server can be reached."))
                    }
                    Outcome::Parked { problem: Some(problem), .. } if problem.status == 412 => {
                        toasts.show(Toast::info("Someone edited it meanwhile. Compare, then decide."));
                        return navigate("/outbox", NavigateOptions::default());
                    }
                    Outcome::Parked { id, problem, .. } => {
                        outbox::discard(&id).await;
                        let problem = problem.unwrap_or_default();
                        if problem.errors.is_empty() {
                            toasts.show(Toast::error(problem.words()));
                        }
                        let _ = errors.try_set(problem.errors.into_iter().map(|error| (error.field, error.message)).collect());
                        return;
                    }
                    Outcome::Failed { problem, .. } => return toasts.show(Toast::error(problem.unwrap_or_default().words())),
                }
                navigate(&address, NavigateOptions::default());
            });
        }
    };
    let severities: Vec<_> = Severity::ALL.iter().map(|s| (s.as_str().to_owned(), words::severity(*s).word.to_owned())).collect();
    view! {
        <Title text=format!("Edit {label}")/>
        <PageHead title=format!("Edit {label}") back=(address.clone(), incident.title.clone())/>
        <Card>
            <form class="form form-wide" method="post" action=format!("/incidents/{}/edit", incident.id) node_ref=node on:submit=save>
                <ErrorSummary errors/>
                <Key/>
                <HiddenField name="version" value=incident.version.to_string()/>
                <TextField name="title" label="What is wrong" required=true maxlength=200 value=value(0) error=error("title")/>
                <SelectField name="severity" label="Severity" required=true options=Signal::stored(severities) value=value(1) error=error("severity")/>
                <TextArea name="description" label="Description" hint="Markdown." rows=8 maxlength=20_000 value=value(2) error=error("description")/>
                <TextArea name="resolution_notes" label="What fixed it" hint="Markdown." rows=4 maxlength=20_000 value=value(3) error=error("resolution_notes")/>
                <TextField name="conference_url" label="Conference" kind_of="url" placeholder="https://" value=value(4) error=error("conference_url")/>
                <div class="form-acts">
                    <Button kind=ButtonKind::Primary pending=sending>"Save"</Button>
                    <LinkButton href=address kind=ButtonKind::Ghost>"Cancel"</LinkButton>
                </div>
            </form>
        </Card>
    }
}

/// The fields that differ from what was shown: an edit of others in other fields does not meet this one.
fn changed(was: &[String; 5], now: impl Fn(&str) -> String) -> Map<String, Value> {
    let mut body = Map::new();
    for (field, was) in FIELDS.iter().zip(was) {
        // Forms send line breaks as CR LF.
        let now = now(field).replace("\r\n", "\n");
        if now != was.replace("\r\n", "\n") {
            let value = if *field == "conference_url" && now.trim().is_empty() { Value::Null } else { now.into() };
            body.insert((*field).to_owned(), value);
        }
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent() {
        let was = ["a", "high", "line\nline", "", "https://x"].map(str::to_owned);
        let same = changed(&was, |field| {
            match field {
                "title" => "a",
                "severity" => "high",
                "description" => "line\r\nline",
                "conference_url" => "https://x",
                _ => "",
            }
            .to_owned()
        });
        assert!(same.is_empty());
        let other = changed(&was, |field| {
            match field {
                "title" => "b",
                "severity" => "high",
                "description" => "line\nline",
                _ => "",
            }
            .to_owned()
        });
        assert_eq!(Value::Object(other), serde_json::json!({ "title": "b", "conference_url": null }));
    }
}
