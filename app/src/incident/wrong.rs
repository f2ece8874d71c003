//! What is wrong: the words of who declared it, the alerts with their labels and links, and what fixed it in the end.

use domain::{
    alert::{Alert, AlertStatus},
    incident::Detail,
};
use leptos::prelude::*;
use ui::{Card, Chip, Fact, Facts, Glyph, Icon, Prose, Time, Tone, view};

use super::model::Model;
use crate::words;

/// The card.
#[component]
pub fn Wrong(model: Model) -> impl IntoView {
    let alerts = Memo::new(move |_| model.detail.with(|detail| detail.alerts.clone()));
    let description = Memo::new(move |_| model.detail.with(|detail| detail.description_html.clone()));
    let resolution = Memo::new(move |_| model.detail.with(|detail| detail.resolution_html.clone()));
    let aside = Memo::new(move |_| model.detail.with(counted));
    let is_bare = move || alerts.with(Vec::is_empty) && description.with(String::is_empty);
    view! {
        <Card title="What is wrong" aside=move || view! { <span>{move || aside.get()}</span> } flush=true>
            {move || (!description.with(String::is_empty)).then(|| view! { <div class="card-body"><Prose html=description.get()/></div> })}
            <ul class="rows">
                <For each=move || alerts.get() key=|alert| (alert.id, alert.rev, alert.count) let:alert><AlertItem alert/></For>
            </ul>
            {move || is_bare().then(|| view! {
                <p class="card-body text-ink-2">"Declared by hand, without further words. Write below what you see; edit the incident to describe it."</p>
            })}
            {move || (!resolution.with(String::is_empty)).then(|| view! {
                <div class="card-body stack-tight border-t border-line">
                    <h3 class="flex items-center gap-2 text-ok"><Icon glyph=Glyph::CheckDouble/>"What fixed it"</h3>
                    <Prose html=resolution.get()/>
                </div>
            })}
        </Card>
    }
}

fn counted(detail: &Detail) -> String {
    let incident = &detail.row.incident;
    let signals: i64 = detail.alerts.iter().map(|alert| alert.count).sum();
    match incident.alert_count {
        0 => String::new(),
        n if incident.firing_count > 0 => {
            format!("{}, {} firing, {}", words::count(n, "alert"), incident.firing_count, words::count(signals, "signal"))
        }
        n => format!("{}, {}", words::count(n, "alert"), words::count(signals, "signal")),
    }
}

/// One alert.
#[component]
fn AlertItem(alert: Alert) -> impl IntoView {
    let fires = alert.status == AlertStatus::Firing;
    let severity = words::severity(alert.severity);
    let labels =
        alert.labels.iter().map(|(name, value)| view! { <code class="label">{name.clone()}"="{value.clone()}</code> }).collect_view();
    let links = alert
        .links
        .iter()
        .map(|link| view! {
            <a class="link link-target inline-flex items-center gap-1" href=link.url.clone() target="_blank" rel="noopener noreferrer external">
                <Icon glyph=Glyph::External/>{link.title.clone()}
            </a>
        })
        .collect_view();
    let described = (!alert.description.is_empty() && alert.description != alert.title).then(|| alert.description.clone());
    view! {
        <li class="card-body stack-tight">
            <div class="flex flex-wrap items-center gap-2">
                {if fires {
                    view! { <Chip tone=severity.tone label=format!("{}, firing", severity.word) icon=severity.glyph/> }
                } else {
                    view! { <Chip tone=Tone::Ok label="Over"/> }
                }}
                <b class="min-w-0">{alert.title.clone()}</b>
                <span class="meta ml-auto">
                    {words::count(alert.count, "signal")}", last "<Time utc_ms=alert.last_seen_at.ms()/>
                </span>
            </div>
            {described.map(|text| view! { <p class="text-ink-2 whitespace-pre-line">{text}</p> })}
            {(!alert.labels.is_empty()).then(|| view! { <p class="flex flex-wrap gap-1">{labels}</p> })}
            {(!alert.links.is_empty()).then(|| view! { <p class="flex flex-wrap gap-x-4 gap-y-1">{links}</p> })}
            <Why alert/>
        </li>
    }
}

/// Why this alert is here: the inputs as they were stored.
#[component]
fn Why(alert: Alert) -> impl IntoView {
    let why = alert.explanation;
    let grouped = match why.group_key {
        Some(key) => format!("{}, group {key}", why.grouping),
        None => why.grouping,
    };
    view! {
        <details>
            <summary class="meta link-target">"Why is this here?"</summary>
            <div class="pt-2">
                <Facts>
                    <Fact name="Read by">{why.rule}</Fact>
                    <Fact name="Key"><code class="break-all">{alert.dedup_key}</code><span class="meta">" from "{why.key_from}</span></Fact>
                    <Fact name="Severity">{words::severity(alert.severity).word}<span class="meta">" from "{why.severity_from}</span></Fact>
                    <Fact name="Grouping">{grouped}</Fact>
                    <Fact name="Incident">{why.incident}</Fact>
                    <Fact name="First seen"><Time utc_ms=alert.first_seen_at.ms() show=ui::TimeShow::Exact/></Fact>
                </Facts>
            </div>
        </details>
    }
}
