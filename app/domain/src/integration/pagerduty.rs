//! PagerDuty Events API v2, `POST /v2/enqueue` (developer.pagerduty.com/docs/events-api-v2/trigger-events).
//!
//! Errors are worded as PagerDuty words them, since its clients show them. We take more than PagerDuty does where that keeps
//! an alert: a severity that a template left blank or made up, and a summary of any length.

use serde_json::{Map, Value};

use super::json::{self, Texts, cut, text_of};
use crate::{
    Instant,
    alert::{MAX_KEY, Signal, SignalStatus},
    incident::Severity,
    service::Link,
};

/// Custom details that are longer than this, or have several lines, read better in the description than as labels.
const MAX_DETAIL_LABEL: usize = 256;

/// An event that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct EnqueueEvent {
    /// The integration's key as it stands in the body; empty when it does not (older clients send `X-Routing-Key`).
    pub routing_key: String,
    /// What the event says. Its dedup key is the one to answer with.
    pub signal: Signal,
}

/// Reads an event; a trigger without a dedup key gets `made_key`. Refused with PagerDuty's `message` and `errors`.
pub fn read(body: &[u8], made_key: &str) -> Result<EnqueueEvent, (String, Vec<String>)> {
    let unrecognized = |why: String| ("Unrecognized object".to_owned(), vec![why]);
    let event = match json::parse(body) {
        Ok(Value::Object(event)) => event,
        Ok(other) => return Err(unrecognized(format!("Expected a JSON object, got {}", json::kind_of(&other)))),
        Err(why) => return Err(unrecognized(format!("Invalid JSON ({why})"))),
    };
    let mut errors = Vec::new();
    let action = text_of(event.get("event_action")).and_then(|word| status_of(&word));
    if action.is_none() {
        errors.push("'event_action' must be one of 'trigger', 'acknowledge', 'resolve'".to_owned());
    }
    let given = text_of(event.get("dedup_key"));
    if given.as_ref().is_some_and(|key| key.chars().count() > MAX_KEY) {
        errors.push(format!("'dedup_key' is too long (maximum is {MAX_KEY} characters)"));
    }
    match action {
        Some(SignalStatus::Firing) => check_trigger(event.get("payload"), &mut errors),
        Some(_) if given.is_none() => errors.push("'dedup_key' is missing or blank".into()),
        _ => {}
    }
    let (Some(status), true) = (action, errors.is_empty()) else {
        return Err(("Event object is invalid".into(), errors));
    };
    // 255 characters may be more bytes than we store. The hash is answered, and both it and the given key lead back to it.
    let (dedup_key, key_from) = given.map_or_else(|| json::key(made_key.to_owned(), "made"), |key| json::key(key, "dedup_key"));
    let signal = Signal { dedup_key, key_from, status, ..signal_of(&event) };
    Ok(EnqueueEvent { routing_key: text_of(event.get("routing_key")).unwrap_or_default(), signal })
}

fn status_of(action: &str) -> Option<SignalStatus> {
    match action.to_ascii_lowercase().as_str() {
        "trigger" => Some(SignalStatus::Firing),
        "acknowledge" => Some(SignalStatus::Acknowledged),
        "resolve" => Some(SignalStatus::Resolved),
        _ => None,
    }
}

fn check_trigger(payload: Option<&Value>, errors: &mut Vec<String>) {
    match payload {
        None | Some(Value::Null) => errors.push("'payload' is missing or blank".into()),
        Some(Value::Object(payload)) => {
            for name in ["summary", "source"] {
                if text_of(payload.get(name)).is_none() {
                    errors.push(format!("'payload.{name}' is missing or blank"));
                }
            }
            // Blank is let through: that is what a template such as Alertmanager's makes of alerts of mixed severity.
            if payload.get("severity").is_none_or(Value::is_null) {
                errors.push("'payload.severity' is missing or blank".into());
            }
        }
        Some(_) => errors.push("'payload' must be an object".into()),
    }
}

/// All but the key and the status.
fn signal_of(event: &Map<String, Value>) -> Signal {
    let nothing = Map::new();
    let payload = event.get("payload").and_then(Value::as_object).unwrap_or(&nothing);
    let text = |name| text_of(payload.get(name));
    let summary = text("summary").unwrap_or_default();
    let title = Signal::clean_title(&summary);
    let (severity, severity_from) = match text("severity").and_then(|word| Severity::from_label(&word)) {
        Some(severity) => (severity, "payload.severity"),
        None => (Severity::Medium, "default"),
    };
    let mut labels: Texts = ["source", "component", "group", "class"].into_iter().filter_map(|n| Some((n.to_owned(), text(n)?))).collect();
    let mut description = if title.ends_with('…') { vec![summary] } else { Vec::new() };
    details(payload.get("custom_details"), &mut labels, &mut description);
    let client = text_of(event.get("client"));
    let client_link = json::link(client.as_deref().unwrap_or("Client"), text_of(event.get("client_url")));
    if let (None, Some(client)) = (&client_link, client) {
        labels.entry("client".into()).or_insert(client);
    }
    let mut links: Vec<Link> = client_link.into_iter().collect();
    links.extend(json::links_of(event.get("links")));
    links.extend(
        json::links_of(event.get("images")).into_iter().map(|l| if l.title == "Link" { Link { title: "Image".into(), ..l } } else { l }),
    );
    links.truncate(json::MAX_LINKS);
    Signal {
        dedup_key: String::new(),
        key_from: String::new(),
        status: SignalStatus::Firing,
        title,
        description: cut(&description.join("\n\n"), json::MAX_DESCRIPTION),
        severity,
        severity_from: severity_from.into(),
        labels: json::labels_of(&labels),
        links,
        started_at: payload.get("timestamp").and_then(instant_of),
    }
}

/// Short details become labels, under `details.<name>` where the name is taken; the rest becomes paragraphs.
fn details(details: Option<&Value>, labels: &mut Texts, description: &mut Vec<String>) {
    let Some(Value::Object(entries)) = details else {
        description.extend(text_of(details));
        return;
    };
    let mut names: Vec<_> = entries.keys().collect();
    names.sort();
    for name in names {
        let value = &entries[name];
        let (name, Some(text)) = (name.replace('\0', ""), text_of(Some(value))) else { continue };
        let name = name.trim();
        let is_short = !text.contains('\n') && text.chars().count() <= MAX_DETAIL_LABEL;
        if name.is_empty() || value.is_object() || value.is_array() || !is_short {
            description.push(format!("{name}: {text}"));
        } else {
            let name = if labels.contains_key(name) { format!("details.{name}") } else { name.to_owned() };
            labels.insert(name, text);
        }
    }
}

/// RFC 3339, or unix seconds or milliseconds.
fn instant_of(value: &Value) -> Option<Instant> {
    let at = match value.as_i64() {
        Some(seconds) if seconds < 100_000_000_000 => Instant(seconds.checked_mul(1_000)?),
        Some(ms) => Instant(ms),
        None => Instant::parse(&text_of(Some(value))?)?,
    };
    // Up to the year 9999: what is later cannot be written.
    (1..=253_402_200_799_999).contains(&at.ms()).then_some(at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::json::hostile, *};

    /// As sent by Alertmanager 0.27 with `pagerduty_configs: [{routing_key, url}]` and nothing else set.
    const ALERTMANAGER: &str = r#"{"routing_key":"0123456789abcdef0123456789abcdef","dedup_key":"8c1f2fd4a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d",
"event_action":"trigger","payload":{"summary":"[FIRING:1] HighLatency (api-1:9090 api critical)","source":"Alertmanager","severity":"error",
"custom_details":{"firing":"Labels:\n - alertname = HighLatency\n - severity = critical\nAnnotations:\n - summary = p99 über 2 s 🔥\n","num_firing":"1","num_resolved":"0","resolved":""}},
"client":"Alertmanager","client_url":"http://alertmanager:9093/#/alerts?receiver=pager","images":[],"links":[]}"#;

    const FULL: &str = r#"{"event_action": "trigger", "payload": {"summary": "Disk full", "source": "db1.example", "severity": "critical",
"timestamp": "2025-11-20T22:04:02.000+01:00", "component": "postgres", "group": "prod", "class": "disk",
"custom_details": {"used": 97, "ro": false, "source": "node_exporter", "nested": {"a": [1, null]}, "blank": " "}},
"client": "Nagios", "client_url": "https://nagios.example", "links": [{"href": "https://wiki.example/disk", "text": "Wiki"}],
"images": [{"src": "https://img.example/1.png", "href": "https://img.example", "alt": "Graph"}, {"url": "https://http.cat/502.jpg"}]}"#;

    fn trigger(payload: Value) -> Result<EnqueueEvent, (String, Vec<String>)> {
        read(
            json!({"routing_key": "r", "event_action": "trigger", "dedup_key": "k", "payload": payload}).to_string().as_bytes(),
            "made-key",
        )
    }

    fn pairs(labels: &[(&str, &str)]) -> std::collections::BTreeMap<String, String> {
        labels.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn alertmanagers_event_is_read() {
        let EnqueueEvent { routing_key, signal } = read(ALERTMANAGER.as_bytes(), "made-key").unwrap();
        assert_eq!(routing_key, "0123456789abcdef0123456789abcdef");
        assert_eq!((signal.dedup_key.len(), signal.key_from.as_str(), signal.status), (64, "dedup_key", SignalStatus::Firing));
        assert_eq!(signal.title, "[FIRING:1] HighLatency (api-1:9090 api critical)");
        assert_eq!((signal.severity, signal.severity_from.as_str()), (Severity::High, "payload.severity"));
        assert!(signal.description.starts_with("firing: Labels:\n - alertname = HighLatency"), "{}", signal.description);
        assert_eq!(signal.labels, pairs(&[("source", "Alertmanager"), ("num_firing", "1"), ("num_resolved", "0")]));
        assert_eq!(signal.links, [Link { title: "Alertmanager".into(), url: "http://alertmanager:9093/#/alerts?receiver=pager".into() }]);
    }

    #[test]
    fn alertmanagers_resolve_finds_its_trigger() {
        let resolve = ALERTMANAGER.replace("\"trigger\"", "\"resolve\"");
        let [on, off] = [ALERTMANAGER, &resolve].map(|body| read(body.as_bytes(), "made-key").unwrap().signal);
        assert_eq!((off.status, off.dedup_key), (SignalStatus::Resolved, on.dedup_key));
    }

    #[test]
    fn newer_alertmanagers_send_details_as_json() {
        let details = json!({"firing": [{"labels": {"alertname": "A"}}], "resolved": [], "num_firing": 1});
        let signal = trigger(json!({"summary": "s", "source": "a", "severity": "error", "custom_details": details})).unwrap().signal;
        assert_eq!(signal.description, "firing: [{\"labels\":{\"alertname\":\"A\"}}]\n\nresolved: []");
        assert_eq!(signal.labels.get("num_firing").map(String::as_str), Some("1"));
    }

    #[test]
    fn every_field_is_read() {
        let EnqueueEvent { routing_key, signal } = read(FULL.as_bytes(), "made-key").unwrap();
        assert_eq!(routing_key, "", "the caller has it from the header");
        let link = |title: &str, url: &str| Link { title: title.into(), url: url.into() };
        assert_eq!(
            signal,
            Signal {
                dedup_key: "made-key".into(),
                key_from: "made".into(),
                status: SignalStatus::Firing,
                title: "Disk full".into(),
                description: "nested: {\"a\":[1,null]}".into(),
                severity: Severity::Critical,
                severity_from: "payload.severity".into(),
                labels: pairs(&[
                    ("source", "db1.example"),
                    ("component", "postgres"),
                    ("group", "prod"),
                    ("class", "disk"),
                    ("used", "97"),
                    ("ro", "false"),
                    ("details.source", "node_exporter"),
                ]),
                links: vec![
                    link("Nagios", "https://nagios.example"),
                    link("Wiki", "https://wiki.example/disk"),
                    link("Graph", "https://img.example/1.png"),
                    link("Image", "https://http.cat/502.jpg"),
                ],
                started_at: Some(Instant(1_763_672_642_000)),
            }
        );
    }

    #[test]
    fn the_python_clients_acknowledge_and_resolve_with_a_key_alone() {
        for (action, status) in [("acknowledge", SignalStatus::Acknowledged), ("resolve", SignalStatus::Resolved)] {
            let body = json!({"event_action": action, "dedup_key": "k", "routing_key": "r"}).to_string();
            let signal = read(body.as_bytes(), "made-key").unwrap().signal;
            assert_eq!((signal.status, signal.dedup_key.as_str()), (status, "k"));
            hostile::check_bounds(&signal);
        }
    }

    #[test]
    fn errors_are_worded_as_pagerduty_words_them() {
        let fine = json!({"summary": "s", "source": "a", "severity": "info"});
        let long = "k".repeat(256);
        for (event, expected) in [
            (json!({}), vec!["'event_action' must be one of 'trigger', 'acknowledge', 'resolve'"]),
            (json!({"event_action": "close", "dedup_key": "k"}), vec!["'event_action' must be one of 'trigger', 'acknowledge', 'resolve'"]),
            (json!({"event_action": "trigger"}), vec!["'payload' is missing or blank"]),
            (json!({"event_action": "trigger", "payload": "s"}), vec!["'payload' must be an object"]),
            (
                json!({"event_action": "trigger", "payload": {"summary": " ", "severity": null}}),
                vec![
                    "'payload.summary' is missing or blank",
                    "'payload.source' is missing or blank",
                    "'payload.severity' is missing or blank",
                ],
            ),
            (json!({"event_action": "resolve"}), vec!["'dedup_key' is missing or blank"]),
            (json!({"event_action": "acknowledge", "dedup_key": "\u{0} "}), vec!["'dedup_key' is missing or blank"]),
            (
                json!({"event_action": "trigger", "dedup_key": long, "payload": fine}),
                vec!["'dedup_key' is too long (maximum is 255 characters)"],
            ),
        ] {
            let (message, errors) = read(event.to_string().as_bytes(), "made-key").unwrap_err();
            assert_eq!(
                (message.as_str(), errors),
                ("Event object is invalid", expected.into_iter().map(str::to_owned).collect()),
                "{event}"
            );
        }
    }

    #[test]
    fn what_is_no_event_is_unrecognized() {
        for (body, expected) in [
            ("", "Invalid JSON (the body is empty)"),
            ("{\"a\"}", "Invalid JSON (not JSON: expected `:` at line 1 column 5)"),
            ("[]", "Expected a JSON object, got an array"),
        ] {
            assert_eq!(read(body.as_bytes(), "m").unwrap_err(), ("Unrecognized object".into(), vec![expected.into()]), "{body}");
        }
    }

    #[test]
    fn a_severity_that_a_template_spoiled_does_not_cost_the_alert() {
        for (word, severity, from) in [
            ("critical", Severity::Critical, "payload.severity"),
            ("error", Severity::High, "payload.severity"),
            ("warning ", Severity::Medium, "payload.severity"),
            ("Info", Severity::Low, "payload.severity"),
            ("none", Severity::Medium, "payload.severity"),
            ("<no value>", Severity::Medium, "default"),
            ("", Severity::Medium, "default"),
        ] {
            let signal = trigger(json!({"summary": "s", "source": "a", "severity": word})).unwrap().signal;
            assert_eq!((signal.severity, signal.severity_from.as_str()), (severity, from), "{word}");
        }
    }

    #[test]
    fn a_long_summary_is_whole_in_the_description() {
        let summary = "日本語".repeat(500);
        let signal = trigger(json!({"summary": summary, "source": "a", "severity": "info", "custom_details": "more"})).unwrap().signal;
        hostile::check_bounds(&signal);
        assert_eq!(signal.description, format!("{summary}\n\nmore"));
    }

    #[test]
    fn a_key_of_255_characters_is_taken_however_many_bytes_it_has() {
        let event = |key: &str| json!({"event_action": "resolve", "dedup_key": key}).to_string();
        let first = read(event(&"é".repeat(255)).as_bytes(), "m").unwrap().signal;
        assert_eq!((first.dedup_key.len(), first.key_from.as_str()), (32, "dedup_key (hashed)"));
        assert_eq!(read(event(&first.dedup_key).as_bytes(), "m").unwrap().signal.dedup_key, first.dedup_key);
    }

    #[test]
    fn a_timestamp_is_read_when_it_is_one() {
        for (timestamp, expected) in [
            (json!("2025-11-20T21:04:02Z"), Some(1_763_672_642_000)),
            (json!("2025-11-20T22:04:02.000+0100"), Some(1_763_672_642_000)),
            (json!(1_763_672_642), Some(1_763_672_642_000)),
            (json!(1_763_672_642_000_i64), Some(1_763_672_642_000)),
            (json!(i64::MAX), None),
            (json!(i64::MIN), None),
            (json!("now"), None),
            (json!({}), None),
        ] {
            let payload = json!({"summary": "s", "source": "a", "severity": "info", "timestamp": timestamp});
            assert_eq!(trigger(payload).unwrap().signal.started_at.map(Instant::ms), expected, "{timestamp}");
        }
    }

    #[test]
    fn sent_twice_it_says_the_same() {
        let reordered = serde_json::from_str::<Value>(ALERTMANAGER).unwrap().to_string();
        assert_eq!(read(ALERTMANAGER.as_bytes(), "one"), read(reordered.as_bytes(), "other"));
    }

    #[test]
    fn what_is_huge_is_cut() {
        let details: Map<_, _> = (0..500).map(|n| (format!("d{n}"), "v".repeat(n).into())).collect();
        let links: Vec<_> = (0..100).map(|n| json!({"href": format!("https://example.org/{n}")})).collect();
        let payload =
            json!({"summary": "s\u{0}".repeat(100_000), "source": "a".repeat(5_000), "severity": "info", "custom_details": details});
        let body = json!({"event_action": "trigger", "payload": payload, "links": links, "images": links, "client": "c".repeat(5_000)});
        hostile::check_bounds(&read(body.to_string().as_bytes(), "made-key").unwrap().signal);
        assert!(read("{\"payload\":".repeat(100_000).as_bytes(), "m").is_err());
    }

    #[test]
    fn nothing_makes_it_panic() {
        for fixture in [ALERTMANAGER, FULL] {
            for body in hostile::truncations(fixture) {
                assert!(read(body, "made-key").is_err(), "{}", String::from_utf8_lossy(body));
            }
            for body in hostile::mutations(fixture, 2_000) {
                if let Ok(event) = read(&body, "made-key") {
                    hostile::check_bounds(&event.signal);
                }
            }
        }
    }
}
