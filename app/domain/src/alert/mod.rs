//! An alert: one deduplicated signal from a source.

mod fold;
mod signal;

pub use fold::{Change, FLAP_CHANGES, FLAP_QUIET_MS, FLAP_WINDOW_MS, Origin, Outcome, fold, group_key};
pub use signal::{MAX_KEY, MAX_TITLE, Signal, SignalStatus};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Id, Instant, Prefixed,
    incident::{Incident, Severity},
    integration::Integration,
    service::{Link, Service},
};

/// Whether the source still complains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AlertStatus {
    /// It does.
    Firing,
    /// It does not.
    Resolved,
}

impl AlertStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "firing" => Some(Self::Firing),
            "resolved" => Some(Self::Resolved),
            _ => None,
        }
    }
}

/// Why an alert ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EndReason {
    /// The source said so.
    Source,
    /// A person resolved or closed its incident.
    IncidentResolved,
}

impl EndReason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::IncidentResolved => "incident_resolved",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "source" => Some(Self::Source),
            "incident_resolved" => Some(Self::IncidentResolved),
            _ => None,
        }
    }
}

/// The inputs from which an alert became what it is, as stored: rule -> dedup key -> group -> incident -> policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Explanation {
    /// The kind of integration that read it.
    pub rule: String,
    /// What the dedup key was taken from: `fingerprint`, `groupKey`, `dedup_key`, `title`.
    pub key_from: String,
    /// What the severity was taken from: `labels.severity`, `payload.severity`, `default`.
    pub severity_from: String,
    /// The service's grouping when it came: `none`, `labels`, `window`.
    pub grouping: String,
    /// The group that it fell into, when grouping made one.
    pub group_key: Option<String>,
    /// `opened`, `joined`, `reopened`, `held`.
    pub incident: String,
    /// The policy that was asked whom to page; comes with on-call.
    pub policy_id: Option<uuid::Uuid>,
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// Identity.
    pub id: Id<Alert>,
    /// The service it concerns.
    pub service_id: Id<Service>,
    /// Where it came from; absent for OpsGuard's own.
    pub integration_id: Option<Id<Integration>>,
    /// The incident it belongs to; absent while it is held.
    pub incident_id: Option<Id<Incident>>,
    /// What makes two signals the same alert, within the service.
    pub dedup_key: String,
    /// Firing or resolved.
    pub status: AlertStatus,
    /// How bad, by the highest signal of this episode.
    pub severity: Severity,
    /// A line.
    pub title: String,
    /// Plain words from the source.
    pub description: String,
    /// From the source.
    pub labels: BTreeMap<String, String>,
    /// From the source.
    pub links: Vec<Link>,
    /// Firing signals so far.
    pub count: i64,
    /// The first signal.
    pub first_seen_at: Instant,
    /// The latest signal.
    pub last_seen_at: Instant,
    /// The end.
    pub resolved_at: Option<Instant>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// While set and firing, no incident opens before this.
    pub hold_until: Option<Instant>,
    /// The instants of the latest changes between firing and resolved, newest last.
    pub flips: Vec<Instant>,
    /// How it came to be where it is.
    pub explanation: Explanation,
    /// All changes but repeats.
    pub rev: i64,
}

impl Prefixed for Alert {
    const PREFIX: &'static str = "alr";
}

impl Alert {
    /// Changed state four times within half an hour, up to this instant.
    pub fn is_flapping(&self, now: Instant) -> bool {
        self.flips.len() >= FLAP_CHANGES && self.flips.last().is_some_and(|last| now.since(*last) < FLAP_QUIET_MS)
    }
}
