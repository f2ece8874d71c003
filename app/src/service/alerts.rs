//! The latest alerts of a service.

use domain::alert::{Alert, AlertStatus};
use leptos::prelude::*;
use ui::{Card, Chip, EmptyState, Glyph, Time, Tone, view};

use crate::words;

/// Newest first: what each was, how often it came, and whether it still fires.
#[component]
pub fn Alerts(alerts: Vec<Alert>) -> impl IntoView {
    let list = if alerts.is_empty() {
        view! { <EmptyState icon=Glyph::Bell title="No alert yet" text="What the integrations of this service send stands here."/> }
    } else {
        view! { <ul class="rows" aria-label="Alerts">{alerts.into_iter().map(|alert| view! { <Line alert/> }).collect_view()}</ul> }
    };
    view! { <Card title="Recent alerts" flush=true>{list}</Card> }
}

#[component]
fn Line(alert: Alert) -> impl IntoView {
    let severity = words::severity(alert.severity);
    let (tone, glyph, state) = match (alert.status, alert.hold_until.is_some() && alert.incident_id.is_none()) {
        (AlertStatus::Firing, true) => (Tone::Med, Glyph::Pause, "Held"),
        (AlertStatus::Firing, false) => (Tone::Crit, Glyph::Bolt, "Firing"),
        (AlertStatus::Resolved, _) => (Tone::Ok, Glyph::Check, "Resolved"),
    };
    let times = words::count(alert.count, "time");
    let to = alert.incident_id.map(|id| format!("/incidents/{id}"));
    let title = match to {
        Some(href) => view! { <a class="row-title link-target hover:underline" href=href>{alert.title.clone()}</a> },
        None => view! { <span class="row-title">{alert.title.clone()}</span> },
    };
    view! {
        <li class="row min-[900px]:grid-cols-[96px_minmax(0,1fr)_112px_88px]">
            <Chip tone=severity.tone icon=severity.glyph label=severity.word/>
            <span class="row-main">{title}<span class="row-sub">{times}", key "{alert.dedup_key.clone()}</span></span>
            <Chip tone icon=glyph label=state/>
            <span class="row-meta row-end"><Time utc_ms=alert.last_seen_at.ms()/></span>
        </li>
    }
}
