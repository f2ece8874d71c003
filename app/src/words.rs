//! Words and looks of the domain's codes, in one place: translation will come here.

use domain::{
    event::Event,
    incident::{Incident, Severity, State, Verb},
};
use serde_json::Value;
use ui::{Glyph, Tone};

/// A word with its colour and drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Meaning by colour.
    pub tone: Tone,
    /// The word.
    pub word: &'static str,
    /// The drawing.
    pub glyph: Glyph,
}

/// A severity.
pub const fn severity(severity: Severity) -> Look {
    match severity {
        Severity::Critical => Look { tone: Tone::Crit, word: "Critical", glyph: Glyph::Warning },
        Severity::High => Look { tone: Tone::High, word: "High", glyph: Glyph::ArrowUp },
        Severity::Medium => Look { tone: Tone::Med, word: "Medium", glyph: Glyph::Equal },
        Severity::Low => Look { tone: Tone::Low, word: "Low", glyph: Glyph::ArrowDown },
    }
}

/// The state of an incident.
pub const fn state(state: State) -> Look {
    match state {
        State::Open => Look { tone: Tone::Crit, word: "Open", glyph: Glyph::Alert },
        State::Acknowledged => Look { tone: Tone::Accent, word: "Acknowledged", glyph: Glyph::Check },
        State::InProgress => Look { tone: Tone::High, word: "In progress", glyph: Glyph::Wrench },
        State::Resolved => Look { tone: Tone::Ok, word: "Resolved", glyph: Glyph::CheckDouble },
        State::Closed => Look { tone: Tone::Neutral, word: "Closed", glyph: Glyph::Lock },
    }
}

/// What a person does to an incident: on its button.
pub const fn verb(verb: Verb) -> (&'static str, Glyph) {
    match verb {
        Verb::Acknowledge => ("Acknowledge", Glyph::Check),
        Verb::Start => ("Start work", Glyph::Play),
        Verb::Resolve => ("Resolve", Glyph::CheckDouble),
        Verb::Close => ("Close", Glyph::Lock),
        Verb::Reopen => ("Reopen", Glyph::Refresh),
        Verb::HandBack => ("Hand back", Glyph::Undo),
    }
}

/// What a verb has done: in a toast.
pub const fn done(verb: Verb) -> &'static str {
    match verb {
        Verb::Acknowledge => "Acknowledged. It is yours.",
        Verb::Start => "Work has started.",
        Verb::Resolve => "Resolved.",
        Verb::Close => "Closed.",
        Verb::Reopen => "Reopened.",
        Verb::HandBack => "Handed back: it is open again.",
    }
}

/// The page of an incident.
pub fn address(incident: &Incident) -> String {
    format!("/incidents/{}", incident.number)
}

/// `1 alert`, `5 alerts`.
pub fn count(n: i64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// What happened, after the name of who did it: "acknowledged it". With the dot of the timeline.
pub fn happened(event: &Event) -> (Tone, String) {
    let payload = &event.payload;
    let text = |name: &str| payload[name].as_str().unwrap_or_default();
    let (tone, words) = match event.kind.as_str() {
        "incident.opened" => match payload["continues_number"].as_i64() {
            Some(number) => (Tone::Crit, format!("continued INC-{number}")),
            None if text("by") == "person" => (Tone::Crit, "declared it".to_owned()),
            None => (Tone::Crit, with("opened it:", text("title"))),
        },
        "incident.acknowledged" if text("by") == "source" => (Tone::Accent, "acknowledged it at the source".to_owned()),
        "incident.acknowledged" => (Tone::Accent, "acknowledged it".to_owned()),
        "incident.acknowledgement_undone" => (Tone::Neutral, "took the acknowledgement back".to_owned()),
        "incident.started" => (Tone::Accent, "started to work on it".to_owned()),
        "incident.resolved" => match text("by") {
            "alert" => (Tone::Ok, with("resolved it: the last alert is over,", text("title"))),
            "time" => (Tone::Ok, "resolved it: all alerts stayed quiet".to_owned()),
            _ => (Tone::Ok, "resolved it".to_owned()),
        },
        "incident.closed" if text("by") == "time" => (Tone::Neutral, "closed it, a week after it was resolved".to_owned()),
        "incident.closed" => (Tone::Neutral, "closed it".to_owned()),
        "incident.reopened" if text("by") == "alert" => (Tone::Crit, with("reopened it: it fires again,", text("title"))),
        "incident.reopened" => (Tone::Crit, "reopened it".to_owned()),
        "incident.handed_back" => (Tone::High, "handed it back".to_owned()),
        "incident.assigned" => match payload["assigned_to_id"] {
            Value::Null => (Tone::Neutral, "assigned it to nobody".to_owned()),
            _ => (Tone::Neutral, "assigned it".to_owned()),
        },
        "incident.noted" => (Tone::Neutral, "wrote".to_owned()),
        "incident.note_edited" => (Tone::Neutral, "edited a note".to_owned()),
        "incident.edited" => (Tone::Neutral, format!("edited {}", fields(&payload["fields"]))),
        "incident.continued" => {
            let number = payload["by_number"].as_i64().unwrap_or_default();
            (Tone::Neutral, format!("continued it in INC-{number}"))
        }
        "incident.alert_joined" => (Tone::Crit, with("added an alert:", text("title"))),
        "incident.alert_reopened" => (Tone::Crit, with("fires again:", text("title"))),
        "incident.alert_resolved" => (Tone::Ok, with("ended an alert:", text("title"))),
        "incident.severity_raised" => {
            let to = Severity::parse(text("to")).map_or("higher", |to| severity(to).word);
            (Tone::High, format!("raised the severity to {to}"))
        }
        "blocker.reported" => (Tone::High, with("reported a blocker:", text("description"))),
        "blocker.edited" => (Tone::Neutral, with("edited a blocker:", text("description"))),
        "blocker.resolved" => (Tone::Ok, with("resolved a blocker:", text("description"))),
        "blocker.reopened" => (Tone::High, with("reopened a blocker:", text("description"))),
        other => (Tone::Neutral, other.replace(['.', '_'], " ")),
    };
    (tone, words)
}

fn with(words: &str, title: &str) -> String {
    if title.is_empty() { words.trim_end_matches([':', ',']).to_owned() } else { format!("{words} {title}") }
}

/// `["title", "resolution_notes"]` reads "title and resolution notes".
fn fields(names: &Value) -> String {
    let names: Vec<String> = names.as_array().into_iter().flatten().filter_map(|name| Some(name.as_str()?.replace('_', " "))).collect();
    match names.split_last() {
        None => "it".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(kind: &str, payload: Value, expected: &str) {
        let event = json!({
            "seq": 1, "at": "2026-11-20T21:04:02Z", "actor": { "kind": "user", "id": null, "name": "Ana" }, "source": "web",
            "request_id": null, "topic": "incidents", "kind": kind, "v": 1, "class": "record", "entity": "incident:x",
            "entity_version": 1, "service_id": null, "team_id": null, "incident_id": null, "payload": payload,
        });
        assert_eq!(happened(&serde_json::from_value(event).unwrap()).1, expected);
    }

    #[test]
    fn events_read_as_sentences() {
        check("incident.opened", json!({ "by": "person" }), "declared it");
        check("incident.opened", json!({ "by": "alert", "title": "HighErrorRate" }), "opened it: HighErrorRate");
        check("incident.opened", json!({ "by": "person", "continues_number": 12 }), "continued INC-12");
        check("incident.resolved", json!({ "by": "alert", "title": "Lag" }), "resolved it: the last alert is over, Lag");
        check(
            "incident.edited",
            json!({ "fields": ["title", "description", "resolution_notes"] }),
            "edited title, description and resolution notes",
        );
        check("blocker.resolved", json!({ "description": "No access" }), "resolved a blocker: No access");
        check("incident.alert_joined", json!({}), "added an alert");
        check("incident.something_new", json!({}), "incident something new");
    }
}
