//! The fields of a service's form, as the use cases take them. Numbers and choices that cannot be read are named with the
//! field that holds them; the rules are the domain's.

use domain::{
    FieldError, Problem,
    service::{AlertSettings, Grouping, Link, ServiceIn, ServicePatch, Visibility},
};

use crate::forms::Form;

/// What the form shows again after a refusal, field by field.
const TEXTS: [&str; 13] = [
    "name",
    "description",
    "team_id",
    "visibility",
    "target_ack_minutes",
    "target_resolve_minutes",
    "links",
    "alerts.grouping",
    "alerts.grouping.labels",
    "alerts.grouping.minutes",
    "alerts.reopen_minutes",
    "alerts.auto_pause_minutes",
    "alerts.severity_label",
];

/// The fields as they were typed.
pub fn typed(form: &Form) -> Vec<(&'static str, String)> {
    let mut typed: Vec<_> = TEXTS.map(|field| (field, form.text(field))).into();
    typed.push(("alerts.auto_resolve", form.0.get("alerts.auto_resolve").is_some().to_string()));
    typed
}

/// A new service.
pub fn read(form: &Form) -> Result<ServiceIn, Problem> {
    let mut faults = Vec::new();
    let new = ServiceIn {
        name: form.text("name"),
        description: form.text("description"),
        team_id: form.0.id("team_id").unwrap_or_else(|_| fault(&mut faults, "team_id", "Choose a team.")),
        visibility: if form.0.get("visibility") == Some("team") { Visibility::Team } else { Visibility::All },
        target_ack_minutes: minutes(form, "target_ack_minutes", &mut faults),
        target_resolve_minutes: minutes(form, "target_resolve_minutes", &mut faults),
        links: links(&form.text("links")),
        // A short form asks for nothing but a name: then alerts are handled as they are by default.
        alerts: if form.0.get("alerts.grouping").is_some() { alerts(form, &mut faults) } else { AlertSettings::default() },
    };
    if faults.is_empty() { Ok(new) } else { Err(Problem::invalid(faults)) }
}

/// An edit: the form shows every field, so it replaces every field.
pub fn patch(form: &Form) -> Result<ServicePatch, Problem> {
    let all = read(form)?;
    Ok(ServicePatch {
        name: Some(all.name),
        team_id: Some(all.team_id),
        description: Some(all.description),
        visibility: Some(all.visibility),
        target_ack_minutes: Some(all.target_ack_minutes),
        target_resolve_minutes: Some(all.target_resolve_minutes),
        links: Some(all.links),
        alerts: Some(all.alerts),
    })
}

fn fault<T>(faults: &mut Vec<FieldError>, field: &str, words: &str) -> Option<T> {
    faults.push(FieldError::new(field, "not_allowed", words));
    None
}

fn minutes(form: &Form, field: &str, faults: &mut Vec<FieldError>) -> Option<u32> {
    form.0.get(field)?.parse().ok().or_else(|| fault(faults, field, "A whole number of minutes."))
}

fn alerts(form: &Form, faults: &mut Vec<FieldError>) -> AlertSettings {
    let grouping = match form.text("alerts.grouping").as_str() {
        "labels" => Grouping::Labels { labels: form.0.all("alerts.grouping.labels").map(str::to_owned).collect() },
        "window" => Grouping::Window { minutes: minutes(form, "alerts.grouping.minutes", faults).unwrap_or(0) },
        _ => Grouping::None,
    };
    AlertSettings {
        grouping,
        reopen_minutes: minutes(form, "alerts.reopen_minutes", faults).unwrap_or(0),
        auto_resolve: form.0.get("alerts.auto_resolve").is_some(),
        auto_pause_minutes: minutes(form, "alerts.auto_pause_minutes", faults).unwrap_or(0),
        severity_label: form.0.get("alerts.severity_label").map(str::to_owned),
    }
}

/// One link for each line, `Title https://..`; without a title its address is the title.
fn links(text: &str) -> Vec<Link> {
    let line = |line: &str| {
        let line = line.trim();
        let (title, url) = line.rsplit_once(char::is_whitespace).unwrap_or((line, line));
        Link { title: title.trim().to_owned(), url: url.to_owned() }
    };
    text.lines().filter(|l| !l.trim().is_empty()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn a_line_is_a_link() {
        let read: Vec<_> = links("Runbook https://x.org/r\n\n  Error budget  https://x.org/b \nhttps://x.org\n")
            .into_iter()
            .map(|l| (l.title, l.url))
            .collect();
        let expected = [("Runbook", "https://x.org/r"), ("Error budget", "https://x.org/b"), ("https://x.org", "https://x.org")];
        assert_eq!(read, expected.map(|(t, u)| (t.to_owned(), u.to_owned())));
    }
}
