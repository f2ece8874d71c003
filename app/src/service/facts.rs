//! What is known of a service, and how it treats its alerts, in words.

use domain::service::{AlertSettings, Grouping, Service, ServiceRow, Visibility};
use leptos::prelude::*;
use ui::{Card, Fact, Facts as List, Glyph, Icon, Time, view};

/// Owner, promises, links, alert settings.
#[component]
pub fn Facts(row: ServiceRow) -> impl IntoView {
    let ServiceRow { service, team_name, .. } = row;
    let Service { team_id, visibility, target_ack_minutes, target_resolve_minutes, links, alerts, created_at, .. } = service;
    let team = match (team_id, team_name) {
        (Some(id), Some(name)) => view! { <a class="link" href=format!("/team/teams/{id}")>{name}</a> },
        _ => view! { <span class="text-ink-3">"Nobody"</span> },
    };
    let seen_by = match visibility {
        Visibility::All => "Everybody who is signed in",
        Visibility::Team => "Its team and administrators",
    };
    let links = (!links.is_empty()).then(|| {
        let lines = links.into_iter().map(|link| {
            view! { <li><a class="link inline-flex items-center gap-1" href=link.url rel="external noopener noreferrer">{link.title}<Icon glyph=Glyph::External/></a></li> }
        });
        view! { <Card title="Links"><ul class="stack-tight">{lines.collect_view()}</ul></Card> }
    });
    view! {
        <div class="stack">
            <Card title="Facts">
                <List>
                    <Fact name="Team">{team}</Fact>
                    <Fact name="Acknowledge within">{promise(target_ack_minutes)}</Fact>
                    <Fact name="Resolve within">{promise(target_resolve_minutes)}</Fact>
                    <Fact name="Seen by">{seen_by}</Fact>
                    <Fact name="Since"><Time utc_ms=created_at.ms()/></Fact>
                </List>
            </Card>
            {links}
            <Card title="Alerts become incidents">
                <ul class="stack-tight">{in_words(&alerts).into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </Card>
        </div>
    }
}

fn promise(minutes: Option<u32>) -> String {
    minutes.map_or_else(|| "No promise".to_owned(), |minutes| ui::time::duration(i64::from(minutes) * 60_000))
}

/// The settings as sentences.
fn in_words(alerts: &AlertSettings) -> Vec<String> {
    let grouping = match &alerts.grouping {
        Grouping::None => "Each alert opens an incident of its own.".to_owned(),
        Grouping::Labels { labels } => format!("Alerts with the same {} share an incident.", labels.join(", ")),
        Grouping::Window { minutes } => format!("Alerts join the open incident while it is younger than {minutes} min."),
    };
    let mut lines = vec![grouping];
    if alerts.auto_pause_minutes > 0 {
        lines.push(format!(
            "An alert is held for {} min before its incident opens; when it ends within, nobody is told.",
            alerts.auto_pause_minutes
        ));
    }
    lines.push(match alerts.auto_resolve {
        true => "The incident resolves when its last alert does.".to_owned(),
        false => "A person resolves the incident.".to_owned(),
    });
    lines.push(match alerts.reopen_minutes {
        0 => "Firing again opens a new incident.".to_owned(),
        minutes => format!("Firing again within {minutes} min reopens the same incident."),
    });
    if let Some(label) = &alerts.severity_label {
        lines.push(format!("The label {label} says how bad it is."));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_read_as_sentences() {
        assert_eq!(in_words(&AlertSettings::default()).len(), 3);
        let all = AlertSettings {
            grouping: Grouping::Labels { labels: vec!["cluster".into(), "job".into()] },
            reopen_minutes: 0,
            auto_resolve: false,
            auto_pause_minutes: 2,
            severity_label: Some("tier".into()),
        };
        assert_eq!(in_words(&all)[0], "Alerts with the same cluster, job share an incident.");
        assert_eq!(in_words(&all).len(), 5);
    }
}
