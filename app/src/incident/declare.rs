//! Declaring an incident by hand. A plain form: it works before the wasm arrives and without it.

use domain::{
    account::Role,
    incident::{Severity, Urgency},
};
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{
    Button, ButtonKind, Card, DateTimeField, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, SelectField, Skeleton, TextArea,
    TextField, view,
};

use super::api::{self, Choices};
use crate::{
    data::resource,
    form::{self, Flash, Key},
    session, words,
};

/// `/incidents/new`.
#[component]
pub fn DeclarePage() -> impl IntoView {
    let choices = resource(|| (), |()| api::offer());
    let flash = form::flash("declare");
    view! {
        <Title text="Declare incident"/>
        <PageHead title="Declare incident" back=("/incidents".to_owned(), "Incidents".to_owned())>
            "Say what you see; the rest can follow."
        </PageHead>
        {if session::may(Role::Responder) {
            view! {
                <Card>
                    <Transition fallback=|| view! { <Skeleton rows=5/> }>
                        {move || Suspend::new(async move { view! { <Declare choices=choices.await.unwrap_or_default() flash=flash.await/> } })}
                    </Transition>
                </Card>
            }
        } else {
            view! {
                <EmptyState icon=Glyph::Lock title="Your role cannot declare incidents" text="Ask an administrator for the role responder.">
                    <LinkButton href="/incidents">"Incidents"</LinkButton>
                </EmptyState>
            }
        }}
    }
}

#[component]
fn Declare(choices: Choices, flash: Flash) -> impl IntoView {
    let sending = RwSignal::new(false);
    let error = |field: &str| Signal::stored(flash.error(field));
    let severities: Vec<_> = Severity::ALL.iter().map(|s| (s.as_str().to_owned(), words::severity(*s).word.to_owned())).collect();
    let urgencies = vec![
        (Urgency::High.as_str().to_owned(), "High: may wake people".to_owned()),
        (Urgency::Low.as_str().to_owned(), "Low: waits for the morning".to_owned()),
    ];
    let services: Vec<_> = choices.services.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    view! {
        <form class="form form-wide" method="post" action="/incidents" on:submit=move |_| sending.set(true)>
            <ErrorSummary errors=Signal::stored(flash.summary())/>
            <Key/>
            <TextField name="title" label="What is wrong" placeholder="Checkout fails for every customer" required=true maxlength=200 autofocus=true
                value=flash.value("title").unwrap_or_default() error=error("title")/>
            <div class="grid gap-4 sm:grid-cols-2">
                <SelectField name="severity" label="Severity" hint="Critical: customers cannot work. Low: can wait." required=true
                    options=Signal::stored(severities) value=flash.value("severity").unwrap_or_else(|| "high".to_owned()) error=error("severity")/>
                <SelectField name="service_id" label="Service" hint="Without one it goes to Unsorted." empty="Not known"
                    options=Signal::stored(services) value=flash.value("service_id").unwrap_or_default() error=error("service_id")/>
            </div>
            <TextArea name="description" label="What you see" hint="Markdown. Links, numbers, what you tried." maxlength=20_000 rows=5
                value=flash.value("description").unwrap_or_default() error=error("description")/>
            <details>
                <summary class="link link-target">"Urgency and start of the impact"</summary>
                <div class="grid gap-4 pt-3 sm:grid-cols-2">
                    <SelectField name="urgency" label="Urgency" empty="As the severity says" options=Signal::stored(urgencies)
                        value=flash.value("urgency").unwrap_or_default() error=error("urgency")/>
                    <DateTimeField name="impact_started_at" label="Customers felt it since" hint="In UTC."
                        value=flash.value("impact_started_at").unwrap_or_default() error=error("impact_started_at")/>
                </div>
            </details>
            <div class="form-acts">
                <Button kind=ButtonKind::Primary icon=Glyph::Incident pending=sending>"Declare incident"</Button>
                <LinkButton href="/incidents" kind=ButtonKind::Ghost>"Cancel"</LinkButton>
            </div>
        </form>
    }
}
