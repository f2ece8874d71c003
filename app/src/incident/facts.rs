//! Facts: what was promised and how it stands, when it began, where to look further.

use domain::{
    Instant,
    incident::{Detail, Urgency},
};
use leptos::prelude::*;
use ui::{Bar, Card, Countdown, Fact, Facts, Glyph, Icon, Time, TimeShow, Tone, time::duration, view};

use super::model::Model;

/// The card.
#[component]
pub fn FactsCard(model: Model) -> impl IntoView {
    let detail = Memo::new(move |_| model.detail.get());
    view! {
        <Card title="Facts">
            {move || {
                let detail = detail.get();
                let (links, service, declared_by) = (links(&detail), detail.row.service_name, detail.reported_by_name);
                let team = detail.team_id.zip(detail.team_name);
                let incident = detail.row.incident;
                let exact = |at: Instant| view! { <Time utc_ms=at.ms() show=TimeShow::Exact/> };
                view! {
                    <Facts>
                        {incident.ack_due_at.map(|due| view! {
                            <Fact name="Acknowledge by"><Promise from=incident.detected_at due kept=incident.acknowledged_at/></Fact>
                        })}
                        {incident.resolve_due_at.map(|due| view! {
                            <Fact name="Resolve by"><Promise from=incident.detected_at due kept=incident.resolved_at/></Fact>
                        })}
                        <Fact name="Detected">{exact(incident.detected_at)}</Fact>
                        {incident.impact_started_at.map(|at| view! { <Fact name="Impact since">{exact(at)}</Fact> })}
                        {took(incident.detected_at, incident.acknowledged_at).map(|took| view! { <Fact name="Acknowledged">{took}</Fact> })}
                        {took(incident.detected_at, incident.resolved_at).map(|took| view! { <Fact name="Resolved">{took}</Fact> })}
                        <Fact name="Service"><a class="link" href=format!("/incidents?service_id={}", incident.service_id)>{service}</a></Fact>
                        {team.map(|(id, name)| view! { <Fact name="Team"><a class="link" href=format!("/team/teams/{id}")>{name}</a></Fact> })}
                        <Fact name="Urgency">{match incident.urgency { Urgency::High => "High: may wake people", Urgency::Low => "Low: waits for the morning" }}</Fact>
                        {declared_by.map(|name| view! { <Fact name="Declared by">{name}</Fact> })}
                        {incident.continues_id.map(|id| view! { <Fact name="Continues"><a class="link" href=format!("/incidents/{id}")>"the closed incident"</a></Fact> })}
                        {incident.flapping.then(|| view! { <Fact name="Flapping">"Its alerts come and go; it resolves after a quiet while."</Fact> })}
                        {incident.auto_close_at.map(|at| view! { <Fact name="Closes">{exact(at)}</Fact> })}
                        {links}
                    </Facts>
                }
            }}
        </Card>
    }
}

/// "after 1 min 52 s".
fn took(from: Instant, to: Option<Instant>) -> Option<String> {
    to.map(|to| format!("after {}", duration(to.since(from))))
}

/// Conference and the service's links.
fn links(detail: &Detail) -> Option<AnyView> {
    let conference = detail.row.incident.conference_url.clone().map(|url| ("Conference".to_owned(), url));
    let links: Vec<_> =
        conference.into_iter().chain(detail.service.links.iter().map(|link| (link.title.clone(), link.url.clone()))).collect();
    (!links.is_empty()).then(|| {
        let links = links.into_iter().map(|(title, url)| view! {
            <a class="link link-target flex items-center gap-1" href=url target="_blank" rel="noopener noreferrer external"><Icon glyph=Glyph::External/>{title}</a>
        }).collect_view();
        view! { <Fact name="Links">{links}</Fact> }
    })
}

/// A promise: when it is due, how much of the time is gone, or whether it was kept.
#[component]
fn Promise(from: Instant, due: Instant, kept: Option<Instant>) -> impl IntoView {
    if let Some(kept) = kept {
        let late = kept.since(due);
        return match late > 0 {
            true => view! { <span class="text-crit">{format!("missed by {}", duration(late))}</span> },
            false => view! { <span class="text-ok">{format!("kept, {} left", duration(-late))}</span> },
        };
    }
    let gone = RwSignal::new(0.0_f64);
    Effect::new(move |_| {
        let measure = move || {
            let whole = due.since(from).max(1) as f64;
            gone.set((ui::time::now_ms() - from.ms()) as f64 / whole * 100.0);
        };
        measure();
        if let Ok(handle) = set_interval_with_handle(measure, std::time::Duration::from_secs(5)) {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <span class="stack-tight">
            <span><Time utc_ms=due.ms() show=TimeShow::Clock/><span class="meta">", "<Countdown until_ms=due.ms() reached="overdue" after=" left"/></span></span>
            {move || {
                let tone = match gone.get() { g if g >= 100.0 => Tone::Crit, g if g >= 80.0 => Tone::High, _ => Tone::Accent };
                view! { <Bar percent=gone label="Time gone" tone/> }
            }}
        </span>
    }
}
