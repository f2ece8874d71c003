//! What a source says about one alert, read from its payload and not yet compared with what we know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Instant, incident::Severity, service::Link};

/// Longest title that is kept, in characters.
pub const MAX_TITLE: usize = 200;
/// Longest dedup key, in bytes.
pub const MAX_KEY: usize = 255;

/// What the source says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalStatus {
    /// It is wrong.
    Firing,
    /// Somebody took it at the source.
    Acknowledged,
    /// It is over.
    Resolved,
}

/// One alert object of a payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// What makes two signals the same alert; at most [`MAX_KEY`] bytes.
    pub dedup_key: String,
    /// What the key was taken from, for the explanation.
    pub key_from: String,
    /// What the source says.
    pub status: SignalStatus,
    /// A line; never empty, at most [`MAX_TITLE`] characters.
    pub title: String,
    /// Plain words.
    pub description: String,
    /// How bad.
    pub severity: Severity,
    /// What the severity was taken from, for the explanation.
    pub severity_from: String,
    /// Labels of the source.
    pub labels: BTreeMap<String, String>,
    /// Links of the source.
    pub links: Vec<Link>,
    /// When the source saw it first, if it says.
    pub started_at: Option<Instant>,
}

impl Signal {
    /// A title as it is kept: one line, trimmed, "(untitled)" when there is none.
    pub fn clean_title(text: &str) -> String {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).collect();
        if line.is_empty() {
            return "(untitled)".into();
        }
        match line.char_indices().nth(MAX_TITLE) {
            None => line,
            Some(_) => line.chars().take(MAX_TITLE - 1).chain(['…']).collect(),
        }
    }

    /// The severity by a label of the service's choice, when the label has a known word.
    pub fn override_severity(&mut self, label: &str) {
        if let Some(severity) = self.labels.get(label).and_then(|v| Severity::from_label(v)) {
            self.severity = severity;
            self.severity_from = format!("labels.{label} (service)");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_and_never_empty() {
        assert_eq!(Signal::clean_title("  disk\n full "), "disk full");
        assert_eq!(Signal::clean_title(" \n"), "(untitled)");
        assert_eq!(Signal::clean_title(&"é".repeat(300)).chars().count(), MAX_TITLE);
    }
}
