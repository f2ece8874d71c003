//! One integration: its secret URL, what it sent, its settings, and a test that opens a real incident.

use domain::integration::{Integration, Kind};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use ui::{
    Banner, Button, ButtonKind, ButtonSize, Card, CheckField, Chip, ErrorSummary, Fact, Facts, Glyph, LinkButton, PageHead, Skeleton,
    TextField, Time, Tone, view,
};

use super::{
    api::{self, Source},
    incidents::Incidents,
    payloads::Payloads,
    secret::SecretUrl,
    steps::Steps,
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    live,
};

/// What the forms of the page brought back.
#[derive(Clone)]
struct Flashes {
    secret: Flash,
    test: Flash,
    edit: Flash,
    payloads: Flash,
}

/// `/integrations/:id`; with `?first=true` as the end of the first run.
#[component]
pub fn Show() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let first = use_query_map().with_untracked(|query| query.get_str("first") == Some("true"));
    let source = resource(move || id.get(), api::show_integration);
    let (secret, test, edit, payloads) = (form::flash("secret"), form::flash("test"), form::flash("integration"), form::flash("payloads"));
    let view = move || {
        Suspend::new(async move {
            let flashes = Flashes { secret: secret.await, test: test.await, edit: edit.await, payloads: payloads.await };
            match source.await {
                Ok(source) => view! { <Page source flashes first/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Integration"/><Transition fallback=|| view! { <Card flush=true><Skeleton rows=8/></Card> }>{view}</Transition> }
}

#[component]
fn Page(source: Source, flashes: Flashes, first: bool) -> impl IntoView {
    let Source { integration, service, may_see, may_configure, .. } = source.clone();
    let id = integration.id.to_string();
    let source = {
        let id = id.clone();
        live::followed(source, &["incidents", "alerts", "services"], move || api::show_integration(id.clone()))
    };
    let all = format!("/incidents?status=all&service_id={}", service.id);
    let incidents = Memo::new(move |_| source.with(|source| source.incidents.clone()));
    let times = Memo::new(move |_| source.with(|source| (source.integration.last_received_at, source.integration.last_error_at)));
    let is_disabled = integration.disabled_at.is_some();
    let kind = (integration.name != integration.kind.title()).then(|| integration.kind.title());
    let back = format!("/services/{}", service.id);
    // Who has just sent a test looks for what became of it.
    let tested = may_configure && flashes.test != Flash::default();
    let test = {
        let (id, flash) = (id.clone(), flashes.test.clone());
        move || view! { <Test id=id.clone() flash=flash.clone() first is_disabled/> }
    };
    view! {
        <Title text=integration.name.clone()/>
        <PageHead title=integration.name.clone() back=(back.clone(), service.name.clone())>
            {kind}
            {is_disabled.then(|| view! { <Chip tone=Tone::Neutral icon=Glyph::Pause label="Disabled: what comes is refused"/> })}
        </PageHead>
        <div class="cols">
            <div class="stack">
                {first.then(|| view! { <Steps current=3/> })}
                <Told flash=flashes.edit.clone() done_only=may_configure/>
                <Told flash=flashes.payloads.clone()/>
                {tested.then(&test)}
                <SecretUrl integration=integration.clone() flash=flashes.secret.clone() first may_see may_configure/>
                {(may_configure && !tested).then(&test)}
                {move || view! { <Incidents rows=incidents.get() all=all.clone()/> }}
                {may_see.then(|| view! { <Payloads integration=id.clone() payloads=Signal::derive(move || source.with(|source| source.payloads.clone())) may_configure/> })}
            </div>
            <div class="stack">
                <Card title="Facts">
                    <Facts>
                        <Fact name="Service"><a class="link" href=back>{service.name}</a></Fact>
                        <Fact name="Last received">{move || at(times.get().0)}</Fact>
                        <Fact name="Last refused">{move || at(times.get().1)}</Fact>
                        <Fact name="Made"><Time utc_ms=integration.created_at.ms()/></Fact>
                    </Facts>
                </Card>
                {may_configure.then(|| view! { <Settings integration flash=flashes.edit.clone()/> })}
            </div>
        </div>
    }
}

fn at(instant: Option<domain::Instant>) -> impl IntoView {
    match instant {
        Some(at) => view! { <Time utc_ms=at.ms()/> },
        None => "Never".into_any(),
    }
}

#[component]
fn Test(id: String, flash: Flash, first: bool, is_disabled: bool) -> impl IntoView {
    let opened = flash.value("number").map(|number| {
        view! {
            <div role="status">
                <Banner tone=Tone::Ok icon=Glyph::Check text=format!("The test alert went in, and INC-{number} is open. Acknowledge and resolve it to see the whole way.")>
                    <LinkButton href=format!("/incidents/{number}") kind=ButtonKind::Primary icon=Glyph::ArrowRight>{format!("Open INC-{number}")}</LinkButton>
                </Banner>
            </div>
        }
    });
    let kind = if first { ButtonKind::Primary } else { ButtonKind::Secondary };
    let size = if first { ButtonSize::Big } else { ButtonSize::Normal };
    view! {
        <Card title="Test it">
            <div class="stack">
                <Told flash=flash.clone()/>
                {opened}
                <p>"Sends a test alert of this kind through the same door as your source. It opens a real incident of severity high below, while you watch."</p>
                <form method="post" action=format!("/integrations/{id}/test")>
                    {first.then(|| view! { <input type="hidden" name="first" value="true"/> })}
                    <Button kind size icon=Glyph::Send disabled=is_disabled reason="The integration is disabled.">"Send a test alert"</Button>
                </form>
            </div>
        </Card>
    }
}

#[component]
fn Settings(integration: Integration, flash: Flash) -> impl IntoView {
    let Integration { id, name, kind, settings, disabled_at, version, .. } = integration;
    let (action, label, glyph) = match disabled_at {
        Some(_) => ("enable", "Take alerts again", Glyph::Play),
        None => ("disable", "Disable", Glyph::Pause),
    };
    view! {
        <Card title="Settings">
            <div class="stack">
                <form class="form" method="post" action=format!("/integrations/{id}/edit")>
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <TextField name="name" label="Name" maxlength=120 required=true value=flash.value("name").unwrap_or(name) error=flash.error("name")/>
                    {(kind == Kind::Alertmanager).then(|| view! {
                        <CheckField name="key_by_group" label="One alert for each group" checked=settings.key_by_group
                            hint="Takes Alertmanager's groupKey as the key, instead of the fingerprint of each alert."/>
                    })}
                    <div class="form-acts"><Button kind=ButtonKind::Primary>"Save"</Button></div>
                </form>
                <form method="post" action=format!("/integrations/{id}/{action}")>
                    <Key/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <Button icon=glyph>{label}</Button>
                </form>
            </div>
        </Card>
    }
}
