//! An integration: one inbound source of a service, with its own secret URL; and the readers of what sources send.

mod alertmanager;
mod generic;
mod json;
mod pagerduty;

pub use alertmanager::read as read_alertmanager;
pub use generic::{form_to_json, read as read_generic};
pub use pagerduty::{EnqueueEvent, read as read_pagerduty};

use serde::{Deserialize, Serialize};

use crate::{Id, Instant, Prefixed, Problem, alert::Signal, problem::Faults, service::Service};

/// The contract that a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Kind {
    /// Prometheus Alertmanager, webhook version 4.
    Alertmanager,
    /// PagerDuty Events API v2.
    Pagerduty,
    /// `{title, severity?, dedup_key?, status?, ...}`.
    Generic,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Alertmanager, Self::Pagerduty, Self::Generic];

    /// The word on the wire and in `/in/<kind>/<key>`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::Pagerduty => "pagerduty",
            Self::Generic => "generic",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// The name that people know it by.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Alertmanager => "Prometheus Alertmanager",
            Self::Pagerduty => "PagerDuty Events v2",
            Self::Generic => "Generic JSON",
        }
    }
}

/// Settings of one kind; others ignore them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Alertmanager: one alert per group instead of one per fingerprint.
    pub key_by_group: bool,
}

/// An inbound source of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Integration {
    /// Identity.
    pub id: Id<Integration>,
    /// The service that gets its alerts.
    pub service_id: Id<Service>,
    /// The contract.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// The last characters of the key, to tell it apart.
    pub key_hint: String,
    /// Of this kind.
    pub settings: Settings,
    /// While set, what comes is refused.
    pub disabled_at: Option<Instant>,
    /// The latest payload that was accepted.
    pub last_received_at: Option<Instant>,
    /// The latest payload that was rejected.
    pub last_error_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits by people.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for Integration {
    const PREFIX: &'static str = "int";
}

/// What a person gives to make an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IntegrationIn {
    /// The contract.
    pub kind: Kind,
    /// At most 120 characters; the kind's name unless given.
    #[serde(default)]
    pub name: String,
    /// Of this kind.
    #[serde(default)]
    pub settings: Settings,
}

/// An edit: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct IntegrationPatch {
    /// New name.
    pub name: Option<String>,
    /// New settings, all of them.
    pub settings: Option<Settings>,
    /// True refuses what comes, false takes it again.
    pub disabled: Option<bool>,
}

/// The name, trimmed; the kind's name when empty.
pub fn validate_name(kind: Kind, name: &str) -> Result<String, Problem> {
    let mut faults = Faults::default();
    let name = faults.optional_text("name", name, 120);
    faults.finish()?;
    Ok(if name.is_empty() { kind.title().into() } else { name })
}

/// What was read from one payload.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Every alert object that could be read, in order.
    pub signals: Vec<Signal>,
    /// Words for what could not; shown in the integration's error list.
    pub faults: Vec<String>,
    /// Alerts that the source left out of this payload (`truncatedAlerts`).
    pub truncated: u64,
}

impl Reading {
    /// Nothing was readable: the answer is 400 with what was expected.
    pub fn is_rejected(&self) -> bool {
        self.signals.is_empty() && !self.faults.is_empty()
    }

    /// Nothing could be read, and why.
    pub fn rejected(fault: impl Into<String>) -> Self {
        Self { faults: vec![fault.into()], ..Self::default() }
    }
}

/// A payload that was kept for people to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payload {
    /// Identity.
    pub id: Id<Payload>,
    /// When it came.
    pub at: Instant,
    /// The HTTP status that it got.
    pub status: i64,
    /// As sent; failed ones at most 64 kB.
    pub body: String,
    /// Why it was refused, or what of it could not be read.
    pub error: Option<String>,
    /// When it was replayed.
    pub replayed_at: Option<Instant>,
}

impl Prefixed for Payload {
    const PREFIX: &'static str = "pay";
}
