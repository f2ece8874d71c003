//! What people write into an incident, and the checks on it.

use serde::{Deserialize, Serialize};

use super::{Incident, Severity, State, Urgency};
use crate::{Id, Instant, Problem, account::User, problem::Faults, service::Service, time::MINUTE};

/// What is given to declare an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IncidentIn {
    /// Required, at most 200 characters.
    pub title: String,
    /// Markdown, at most 20,000 characters.
    #[serde(default)]
    pub description: String,
    /// How bad.
    pub severity: Severity,
    /// Derived from the severity unless given.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// "Unsorted" unless given.
    #[serde(default)]
    pub service_id: Option<Id<Service>>,
    /// Nobody unless given.
    #[serde(default)]
    pub assigned_to_id: Option<Id<User>>,
    /// When customers first felt it.
    #[serde(default)]
    pub impact_started_at: Option<Instant>,
}

impl Default for IncidentIn {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            severity: Severity::Medium,
            urgency: None,
            service_id: None,
            assigned_to_id: None,
            impact_started_at: None,
        }
    }
}

/// An edit: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct IncidentPatch {
    /// New title.
    pub title: Option<String>,
    /// New description.
    pub description: Option<String>,
    /// New severity.
    pub severity: Option<Severity>,
    /// New urgency.
    pub urgency: Option<Urgency>,
    /// New instant; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Instant>))]
    pub impact_started_at: Option<Option<Instant>>,
    /// When the cause was known; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Instant>))]
    pub identified_at: Option<Option<Instant>>,
    /// Where people talk; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub conference_url: Option<Option<String>>,
    /// What fixed it.
    pub resolution_notes: Option<String>,
}

/// A note on the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NoteIn {
    /// Markdown, 1 to 20,000 characters.
    pub body: String,
}

/// A markdown source: there, and not too long.
pub fn markdown_source(field: &str, text: &str) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let text = faults.text(field, text, 20_000);
    faults.finish().map(|()| text)
}

/// The request with its texts trimmed, or every fault in it.
pub fn validate_new(mut new: IncidentIn, now: Instant) -> Result<IncidentIn, Problem> {
    let mut faults = Faults::default();
    new.title = faults.text("title", &new.title, 200);
    new.description = faults.optional_text("description", &new.description, 20_000);
    if let Some(at) = new.impact_started_at {
        faults.check(plausible(at, now), "impact_started_at", "out_of_range", "Not in the future, not before 2000.");
    }
    faults.finish().map(|()| new)
}

fn plausible(at: Instant, now: Instant) -> bool {
    at.ms() >= 946_684_800_000 && at.since(now) < MINUTE
}

/// The patch with its texts trimmed, or every fault in it.
pub fn validate_patch(mut patch: IncidentPatch, now: Instant) -> Result<IncidentPatch, Problem> {
    let mut faults = Faults::default();
    if let Some(title) = &mut patch.title {
        *title = faults.text("title", title, 200);
    }
    for (field, text) in [("description", &mut patch.description), ("resolution_notes", &mut patch.resolution_notes)] {
        if let Some(text) = text {
            *text = faults.optional_text(field, text, 20_000);
        }
    }
    for (field, at) in [("impact_started_at", patch.impact_started_at), ("identified_at", patch.identified_at)] {
        if let Some(Some(at)) = at {
            faults.check(plausible(at, now), field, "out_of_range", "Not in the future, not before 2000.");
        }
    }
    if let Some(Some(url)) = &patch.conference_url {
        faults.check(url.starts_with("https://") && url.len() <= 2_000, "conference_url", "not_a_url", "A link that starts with https://.");
    }
    faults.finish().map(|()| patch)
}

impl IncidentPatch {
    /// Applies the edit; answers the names of the fields that changed. Raises version and rev when any did.
    pub fn apply(&self, incident: &mut Incident, now: Instant) -> Vec<&'static str> {
        let mut changed = Vec::new();
        macro_rules! set {
            ($field:ident, $value:expr) => {
                if let Some(value) = $value {
                    if incident.$field != value {
                        incident.$field = value;
                        changed.push(stringify!($field));
                    }
                }
            };
        }
        set!(title, self.title.clone());
        set!(description, self.description.clone());
        set!(severity, self.severity);
        // A severity that is edited carries its urgency along, unless the edit names one.
        set!(urgency, self.urgency.or(self.severity.map(Severity::urgency)));
        set!(impact_started_at, self.impact_started_at);
        set!(identified_at, self.identified_at);
        set!(conference_url, self.conference_url.clone());
        set!(resolution_notes, self.resolution_notes.clone());
        if !changed.is_empty() {
            incident.version += 1;
            incident.rev += 1;
            incident.updated_at = now;
        }
        changed
    }
}

impl Incident {
    /// A new open incident.
    pub fn declared(id: Id<Self>, number: i64, new: &IncidentIn, service_id: Id<Service>, now: Instant) -> Self {
        Self {
            id,
            number,
            title: new.title.clone(),
            description: new.description.clone(),
            severity: new.severity,
            urgency: new.urgency.unwrap_or(new.severity.urgency()),
            status: State::Open,
            service_id,
            assigned_to_id: new.assigned_to_id,
            reported_by_id: None,
            impact_started_at: new.impact_started_at,
            detected_at: now,
            acknowledged_at: None,
            acknowledged_by_id: None,
            current_ack_at: None,
            current_ack_by_id: None,
            investigating_at: None,
            identified_at: None,
            resolved_at: None,
            resolved_by_id: None,
            closed_at: None,
            resolution_notes: String::new(),
            alert_count: 0,
            firing_count: 0,
            policy_id: None,
            escalation_step: None,
            escalation_loop: None,
            next_escalation_at: None,
            snoozed_until: None,
            ack_due_at: None,
            resolve_due_at: None,
            episode_at: now,
            continues_id: None,
            auto_close_at: None,
            conference_url: None,
            flapping: false,
            created_at: now,
            updated_at: now,
            version: 1,
            rev: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{service::UNSORTED, time::DAY};

    const NOW: Instant = Instant(1_763_672_642_000);

    fn incident() -> Incident {
        let new = IncidentIn { title: "API is slow".into(), ..IncidentIn::default() };
        Incident::declared(Id::mint(NOW.ms(), [1; 10]), 418, &new, UNSORTED, NOW)
    }

    fn faults<T>(result: Result<T, Problem>) -> Vec<(String, String)> {
        result.err().map(|p| p.fields.into_iter().map(|f| (f.field, f.code)).collect()).unwrap_or_default()
    }

    #[test]
    fn a_declaration_needs_a_title_and_plausible_times() {
        for (title, description, impact, expected) in [
            (" API is slow ", "", None, vec![]),
            (&"é".repeat(200), &"é".repeat(20_000), Some(NOW.plus(-DAY)), vec![]),
            ("clocks differ a little", "", Some(NOW.plus(MINUTE - 1)), vec![]),
            (" ", "", None, vec![("title", "required")]),
            (&"x".repeat(201), &"x".repeat(20_001), None, vec![("title", "too_long"), ("description", "too_long")]),
            ("nul\0", "", None, vec![("title", "not_allowed")]),
            ("tomorrow", "", Some(NOW.plus(DAY)), vec![("impact_started_at", "out_of_range")]),
            ("long ago", "", Some(Instant(0)), vec![("impact_started_at", "out_of_range")]),
        ] {
            let new =
                IncidentIn { title: title.into(), description: description.into(), impact_started_at: impact, ..IncidentIn::default() };
            let expected: Vec<_> = expected.into_iter().map(|(f, c)| (f.to_owned(), c.to_owned())).collect();
            let result = validate_new(new, NOW);
            if let Ok(new) = &result {
                assert_eq!(new.title, title.trim());
            }
            assert_eq!(faults(result), expected, "{title:.40}");
        }
    }

    #[test]
    fn a_patch_is_checked_where_it_says_something() {
        for (json, expected) in [
            (r#"{}"#, vec![]),
            (r#"{"title": " "}"#, vec![("title", "required")]),
            (r#"{"description": "", "resolution_notes": ""}"#, vec![]),
            (r#"{"impact_started_at": null, "identified_at": null, "conference_url": null}"#, vec![]),
            (r#"{"identified_at": "2031-01-01T00:00:00Z"}"#, vec![("identified_at", "out_of_range")]),
            (r#"{"conference_url": "https://meet.example/418"}"#, vec![]),
            (r#"{"conference_url": "javascript:alert(1)"}"#, vec![("conference_url", "not_a_url")]),
        ] {
            let patch: IncidentPatch = serde_json::from_str(json).unwrap();
            let expected: Vec<_> = expected.into_iter().map(|(f, c)| (f.to_owned(), c.to_owned())).collect();
            assert_eq!(faults(validate_patch(patch, NOW)), expected, "{json}");
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_tells_it() {
        for (json, expected) in [
            (r#"{}"#, vec![]),
            (r#"{"title": "API is slow"}"#, vec![]),
            (r#"{"title": "API is down"}"#, vec!["title"]),
            (r#"{"severity": "critical"}"#, vec!["severity", "urgency"]),
            (r#"{"severity": "critical", "urgency": "low"}"#, vec!["severity"]),
            (r#"{"severity": "low"}"#, vec!["severity"]),
            (r#"{"impact_started_at": null}"#, vec![]),
            (r#"{"identified_at": "2025-11-20T21:00:00Z"}"#, vec!["identified_at"]),
        ] {
            let mut incident = incident();
            let before = (incident.version, incident.rev);
            let changed = serde_json::from_str::<IncidentPatch>(json).unwrap().apply(&mut incident, NOW.plus(1));
            assert_eq!(changed, expected, "{json}");
            let by = i64::from(!expected.is_empty());
            assert_eq!((incident.version, incident.rev, incident.updated_at), (before.0 + by, before.1 + by, NOW.plus(by)), "{json}");
        }
    }

    #[test]
    fn null_removes_and_absence_keeps() {
        let mut incident = incident();
        incident.conference_url = Some("https://meet.example/418".into());
        assert!(IncidentPatch::default().apply(&mut incident, NOW).is_empty());
        let remove: IncidentPatch = serde_json::from_str(r#"{"conference_url": null}"#).unwrap();
        assert_eq!(remove.apply(&mut incident, NOW), ["conference_url"]);
        assert_eq!(incident.conference_url, None);
    }
}
