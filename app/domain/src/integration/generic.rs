//! Our own contract for what can only send JSON or a form: `{title, description?, severity?, dedup_key?, status?, labels?,
//! links?}`, alone or in an array.

use serde_json::{Map, Value, json};

use super::{
    Reading,
    json::{self, FaultList, cut, text_of, texts_of},
};
use crate::{
    alert::{Signal, SignalStatus},
    incident::Severity,
};

const FIELDS: [&str; 7] = ["title", "description", "severity", "dedup_key", "status", "labels", "links"];
const EXPECTED: &str = r#"expected an object (or an array of objects) such as {"title":"Disk full","severity":"high","dedup_key":"disk-db1","status":"firing","description":"..","labels":{"host":"db1"},"links":["https://.."]}"#;

/// Reads a payload: one signal per object.
pub fn read(body: &[u8]) -> Reading {
    let objects = match json::parse(body) {
        Ok(Value::Array(objects)) if objects.is_empty() => return Reading::rejected(format!("the array is empty; {EXPECTED}")),
        Ok(Value::Array(objects)) => objects,
        Ok(Value::Object(object)) => vec![Value::Object(object)],
        Ok(other) => return Reading::rejected(format!("got {}; {EXPECTED}", json::kind_of(&other))),
        Err(why) => return Reading::rejected(format!("{why}; {EXPECTED}")),
    };
    let alone = objects.len() == 1;
    let mut signals = Vec::new();
    let mut faults = FaultList::default();
    for (n, object) in objects.iter().enumerate() {
        let place = || if alone { String::new() } else { format!("[{n}]: ") };
        match object {
            Value::Object(fields) if FIELDS.iter().any(|name| fields.contains_key(*name)) => {
                signals.push(signal_of(fields, |fault| faults.push(|| place() + &fault)));
            }
            Value::Object(_) => faults.push(|| format!("{}none of the known fields is there; {EXPECTED}", place())),
            other => faults.push(|| format!("{}got {}; {EXPECTED}", place(), json::kind_of(other))),
        }
    }
    Reading { signals, faults: faults.finish(), truncated: 0 }
}

fn signal_of(fields: &Map<String, Value>, mut fault: impl FnMut(String)) -> Signal {
    let text = |name| text_of(fields.get(name));
    let labels = texts_of(fields.get("labels")).unwrap_or_else(|| {
        fault("`labels` must be an object of strings; read without them".into());
        Default::default()
    });
    let description = text("description").unwrap_or_default();
    let title = text("title").or_else(|| description.lines().next().map(str::to_owned));
    let (dedup_key, key_from) = match (text("dedup_key"), &title) {
        (Some(key), _) => json::key(key, "dedup_key"),
        (None, None) if !labels.is_empty() => json::key_of_labels(&labels, "labels"),
        // All of it, not what is kept: long titles that differ at the end are different alerts.
        (None, title) => (json::stable_hash([title.as_deref().unwrap_or_default()]), "title".into()),
    };
    let status = match text("status") {
        None => SignalStatus::Firing,
        Some(word) => status_of(&word).unwrap_or_else(|| {
            fault(format!("status `{}` is not known, taken as firing; known are firing, acknowledged, resolved", cut(&word, 40)));
            SignalStatus::Firing
        }),
    };
    let (severity, severity_from) = match text("severity").and_then(|word| Severity::from_label(&word)) {
        Some(severity) => (severity, "severity".into()),
        None => json::severity_of(&labels),
    };
    Signal {
        dedup_key,
        key_from,
        status,
        title: Signal::clean_title(title.as_deref().unwrap_or_default()),
        description: cut(&description, json::MAX_DESCRIPTION),
        severity,
        severity_from,
        labels: json::labels_of(&labels),
        links: json::links_of(fields.get("links")),
        started_at: None,
    }
}

fn status_of(word: &str) -> Option<SignalStatus> {
    Some(match word.to_ascii_lowercase().as_str() {
        "firing" | "fire" | "fired" | "alerting" | "alert" | "alarm" | "triggered" | "trigger" | "problem" | "open" | "opened"
        | "active" | "down" | "failed" | "failing" => SignalStatus::Firing,
        "resolved" | "resolve" | "ok" | "okay" | "normal" | "recovered" | "recovery" | "closed" | "close" | "cleared" | "clear"
        | "inactive" | "up" | "healthy" => SignalStatus::Resolved,
        "acknowledged" | "acknowledge" | "acked" | "ack" => SignalStatus::Acknowledged,
        _ => return None,
    })
}

/// A form (application/x-www-form-urlencoded) as the JSON that [`read`] takes: `labels.host=a` or `labels[host]=a` is a label,
/// `links` may repeat. JSON passes as it is, since `curl -d '{..}'` calls it a form.
pub fn form_to_json(body: &[u8]) -> Result<Vec<u8>, String> {
    const EXAMPLE: &str = "expected a form such as title=Disk+full&severity=high&labels.host=db1";
    let body = body.trim_ascii();
    if body.is_empty() {
        return Err(format!("the form is empty; {EXAMPLE}"));
    }
    if matches!(body[0], b'{' | b'[') {
        return Ok(body.to_vec());
    }
    if !body.contains(&b'=') {
        return Err(format!("the form has no name=value; {EXAMPLE}"));
    }
    let (mut fields, mut labels, mut links) = (Map::new(), Map::new(), Vec::new());
    for pair in body.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let equals = pair.iter().position(|b| *b == b'=');
        let (name, value) = equals.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        let (name, value) = (decode(name), decode(value));
        let label = name.strip_prefix("labels.").or_else(|| name.strip_prefix("labels[")?.strip_suffix(']'));
        match label {
            Some(label) => drop(labels.insert(label.to_owned(), value.into())),
            None if name == "links" || name == "links[]" => links.push(Value::String(value)),
            None => drop(fields.insert(name, value.into())),
        }
    }
    if !labels.is_empty() {
        fields.insert("labels".into(), labels.into());
    }
    if !links.is_empty() {
        fields.insert("links".into(), links.into());
    }
    Ok(json!(fields).to_string().into_bytes())
}

/// Percent-decoding with `+` as space; what is no escape stays as it is, what is no UTF-8 is replaced.
fn decode(text: &[u8]) -> String {
    let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let (decoded, width) = match (byte, hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', ..) => (b' ', 1),
            _ => (*byte, 1),
        };
        bytes.push(decoded);
        at += width;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::json::hostile, *};
    use crate::service::Link;

    const FIXTURE: &str = r#"[{"title": "Disk full on db1", "description": "97 % of /var is used.", "severity": "high", "dedup_key": "disk-db1",
  "status": "firing", "labels": {"host": "db1", "used": 97, "ro": false, "mount": null},
  "links": ["https://wiki.example/disk", {"title": "Dashboard", "url": "https://grafana.example/d/1"}]},
  {"title": "Größe überschritten \ud83d\udd25", "status": "ok"}]"#;

    fn one(object: Value) -> Signal {
        let reading = read(object.to_string().as_bytes());
        assert_eq!(reading.signals.len(), 1, "{object}: {:?}", reading.faults);
        reading.signals.into_iter().next().unwrap()
    }

    #[test]
    fn every_field_is_read() {
        let reading = read(FIXTURE.as_bytes());
        assert!(reading.faults.is_empty());
        let [disk, size] = reading.signals.try_into().unwrap();
        let link = |title: &str, url: &str| Link { title: title.into(), url: url.into() };
        assert_eq!(
            disk,
            Signal {
                dedup_key: "disk-db1".into(),
                key_from: "dedup_key".into(),
                status: SignalStatus::Firing,
                title: "Disk full on db1".into(),
                description: "97 % of /var is used.".into(),
                severity: Severity::High,
                severity_from: "severity".into(),
                labels: [("host", "db1"), ("used", "97"), ("ro", "false"), ("mount", "")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
                links: vec![link("Link", "https://wiki.example/disk"), link("Dashboard", "https://grafana.example/d/1")],
                started_at: None,
            }
        );
        assert_eq!((size.title.as_str(), size.status, size.key_from.as_str()), ("Größe überschritten 🔥", SignalStatus::Resolved, "title"));
    }

    #[test]
    fn a_title_alone_is_an_alert_and_its_own_key() {
        let first = one(json!({"title": "Disk full"}));
        assert_eq!((first.severity, first.severity_from.as_str(), first.status), (Severity::Medium, "default", SignalStatus::Firing));
        assert_eq!(first, one(json!({"title": " Disk full "})));
        assert_eq!(first.dedup_key, one(json!({"title": "Disk full", "status": "resolved"})).dedup_key);
        assert_ne!(first.dedup_key, one(json!({"title": "Disk full!"})).dedup_key);
        let long = |end: &str| one(json!({"title": "x".repeat(300) + end}));
        assert_eq!(long("a").title, long("b").title);
        assert_ne!(long("a").dedup_key, long("b").dedup_key);
    }

    #[test]
    fn without_a_title_there_is_one_all_the_same() {
        for (object, title, from) in [
            (json!({"description": "first\nsecond"}), "first", "title"),
            (json!({"title": "  ", "description": "first"}), "first", "title"),
            (json!({"title": 42}), "42", "title"),
            (json!({"title": ["a"]}), "[\"a\"]", "title"),
            (json!({"severity": "high"}), "(untitled)", "title"),
            (json!({"labels": {"host": "a"}}), "(untitled)", "labels"),
            (json!({"dedup_key": 7}), "(untitled)", "dedup_key"),
            (json!({"dedup_key": "k".repeat(300)}), "(untitled)", "dedup_key (hashed)"),
        ] {
            let signal = one(object.clone());
            assert_eq!((signal.title.as_str(), signal.key_from.as_str()), (title, from), "{object}");
        }
    }

    #[test]
    fn the_usual_words_for_a_status_are_known() {
        use SignalStatus::{Acknowledged, Firing, Resolved};
        for (word, expected) in [
            ("firing", Firing),
            ("Alerting", Firing),
            ("TRIGGERED", Firing),
            ("ok", Resolved),
            (" resolved ", Resolved),
            ("acknowledged", Acknowledged),
        ] {
            assert_eq!(one(json!({"title": "t", "status": word})).status, expected, "{word}");
        }
        let reading = read(br#"{"title": "t", "status": "fixed"}"#);
        assert_eq!((reading.signals[0].status, reading.is_rejected()), (Firing, false));
        assert_eq!(reading.faults, ["status `fixed` is not known, taken as firing; known are firing, acknowledged, resolved"]);
    }

    #[test]
    fn a_severity_may_stand_in_the_labels() {
        for (object, severity, from) in [
            (json!({"title": "t", "severity": "P1"}), Severity::Critical, "severity"),
            (json!({"title": "t", "severity": "loud", "labels": {"severity": "page"}}), Severity::Critical, "labels.severity"),
            (json!({"title": "t", "severity": {}}), Severity::Medium, "default"),
        ] {
            let signal = one(object.clone());
            assert_eq!((signal.severity, signal.severity_from.as_str()), (severity, from), "{object}");
        }
    }

    #[test]
    fn one_bad_object_does_not_cost_the_others() {
        let reading = read(br#"[{"title": "a"}, 7, {"name": "x"}, {"title": "b", "labels": "host=a"}]"#);
        assert_eq!(reading.signals.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let starts = ["[1]: got a number; expected an object", "[2]: none of the known fields is there; expected", "[3]: `labels` must be"];
        assert_eq!(reading.faults.len(), 3);
        for (fault, start) in reading.faults.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_rejected_with_an_example() {
        for (body, start) in [
            ("", "the body is empty; "),
            ("[]", "the array is empty; "),
            ("\"Disk full\"", "got a string; "),
            ("{}", "none of the known fields is there; "),
            (r#"{"text": "hello"}"#, "none of the known fields is there; "),
            ("{\"title\": \"a\"\n\"b\"}", "not JSON: expected `,` or `}` at line 2 column 1; "),
        ] {
            let reading = read(body.as_bytes());
            assert!(reading.is_rejected(), "{body}");
            assert!(reading.faults[0].starts_with(start) && reading.faults[0].contains(r#"{"title":"Disk full""#), "{:?}", reading.faults);
        }
    }

    #[test]
    fn a_form_is_read_like_json() {
        for (form, expected) in [
            ("title=Disk+full&severity=high", json!({"title": "Disk full", "severity": "high"})),
            ("title=100%25+%C3%BCber&labels.host=a&labels[zone]=b", json!({"title": "100% über", "labels": {"host": "a", "zone": "b"}})),
            ("title=a%3Db%26c=d", json!({"title": "a=b&c=d"})),
            ("title=50%&x=%zz&y=%f", json!({"title": "50%", "x": "%zz", "y": "%f"})),
            ("title=caf%E9", json!({"title": "caf\u{fffd}"})),
            ("links=https%3A%2F%2Fa&links=https://b&&title", json!({"links": ["https://a", "https://b"], "title": ""})),
            ("labels%2Ehost=a", json!({"labels": {"host": "a"}})),
            ("title=first&title=last", json!({"title": "last"})),
            (r#" {"title": "curl -d"} "#, json!({"title": "curl -d"})),
        ] {
            let got: Value = serde_json::from_slice(&form_to_json(form.as_bytes()).unwrap()).unwrap();
            assert_eq!(got, expected, "{form}");
        }
        for (form, start) in [("", "the form is empty"), (" \r\n", "the form is empty"), ("hello", "the form has no name=value")] {
            assert!(form_to_json(form.as_bytes()).unwrap_err().starts_with(start), "{form}");
        }
    }

    #[test]
    fn what_is_huge_is_cut() {
        let links: Vec<_> = (0..100).map(|n| format!("https://example.org/{n}")).collect();
        let signal =
            one(json!({"title": "🔥".repeat(10_000), "description": "日".repeat(100_000), "links": links, "dedup_key": "é".repeat(200)}));
        hostile::check_bounds(&signal);
        assert_eq!((signal.links.len(), signal.description.chars().count()), (json::MAX_LINKS, json::MAX_DESCRIPTION));
        hostile::check_bounds(&one(
            json!({"title": "a\u{0}b", "dedup_key": "k\u{0}", "labels": {"h\u{0}": "\u{0}"}, "description": "\u{0}"}),
        ));
        assert!(read("[".repeat(200_000).as_bytes()).is_rejected());
    }

    #[test]
    fn nothing_makes_it_panic() {
        for body in hostile::truncations(FIXTURE) {
            assert!(read(body).is_rejected(), "{}", String::from_utf8_lossy(body));
        }
        const FORM: &str = "title=Disk+full%20%C3%BC&severity=high&labels.host=a&labels[b]=%F0%9F%94%A5&links=https%3A%2F%2Fa&status=ok";
        let forms = hostile::truncations(FORM).map(<[u8]>::to_vec).chain(hostile::mutations(FORM, 2_000));
        let bodies = forms.filter_map(|form| form_to_json(&form).ok()).chain(hostile::mutations(FIXTURE, 2_000));
        for body in bodies {
            read(&body).signals.iter().for_each(hostile::check_bounds);
        }
    }
}
