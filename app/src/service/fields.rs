//! The fields of a service: who owns it, what is promised, how its alerts become incidents.

use domain::service::{AlertSettings, Grouping, Service, Visibility};
use leptos::prelude::*;
use ui::{CheckField, SelectField, TextArea, TextField, view};

use crate::form::Flash;

/// All fields; as typed when they were refused, else as the service has them.
#[component]
pub fn ServiceFields(
    flash: Flash,
    #[prop(optional_no_strip)] service: Option<Service>,
    teams: Vec<(domain::Id<domain::account::Team>, String)>,
) -> impl IntoView {
    let minutes = |of: Option<u32>| of.map(|minutes| minutes.to_string()).unwrap_or_default();
    let value = |field: &str, now: Option<String>| flash.value(field).or(now).unwrap_or_default();
    let now = service.as_ref();
    let teams: Vec<_> = teams.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let seen_by = vec![
        ("all".to_owned(), "Everybody who is signed in".to_owned()),
        ("team".to_owned(), "Only its team and administrators".to_owned()),
    ];
    let is_private = now.is_some_and(|s| s.visibility == Visibility::Team);
    let links = now.map(|s| s.links.iter().map(|link| format!("{} {}", link.title, link.url)).collect::<Vec<_>>().join("\n"));
    view! {
        <TextField name="name" label="Name" required=true maxlength=120 value=value("name", now.map(|s| s.name.clone())) error=flash.error("name")/>
        <TextArea name="description" label="What it does" rows=2 maxlength=4000 value=value("description", now.map(|s| s.description.clone())) error=flash.error("description")/>
        <SelectField name="team_id" label="Team" empty="Nobody" options=teams hint="Who answers for it."
            value=value("team_id", now.and_then(|s| s.team_id).map(|id| id.to_string())) error=flash.error("team_id")/>
        <SelectField name="visibility" label="Seen by" required=true options=seen_by
            value=value("visibility", Some(if is_private { "team" } else { "all" }.to_owned())) error=flash.error("visibility")/>
        <div class="grid items-end gap-4 min-[640px]:grid-cols-2">
            <TextField name="target_ack_minutes" label="Acknowledge within, minutes" kind_of="number" min="1" max="43200" inputmode="numeric"
                value=value("target_ack_minutes", now.map(|s| minutes(s.target_ack_minutes))) error=flash.error("target_ack_minutes")/>
            <TextField name="target_resolve_minutes" label="Resolve within, minutes" kind_of="number" min="1" max="525600" inputmode="numeric"
                value=value("target_resolve_minutes", now.map(|s| minutes(s.target_resolve_minutes))) error=flash.error("target_resolve_minutes")/>
        </div>
        <TextArea name="links" label="Links" rows=3 hint="One on each line: a title and an address, such as Runbook https://wiki.example.org/payments"
            value=value("links", links) error=link_error(&flash)/>
        <AlertFields flash=flash.clone() settings=service.map(|s| s.alerts).unwrap_or_default()/>
    }
}

/// A fault in any line stands below the field.
fn link_error(flash: &Flash) -> Option<String> {
    let line = |field: &str| field.split('.').nth(1).and_then(|n| n.parse::<usize>().ok());
    let fault = flash.errors.iter().find(|error| error.field == "links" || error.field.starts_with("links."))?;
    Some(line(&fault.field).map_or_else(|| fault.message.clone(), |n| format!("Line {}: {}", n + 1, fault.message)))
}

#[component]
fn AlertFields(flash: Flash, settings: AlertSettings) -> impl IntoView {
    let (by, labels, window) = match &settings.grouping {
        Grouping::None => ("none", String::new(), String::new()),
        Grouping::Labels { labels } => ("labels", labels.join(", "), String::new()),
        Grouping::Window { minutes } => ("window", String::new(), minutes.to_string()),
    };
    let value = |field: &str, now: String| flash.value(field).unwrap_or(now);
    let by = value("alerts.grouping", by.to_owned());
    // A box that was not ticked is not sent: after a refusal the flash says which it was.
    let auto_resolve = flash.value("alerts.auto_resolve").map_or(settings.auto_resolve, |ticked| ticked == "true");
    view! {
        <fieldset class="fieldset">
            <legend class="font-semibold px-1">"How alerts become incidents"</legend>
            <div role="radiogroup" aria-label="Grouping" class="stack-tight">
                <CheckField radio=true name="alerts.grouping" value="none" label="One incident for each alert" checked=by == "none"/>
                <CheckField radio=true name="alerts.grouping" value="labels" label="One incident for alerts with the same labels" checked=by == "labels"/>
                <TextField name="alerts.grouping.labels" label="Labels" placeholder="cluster, job" hint="Used with the choice above; separated by commas."
                    value=value("alerts.grouping.labels", labels) error=flash.error("alerts.grouping.labels")/>
                <CheckField radio=true name="alerts.grouping" value="window" label="One incident for alerts that come close together" checked=by == "window"/>
                <TextField name="alerts.grouping.minutes" label="Window, minutes" kind_of="number" min="1" max="1440" inputmode="numeric" hint="Used with the choice above."
                    value=value("alerts.grouping.minutes", window) error=flash.error("alerts.grouping.minutes")/>
            </div>
            <CheckField name="alerts.auto_resolve" label="Resolve the incident with its last alert" checked=auto_resolve hint="Not while somebody works on it."/>
            <div class="grid items-end gap-4 min-[640px]:grid-cols-2">
                <TextField name="alerts.reopen_minutes" label="Reopen window, minutes" required=true kind_of="number" min="0" max="1440" inputmode="numeric"
                    hint="Firing again within it reopens the same incident. 0 never does."
                    value=value("alerts.reopen_minutes", settings.reopen_minutes.to_string()) error=flash.error("alerts.reopen_minutes")/>
                <TextField name="alerts.auto_pause_minutes" label="Hold, minutes" required=true kind_of="number" min="0" max="1440" inputmode="numeric"
                    hint="Waits before an incident opens; what ends within tells nobody. 0 opens at once."
                    value=value("alerts.auto_pause_minutes", settings.auto_pause_minutes.to_string()) error=flash.error("alerts.auto_pause_minutes")/>
            </div>
            <TextField name="alerts.severity_label" label="Severity label" placeholder="tier" hint="The label whose value says how bad it is, instead of the source's own severity."
                value=value("alerts.severity_label", settings.severity_label.clone().unwrap_or_default()) error=flash.error("alerts.severity_label")/>
        </fieldset>
    }
}
