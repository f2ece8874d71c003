//! What the readers share: lenient JSON to bounded text.
//!
//! A sender that pages someone may be sloppy, so a number where text belongs is text, and bytes that are no UTF-8 cost one
//! character and not the alert. What is kept is bounded here, and free of NUL, which PostgreSQL does not store.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{alert::MAX_KEY, incident::Severity, service::Link};

/// Labels that are kept of one alert.
pub(super) const MAX_LABELS: usize = 64;
/// Longest label name, in characters.
pub(super) const MAX_LABEL_NAME: usize = 128;
/// Longest label value, in characters.
pub(super) const MAX_LABEL_VALUE: usize = 1_024;
/// Longest description, in characters.
pub(super) const MAX_DESCRIPTION: usize = 8_000;
/// Links that are kept of one alert.
pub(super) const MAX_LINKS: usize = 20;
/// Longest title of a link, in characters.
const MAX_LINK_TITLE: usize = 200;
/// Longest address of a link, in characters.
const MAX_URL: usize = 2_000;
/// Faults that are told of one payload; the rest is counted.
const MAX_FAULTS: usize = 50;

/// Text by name, sorted: the order in the payload says nothing.
pub(super) type Texts = BTreeMap<String, String>;

/// The value of a body, or what is wrong with it and where. Nesting is bounded by serde_json (128).
pub(super) fn parse(body: &[u8]) -> Result<Value, String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("the body is empty".into());
    }
    serde_json::from_str(text).or_else(|e| serde_json::from_str(&mend_surrogates(text)).map_err(|_| format!("not JSON: {e}")))
}

/// Replaces escaped halves of surrogate pairs, which are what is left when JavaScript cuts a text within an emoji. serde_json
/// refuses the document for them.
fn mend_surrogates(text: &str) -> String {
    let unit = |at: usize| {
        let escape = text.get(at..at + 6).filter(|e| e.starts_with("\\u"))?;
        u16::from_str_radix(&escape[2..], 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        let start = at + found;
        mended.push_str(&text[at..start]);
        let (kept, width) = match unit(start) {
            Some(0xD800..=0xDBFF) if matches!(unit(start + 6), Some(0xDC00..=0xDFFF)) => (true, 12),
            Some(0xD800..=0xDFFF) => (false, 6),
            Some(_) => (true, 6),
            None => (true, 1 + text[start + 1..].chars().next().map_or(0, char::len_utf8)),
        };
        at = start + width;
        mended.push_str(if kept { &text[start..at] } else { "\\ufffd" });
    }
    mended.push_str(&text[at..]);
    mended
}

/// What a value is, in words for a fault.
pub(super) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The value as text, trimmed and without NUL; what is nested as compact JSON. `None` when it is absent, null or blank.
pub(super) fn text_of(value: Option<&Value>) -> Option<String> {
    let text = match value? {
        Value::Null => return None,
        Value::String(text) => text.replace('\0', ""),
        other => other.to_string(),
    };
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Every named text of an object, in full; null is empty. `None` when the value is no object. Absent and null are empty
/// objects.
pub(super) fn texts_of(value: Option<&Value>) -> Option<Texts> {
    match value {
        None | Some(Value::Null) => Some(Texts::new()),
        Some(Value::Object(object)) => Some(
            object
                .iter()
                .map(|(name, value)| (name.replace('\0', "").trim().to_owned(), text_of(Some(value)).unwrap_or_default()))
                .filter(|(name, _)| !name.is_empty())
                .collect(),
        ),
        Some(_) => None,
    }
}

/// Labels as they are kept: the first [`MAX_LABELS`] by name, names and values cut.
pub(super) fn labels_of(texts: &Texts) -> BTreeMap<String, String> {
    texts.iter().take(MAX_LABELS).map(|(name, value)| (cut(name, MAX_LABEL_NAME), cut(value, MAX_LABEL_VALUE))).collect()
}

/// The severity that the labels tell, and where from.
pub(super) fn severity_of(labels: &Texts) -> (Severity, String) {
    for name in ["severity", "priority"] {
        if let Some(severity) = labels.get(name).and_then(|word| Severity::from_label(word)) {
            return (severity, format!("labels.{name}"));
        }
    }
    (Severity::Medium, "default".into())
}

/// Links: texts, or objects with an address and a title under any of the usual names. What cannot be followed is left out.
pub(super) fn links_of(value: Option<&Value>) -> Vec<Link> {
    let one = |value: &Value| {
        let first = |names: &[&str]| names.iter().find_map(|name| text_of(value.get(name)));
        match value {
            Value::String(_) => link("Link", text_of(Some(value))),
            _ => link(&first(&["title", "text", "alt"]).unwrap_or_else(|| "Link".into()), first(&["url", "src", "href"])),
        }
    };
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(one).take(MAX_LINKS).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => Vec::new(),
    }
}

/// A link that is safe to show: http or https, of a sane length, in one piece.
pub(super) fn link(title: &str, url: Option<String>) -> Option<Link> {
    let url = url?;
    let is_web = ["http://", "https://"].iter().any(|s| url.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s)));
    let whole = url.chars().count() <= MAX_URL && !url.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_web && whole).then(|| Link { title: cut(title, MAX_LINK_TITLE), url })
}

/// The first `max` characters; when there are more, the last of them is an ellipsis.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The key and where it came from; a key that is too long to store is replaced by its hash.
pub(super) fn key(text: String, from: &str) -> (String, String) {
    if text.len() <= MAX_KEY { (text, from.to_owned()) } else { (stable_hash([text.as_str()]), format!("{from} (hashed)")) }
}

/// The key of these labels: equal for equal sets.
pub(super) fn key_of_labels(labels: &Texts, from: &str) -> (String, String) {
    (stable_hash(labels.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()])), from.to_owned())
}

/// FNV-1a with 128 bits as 32 hex digits; parts are kept apart by a byte that UTF-8 does not have.
///
/// The result is stored as a dedup key, so it must be the same in every build and on every machine; std's SipHash
/// (`DefaultHasher`) promises neither. Nobody gains by a collision: who can send an alert can name its key.
pub(super) fn stable_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let eat = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    let mut hash = OFFSET;
    for (n, part) in parts.into_iter().enumerate() {
        if n > 0 {
            hash = eat(hash, 0xff);
        }
        hash = part.bytes().fold(hash, eat);
    }
    format!("{hash:032x}")
}

/// Faults of one payload, bounded: five megabytes of nonsense are not millions of sentences.
#[derive(Debug, Default)]
pub(super) struct FaultList {
    told: Vec<String>,
    more: usize,
}

impl FaultList {
    /// Notes a fault.
    pub(super) fn push(&mut self, fault: impl FnOnce() -> String) {
        if self.told.len() < MAX_FAULTS { self.told.push(fault()) } else { self.more += 1 }
    }

    /// All that was told, and how many were not.
    pub(super) fn finish(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told.push(format!("and {} more", self.more));
        }
        self.told
    }
}

/// Bad input for the tests of the readers.
#[cfg(test)]
pub(super) mod hostile {
    use super::*;
    use crate::alert::{MAX_TITLE, Signal};

    /// The text cut after every byte.
    pub fn truncations(text: &str) -> impl Iterator<Item = &[u8]> {
        (0..text.len()).map(|end| &text.as_bytes()[..end])
    }

    /// `rounds` deterministic mutations: bytes flipped, cut out, doubled, or replaced by a token that matters to JSON.
    pub fn mutations(text: &str, rounds: usize) -> impl Iterator<Item = Vec<u8>> {
        const TOKENS: [&str; 12] =
            ["{", "}", "[", "]", "null", "\"\"", "1e308", "\\u0000", "\\ud83d", "\u{1f525}", ",", "{\"a\":[{\"b\":null}]}"];
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below.max(1) as u64) as usize
        };
        (0..rounds).map(move |_| {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                let end = (at + random(24)).min(bytes.len());
                match random(5) {
                    0 if at < bytes.len() => bytes[at] ^= 1 << random(8),
                    1 => drop(bytes.drain(at..end)),
                    2 => bytes.extend_from_within(at..end),
                    3 => drop(bytes.splice(at..end, TOKENS[random(TOKENS.len())].bytes())),
                    _ => drop(bytes.splice(at..at, TOKENS[random(TOKENS.len())].bytes())),
                }
            }
            bytes
        })
    }

    /// What every signal promises, whatever was sent.
    #[track_caller]
    pub fn check_bounds(signal: &Signal) {
        assert!(!signal.title.trim().is_empty() && signal.title.chars().count() <= MAX_TITLE, "{signal:?}");
        assert!(!signal.dedup_key.is_empty() && signal.dedup_key.len() <= MAX_KEY, "{signal:?}");
        assert!(signal.description.chars().count() <= MAX_DESCRIPTION && signal.links.len() <= MAX_LINKS, "{signal:?}");
        assert!(signal.labels.len() <= MAX_LABELS, "{signal:?}");
        for (name, value) in &signal.labels {
            assert!(name.chars().count() <= MAX_LABEL_NAME && value.chars().count() <= MAX_LABEL_VALUE, "{signal:?}");
        }
        assert!(signal.links.iter().all(|l| l.url.len() >= 7 && l.url[..4].eq_ignore_ascii_case("http")), "{signal:?}");
        assert!(!format!("{signal:?}").contains("\\0"), "a NUL is left: {signal:?}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_hash_is_the_same_in_every_build() {
        // Published test vectors of FNV-1a with 128 bits (Noll), and our own way to keep parts apart.
        for (parts, expected) in [
            (vec![""], "6c62272e07bb014262b821756295c58d"),
            (vec!["a"], "d228cb696f1a8caf78912b704e4a8964"),
            (vec!["foobar"], "343e1662793c64bf6f0d3597ba446f18"),
        ] {
            assert_eq!(stable_hash(parts.iter().copied()), expected, "{parts:?}");
        }
        assert_ne!(stable_hash(["ab", "c"]), stable_hash(["a", "bc"]));
        assert_ne!(stable_hash(["a"]), stable_hash(["a", ""]));
    }

    #[test]
    fn a_key_that_is_too_long_becomes_a_hash_that_says_so() {
        assert_eq!(key("k".repeat(255), "dedup_key"), ("k".repeat(255), "dedup_key".into()));
        let (hashed, from) = key("k".repeat(256), "dedup_key");
        assert_eq!((hashed.len(), from.as_str()), (32, "dedup_key (hashed)"));
        assert_ne!(hashed, key("k".repeat(257), "dedup_key").0);
    }

    #[test]
    fn any_value_is_text() {
        for (value, expected) in [
            (json!(" a "), Some("a")),
            (json!(1.5), Some("1.5")),
            (json!(true), Some("true")),
            (json!({"a": [1]}), Some(r#"{"a":[1]}"#)),
            (json!("a\u{0}b"), Some("ab")),
            (json!(" \u{0} "), None),
            (json!(null), None),
        ] {
            assert_eq!(text_of(Some(&value)).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, max, expected) in [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語で", 3, "日本…"), ("", 3, "")] {
            assert_eq!(cut(text, max), expected);
        }
    }

    #[test]
    fn labels_are_bounded() {
        let many: Value = (0..100).map(|n| (format!("l{n:03}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
        assert_eq!(labels_of(&texts_of(Some(&many)).unwrap()).len(), MAX_LABELS);
        let long = json!({"n".repeat(500): "v".repeat(5_000)});
        let kept = labels_of(&texts_of(Some(&long)).unwrap());
        let (name, value) = kept.first_key_value().unwrap();
        assert_eq!((name.chars().count(), value.chars().count()), (MAX_LABEL_NAME, MAX_LABEL_VALUE));
        assert_eq!(texts_of(Some(&json!("host=a"))), None);
        assert_eq!(texts_of(Some(&json!({"a": null}))), Some([("a".to_owned(), String::new())].into()));
    }

    #[test]
    fn only_web_links_are_kept() {
        for (url, fine) in [
            ("https://grafana.example/d/1", true),
            ("HTTP://prometheus:9090/graph?g0.expr=up", true),
            ("javascript:alert(1)", false),
            ("ftp://example.org", false),
            ("/relative", false),
            ("https://a b", false),
            ("ht", false),
            ("日本語日本語", false),
        ] {
            assert_eq!(link("x", Some(url.into())).is_some(), fine, "{url}");
        }
        assert!(link("x", Some(format!("https://{}", "a".repeat(2_000)))).is_none());
        let mixed = json!(["https://a", {"title": "B", "url": "https://b"}, {"href": "https://c"}, 7, null, ["https://d"]]);
        let titles: Vec<_> = links_of(Some(&mixed)).into_iter().map(|l| (l.title, l.url)).collect();
        let expected = [("Link", "https://a"), ("B", "https://b"), ("Link", "https://c")];
        assert_eq!(titles, expected.map(|(t, u)| (t.to_owned(), u.to_owned())));
    }

    #[test]
    fn a_body_is_read_when_only_characters_are_broken() {
        for (body, expected) in [
            (&b"\"\\ud83d\""[..], "\u{fffd}"),
            (br#""\ud83d\ud83d\udd25""#, "\u{fffd}\u{1f525}"),
            (br#""\\ud83d \udd25""#, "\\ud83d \u{fffd}"),
            (b"\"caf\xe9\"", "caf\u{fffd}"),
            (b"\xef\xbb\xbf\"bom\"", "bom"),
        ] {
            assert_eq!(parse(body).unwrap(), expected, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_with_its_place() {
        assert_eq!(parse(b" \n").unwrap_err(), "the body is empty");
        let e = parse(b"{\n  \"a\": oops}").unwrap_err();
        assert!(e.starts_with("not JSON: ") && e.ends_with("at line 2 column 8"), "{e}");
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).unwrap_err().contains("recursion limit"));
    }

    #[test]
    fn a_flood_of_faults_is_counted() {
        let mut faults = FaultList::default();
        (0..60).for_each(|n| faults.push(|| format!("fault {n}")));
        let told = faults.finish();
        assert_eq!((told.len(), told[50].as_str()), (51, "and 10 more"));
    }
}
