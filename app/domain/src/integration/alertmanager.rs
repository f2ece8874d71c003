//! Prometheus Alertmanager's webhook, version 4 (prometheus.io/docs/alerting/latest/configuration, `webhook_config`).
//!
//! Each alert of a payload is read by itself, so one that is malformed does not cost the others. `endsAt` is not read: the
//! status says whether an alert is over, and while it fires the time is 0001-01-01 or a guess.

use serde_json::{Map, Value};

use super::{
    Reading, Settings,
    json::{self, FaultList, Texts, cut, text_of, texts_of},
};
use crate::{
    Instant,
    alert::{MAX_TITLE, Signal, SignalStatus},
    service::Link,
};

const EXPECTED: &str = r#"expected an Alertmanager webhook (version 4) such as {"version":"4","groupKey":"..","status":"firing","alerts":[{"status":"firing","labels":{"alertname":".."},"annotations":{"summary":".."},"fingerprint":".."}]}"#;

/// Reads a payload: one signal per alert, or one for the group when the integration is set to it.
pub fn read(body: &[u8], settings: &Settings) -> Reading {
    let payload = match json::parse(body) {
        Ok(Value::Object(payload)) => payload,
        Ok(other) => return Reading::rejected(format!("got {}; {EXPECTED}", json::kind_of(&other))),
        Err(why) => return Reading::rejected(format!("{why}; {EXPECTED}")),
    };
    let alerts = match payload.get("alerts") {
        Some(Value::Array(alerts)) => alerts,
        Some(other) => return Reading::rejected(format!("`alerts` must be an array and is {}; {EXPECTED}", json::kind_of(other))),
        None => return Reading::rejected(format!("`alerts` is missing; {EXPECTED}")),
    };
    let said = status_of(&payload);
    let home = json::link("Alertmanager", text_of(payload.get("externalURL")));
    let mut signals = Vec::new();
    let mut faults = FaultList::default();
    for (n, alert) in alerts.iter().enumerate() {
        match alert_of(alert, said, home.as_ref()) {
            Ok(signal) => {
                if texts_of(alert.get("annotations")).is_none() {
                    faults.push(|| format!("alerts[{n}]: `annotations` must be an object of strings; read without them"));
                }
                signals.push(signal);
            }
            Err(why) => faults.push(|| format!("alerts[{n}]: {why}")),
        }
    }
    let truncated = text_of(payload.get("truncatedAlerts")).and_then(|n| n.parse().ok()).unwrap_or(0);
    if settings.key_by_group
        && let Some(group) = group_of(&payload, &signals, truncated, alerts.len())
    {
        signals = vec![group];
    }
    Reading { signals, faults: faults.finish(), truncated }
}

fn alert_of(alert: &Value, said: Option<SignalStatus>, home: Option<&Link>) -> Result<Signal, String> {
    let Value::Object(fields) = alert else {
        return Err(format!("must be an object with `labels` and is {}", json::kind_of(alert)));
    };
    if !["status", "labels", "annotations", "fingerprint", "startsAt", "generatorURL"].iter().any(|name| fields.contains_key(*name)) {
        return Err("has none of `labels`, `annotations`, `fingerprint`".into());
    }
    let labels = texts_of(fields.get("labels")).ok_or("`labels` must be an object of strings")?;
    let annotations = texts_of(fields.get("annotations")).unwrap_or_default();
    let title = Signal::clean_title(&title_of(&annotations, &labels));
    let (dedup_key, key_from) = match text_of(fields.get("fingerprint")) {
        Some(fingerprint) => json::key(fingerprint, "fingerprint"),
        None if labels.is_empty() => (json::stable_hash([title.as_str()]), "title".into()),
        None => json::key_of_labels(&labels, "labels"),
    };
    let (severity, severity_from) = json::severity_of(&labels);
    let annotated = |title, name: &str| json::link(title, annotations.get(name).cloned());
    let links = [
        json::link("Source", text_of(fields.get("generatorURL"))),
        home.cloned(),
        annotated("Runbook", "runbook_url"),
        annotated("Dashboard", "dashboard_url"),
    ];
    Ok(Signal {
        dedup_key,
        key_from,
        status: status_of(fields).or(said).unwrap_or(SignalStatus::Firing),
        description: description_of(&annotations, &title),
        title,
        severity,
        severity_from,
        labels: json::labels_of(&labels),
        links: links.into_iter().flatten().collect(),
        started_at: text_of(fields.get("startsAt")).and_then(|at| Instant::parse(&at)).filter(|at| at.ms() > 0),
    })
}

fn status_of(fields: &Map<String, Value>) -> Option<SignalStatus> {
    match text_of(fields.get("status"))?.to_ascii_lowercase().as_str() {
        "firing" => Some(SignalStatus::Firing),
        "resolved" => Some(SignalStatus::Resolved),
        _ => None,
    }
}

fn title_of(annotations: &Texts, labels: &Texts) -> String {
    let told = ["summary", "title", "message"].iter().find_map(|name| annotations.get(*name).filter(|text| !text.is_empty()));
    let label = |name| labels.get(name).filter(|text| !text.is_empty());
    match (told, label("alertname"), label("instance")) {
        (Some(told), _, _) => told.clone(),
        (None, Some(name), Some(instance)) => format!("{name} ({instance})"),
        (None, Some(name), None) => name.clone(),
        (None, None, _) => String::new(),
    }
}

/// The description, or the message where that is not the title already.
fn description_of(annotations: &Texts, title: &str) -> String {
    let text = ["description", "message"].iter().find_map(|name| annotations.get(*name).filter(|text| !text.is_empty()));
    text.filter(|text| *text != title).map(|text| cut(text, json::MAX_DESCRIPTION)).unwrap_or_default()
}

/// The alerts of a payload as one signal under the group's key; `None` when nothing names the group, or nothing was read.
fn group_of(payload: &Map<String, Value>, alerts: &[Signal], truncated: u64, sent: usize) -> Option<Signal> {
    let group_labels = texts_of(payload.get("groupLabels")).unwrap_or_default();
    let (dedup_key, key_from) = match text_of(payload.get("groupKey")) {
        Some(key) => json::key(key, "groupKey"),
        None if payload.get("groupLabels").is_some_and(Value::is_object) => json::key_of_labels(&group_labels, "groupLabels"),
        None => return None,
    };
    let status = group_status(status_of(payload), alerts, truncated, sent);
    // What is over does not make worse what still fires.
    let counted: Vec<_> = match alerts.iter().filter(|a| a.status == SignalStatus::Firing).collect::<Vec<_>>() {
        firing if firing.is_empty() => alerts.iter().collect(),
        firing => firing,
    };
    let worst = counted.iter().max_by_key(|a| a.severity)?;
    let mut labels = texts_of(payload.get("commonLabels")).unwrap_or_default();
    labels.extend(group_labels);
    let annotations = texts_of(payload.get("commonAnnotations")).unwrap_or_default();
    let count = truncated.saturating_add(counted.len() as u64);
    let name = labels.get("alertname").filter(|name| !name.is_empty()).map_or(worst.title.as_str(), String::as_str);
    let suffix = if count == 1 { " (1 alert)".to_owned() } else { format!(" ({count} alerts)") };
    let title = Signal::clean_title(&format!("{}{suffix}", cut(name, MAX_TITLE - suffix.len())));
    let mut description = description_of(&annotations, &title);
    if description.is_empty() {
        let lines: Vec<_> = counted.iter().take(json::MAX_DESCRIPTION / 4).map(|a| format!("- {}", a.title)).collect();
        description = cut(&lines.join("\n"), json::MAX_DESCRIPTION);
    }
    let mut links: Vec<Link> = Vec::new();
    for link in alerts.iter().flat_map(|a| &a.links) {
        if links.len() == json::MAX_LINKS {
            break;
        }
        if !links.contains(link) {
            links.push(link.clone());
        }
    }
    Some(Signal {
        dedup_key,
        key_from,
        status,
        title,
        description,
        severity: worst.severity,
        severity_from: worst.severity_from.clone(),
        labels: json::labels_of(&labels),
        links,
        started_at: counted.iter().filter_map(|a| a.started_at).min(),
    })
}

/// A group is over only when every alert of it is known to be. Alertmanager cuts the alerts first (`max_alerts`) and computes
/// the payload's status from what is left (notify/webhook/webhook.go), so with `truncatedAlerts` a "resolved" proves nothing.
fn group_status(said: Option<SignalStatus>, alerts: &[Signal], truncated: u64, sent: usize) -> SignalStatus {
    let all_over = alerts.iter().all(|a| a.status == SignalStatus::Resolved);
    let told = match said {
        Some(said) => said == SignalStatus::Resolved,
        None => alerts.len() == sent,
    };
    if all_over && told && truncated == 0 { SignalStatus::Resolved } else { SignalStatus::Firing }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{super::json::hostile, *};
    use crate::incident::Severity;

    /// As sent by Alertmanager 0.27, shortened to two alerts.
    const FIXTURE: &str = r#"{
  "receiver": "opsguard", "status": "firing",
  "alerts": [
    {"status": "firing",
     "labels": {"alertname": "HighLatency", "instance": "api-1:9090", "job": "api", "severity": "critical"},
     "annotations": {"summary": "p99 über 2 s 🔥", "description": "The p99 of api-1 is 2.4 s.", "runbook_url": "https://runbooks.example/latency"},
     "startsAt": "2025-11-20T21:04:02.123Z", "endsAt": "0001-01-01T00:00:00Z",
     "generatorURL": "http://prometheus:9090/graph?g0.expr=x", "fingerprint": "5ef77f1f8a3ecfbb"},
    {"status": "resolved",
     "labels": {"alertname": "HighLatency", "instance": "api-2:9090", "job": "api", "severity": "warning"},
     "annotations": {},
     "startsAt": "2025-11-20T21:00:02.123Z", "endsAt": "2025-11-20T21:05:02.123Z",
     "generatorURL": "http://prometheus:9090/graph?g0.expr=x", "fingerprint": "d3a1c5b2e4f60718"}
  ],
  "groupLabels": {"alertname": "HighLatency"},
  "commonLabels": {"alertname": "HighLatency", "job": "api"},
  "commonAnnotations": {},
  "externalURL": "http://alertmanager:9093", "version": "4",
  "groupKey": "{}:{alertname=\"HighLatency\"}", "truncatedAlerts": 0
}"#;

    const BY_ALERT: Settings = Settings { key_by_group: false };
    const BY_GROUP: Settings = Settings { key_by_group: true };

    fn fixture() -> Value {
        serde_json::from_str(FIXTURE).unwrap()
    }

    /// Reads one alert in an otherwise empty payload.
    fn one(alert: Value) -> Reading {
        read(json!({"version": "4", "alerts": [alert]}).to_string().as_bytes(), &BY_ALERT)
    }

    #[test]
    fn each_alert_of_a_payload_is_read() {
        let reading = read(FIXTURE.as_bytes(), &BY_ALERT);
        assert_eq!((reading.faults.as_slice(), reading.truncated, reading.is_rejected()), (&[][..], 0, false));
        let [firing, over] = reading.signals.try_into().unwrap();
        let link = |title: &str, url: &str| Link { title: title.into(), url: url.into() };
        assert_eq!(
            firing,
            Signal {
                dedup_key: "5ef77f1f8a3ecfbb".into(),
                key_from: "fingerprint".into(),
                status: SignalStatus::Firing,
                title: "p99 über 2 s 🔥".into(),
                description: "The p99 of api-1 is 2.4 s.".into(),
                severity: Severity::Critical,
                severity_from: "labels.severity".into(),
                labels: [("alertname", "HighLatency"), ("instance", "api-1:9090"), ("job", "api"), ("severity", "critical")]
                    .map(|(k, v)| (k.to_owned(), v.to_owned()))
                    .into(),
                links: vec![
                    link("Source", "http://prometheus:9090/graph?g0.expr=x"),
                    link("Alertmanager", "http://alertmanager:9093"),
                    link("Runbook", "https://runbooks.example/latency"),
                ],
                started_at: Some(Instant(1_763_672_642_123)),
            }
        );
        assert_eq!(
            (over.status, over.title.as_str(), over.severity),
            (SignalStatus::Resolved, "HighLatency (api-2:9090)", Severity::Medium)
        );
    }

    #[test]
    fn a_title_is_found_in_annotations_or_labels() {
        for (labels, annotations, expected) in [
            (json!({"alertname": "A"}), json!({"summary": "S", "title": "T"}), "S"),
            (json!({"alertname": "A"}), json!({"summary": "  ", "title": "T"}), "T"),
            (json!({"alertname": "A"}), json!({"message": "M"}), "M"),
            (json!({"alertname": "A", "instance": "i"}), json!({}), "A (i)"),
            (json!({"alertname": "A"}), Value::Null, "A"),
            (json!({"instance": "i"}), json!({}), "(untitled)"),
            (json!({"alertname": 7}), json!({}), "7"),
            (json!(null), json!({"summary": "two\nlines"}), "two lines"),
        ] {
            let reading = one(json!({"labels": labels, "annotations": annotations}));
            assert_eq!(reading.signals[0].title, expected, "{labels} {annotations}");
            assert!(reading.faults.is_empty());
        }
    }

    #[test]
    fn a_severity_is_found_in_labels() {
        for (labels, severity, from) in [
            (json!({"severity": "page"}), Severity::Critical, "labels.severity"),
            (json!({"priority": "P2"}), Severity::High, "labels.priority"),
            (json!({"severity": "loud", "priority": "p5"}), Severity::Low, "labels.priority"),
            (json!({"severity": "loud"}), Severity::Medium, "default"),
            (json!({"severity": null}), Severity::Medium, "default"),
        ] {
            let signal = &one(json!({"labels": labels})).signals[0];
            assert_eq!((signal.severity, signal.severity_from.as_str()), (severity, from), "{labels}");
        }
    }

    #[test]
    fn a_missing_status_is_the_payloads_and_else_firing() {
        for (alert, payload, expected) in [
            (json!("resolved"), json!("firing"), SignalStatus::Resolved),
            (json!(null), json!("resolved"), SignalStatus::Resolved),
            (json!("suppressed"), json!("resolved"), SignalStatus::Resolved),
            (json!(null), json!(null), SignalStatus::Firing),
            (json!("Resolved"), json!(null), SignalStatus::Resolved),
        ] {
            let body = json!({"status": payload, "alerts": [{"status": alert, "labels": {"a": "b"}}]}).to_string();
            assert_eq!(read(body.as_bytes(), &BY_ALERT).signals[0].status, expected, "{body}");
        }
    }

    #[test]
    fn without_a_fingerprint_equal_labels_are_the_same_alert() {
        let key = |alert: Value| {
            let signal = one(alert).signals.remove(0);
            (signal.dedup_key, signal.key_from)
        };
        let (first, from) = key(json!({"labels": {"a": "1", "b": "2"}, "annotations": {"summary": "x"}}));
        assert_eq!((first.len(), from.as_str()), (32, "labels"));
        assert_eq!(key(json!({"labels": {"b": 2, "a": "1"}})).0, first);
        assert_ne!(key(json!({"labels": {"a": "1", "b": "3"}})).0, first);
        let many = |last: &str| {
            let mut labels: Map<_, _> = (0..80).map(|n| (format!("l{n:02}"), json!("v"))).collect();
            labels.insert("z".into(), last.into());
            json!({"labels": labels})
        };
        assert_ne!(key(many("1")).0, key(many("2")).0, "labels that are not kept tell alerts apart all the same");
        assert_eq!(key(json!({"fingerprint": "f".repeat(300), "labels": {}})).1, "fingerprint (hashed)");
        assert_eq!(key(json!({"annotations": {"summary": "x"}})).1, "title");
    }

    #[test]
    fn one_bad_alert_does_not_cost_the_others() {
        let mut payload = fixture();
        for bad in [json!({"labels": ["a"]}), json!(7), json!({}), json!({"labels": {"alertname": "Kept"}, "annotations": "none"})] {
            payload["alerts"].as_array_mut().unwrap().push(bad);
        }
        let reading = read(payload.to_string().as_bytes(), &BY_ALERT);
        assert_eq!(
            reading.signals.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(),
            ["p99 über 2 s 🔥", "HighLatency (api-2:9090)", "Kept"]
        );
        assert_eq!(
            reading.faults,
            [
                "alerts[2]: `labels` must be an object of strings",
                "alerts[3]: must be an object with `labels` and is a number",
                "alerts[4]: has none of `labels`, `annotations`, `fingerprint`",
                "alerts[5]: `annotations` must be an object of strings; read without them",
            ]
        );
        assert!(!reading.is_rejected());
    }

    #[test]
    fn what_is_no_payload_is_rejected_with_its_place_and_what_was_expected() {
        for (body, start) in [
            ("", "the body is empty; expected an Alertmanager webhook"),
            ("{\"alerts\": [\n {]}", "not JSON: key must be a string at line 2 column 3; expected an Alertmanager webhook"),
            ("[]", "got an array; expected"),
            ("{}", "`alerts` is missing; expected"),
            (r#"{"alerts": {}}"#, "`alerts` must be an array and is an object; expected"),
            (r#"{"alerts": [1]}"#, "alerts[0]: must be an object with `labels` and is a number"),
        ] {
            let reading = read(body.as_bytes(), &BY_ALERT);
            assert!(reading.is_rejected() && reading.faults[0].starts_with(start), "{body}: {:?}", reading.faults);
        }
    }

    #[test]
    fn no_alerts_are_no_fault() {
        for settings in [BY_ALERT, BY_GROUP] {
            assert_eq!(read(br#"{"version": "4", "groupKey": "g", "alerts": []}"#, &settings), Reading::default());
        }
    }

    #[test]
    fn both_of_a_pair_say_the_same() {
        let (first, mut second) = (fixture(), fixture());
        second["receiver"] = "opsguard-b".into();
        for settings in [BY_ALERT, BY_GROUP] {
            let pair = [FIXTURE.to_owned(), second.to_string()].map(|body| read(body.as_bytes(), &settings).signals);
            assert_eq!(pair[0], pair[1]);
        }
        // The address of each one is its own; nothing else differs.
        second["externalURL"] = "http://alertmanager-b:9093".into();
        let [mut a, mut b] = [first, second].map(|p| read(p.to_string().as_bytes(), &BY_ALERT).signals);
        a.iter_mut().chain(&mut b).for_each(|s| s.links.retain(|l| l.title != "Alertmanager"));
        assert_eq!(a, b);
    }

    #[test]
    fn a_group_is_one_signal() {
        let reading = read(FIXTURE.as_bytes(), &BY_GROUP);
        let [group] = reading.signals.try_into().unwrap();
        assert_eq!((group.dedup_key.as_str(), group.key_from.as_str()), ("{}:{alertname=\"HighLatency\"}", "groupKey"));
        assert_eq!((group.status, group.severity), (SignalStatus::Firing, Severity::Critical));
        assert_eq!((group.title.as_str(), group.description.as_str()), ("HighLatency (1 alert)", "- p99 über 2 s 🔥"));
        assert_eq!(group.labels.get("job").map(String::as_str), Some("api"));
        assert_eq!(group.links.iter().map(|l| l.title.as_str()).collect::<Vec<_>>(), ["Source", "Alertmanager", "Runbook"]);
    }

    #[test]
    fn a_group_is_over_when_all_of_it_is_known_to_be() {
        use SignalStatus::{Firing, Resolved};
        let (on, off, bad) = (json!({"status": "firing", "labels": {}}), json!({"status": "resolved", "labels": {}}), json!(1));
        for (status, alerts, truncated, expected) in [
            (json!("resolved"), vec![&off, &off], 0, Resolved),
            (json!("resolved"), vec![&off, &on], 0, Firing),
            (json!("firing"), vec![&off], 0, Firing),
            (json!(null), vec![&off], 0, Resolved),
            (json!(null), vec![&off, &bad], 0, Firing),
            (json!("resolved"), vec![&off, &bad], 0, Resolved),
            (json!("resolved"), vec![&off], 3, Firing),
        ] {
            let body = json!({"groupKey": "g", "status": status, "alerts": alerts, "truncatedAlerts": truncated}).to_string();
            let reading = read(body.as_bytes(), &BY_GROUP);
            assert_eq!((reading.signals.len(), reading.signals[0].status, reading.truncated), (1, expected, truncated), "{body}");
        }
    }

    #[test]
    fn a_group_without_a_key_is_known_by_its_labels_and_else_read_by_alert() {
        let alerts = json!([{"fingerprint": "f", "labels": {}}]);
        for (body, from) in [
            (json!({"groupLabels": {"a": "b"}, "alerts": alerts}), "groupLabels"),
            (json!({"groupKey": "g".repeat(256), "alerts": alerts}), "groupKey (hashed)"),
            (json!({"alerts": alerts}), "fingerprint"),
        ] {
            assert_eq!(read(body.to_string().as_bytes(), &BY_GROUP).signals[0].key_from, from, "{body}");
        }
    }

    #[test]
    fn what_is_huge_is_cut() {
        let labels: Map<_, _> = (0..500).map(|n| (format!("l{n}"), "ü".repeat(2_000).into())).collect();
        let reading = one(json!({"labels": labels, "annotations": {"summary": "s".repeat(100_000), "description": "d".repeat(100_000)},
            "generatorURL": format!("http://{}", "a".repeat(3_000))}));
        hostile::check_bounds(&reading.signals[0]);
        assert!(reading.signals[0].description.ends_with('…') && reading.signals[0].links.is_empty());
        let nested = format!(r#"{{"alerts": [{{"labels": {}"#, r#"{"a":"#.repeat(50_000));
        assert!(read(nested.as_bytes(), &BY_ALERT).is_rejected());
        let left_out = json!({"groupKey": "g", "alerts": [{"labels": {"alertname": "a".repeat(500)}}], "truncatedAlerts": u64::MAX});
        let group = &read(left_out.to_string().as_bytes(), &BY_GROUP).signals[0];
        hostile::check_bounds(group);
        assert!(group.title.ends_with("… (18446744073709551615 alerts)"), "{}", group.title);
        let flood = format!(r#"{{"alerts": [{}0]}}"#, "0,".repeat(100_000));
        assert_eq!(read(flood.as_bytes(), &BY_ALERT).faults.last().unwrap(), "and 99951 more");
    }

    #[test]
    fn nothing_makes_it_panic() {
        for settings in [BY_ALERT, BY_GROUP] {
            for body in hostile::truncations(FIXTURE) {
                assert!(read(body, &settings).is_rejected(), "{}", String::from_utf8_lossy(body));
            }
            for body in hostile::mutations(FIXTURE, 2_000) {
                let reading = read(&body, &settings);
                reading.signals.iter().for_each(hostile::check_bounds);
            }
        }
    }
}
