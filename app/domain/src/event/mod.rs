//! The journal: one row for everything that happened. Timeline, audit, live feed and resume point are views of it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Instant;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorRef {
    /// `user`, `token`, `integration`, `system`, `anonymous`.
    pub kind: String,
    /// Which one.
    pub id: Option<Uuid>,
    /// The name to show; looked up when read, so that erasure reaches it.
    pub name: String,
}

/// Whether an event is kept with its entity or for the retention of traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Class {
    /// Kept with its entity.
    Record,
    /// Kept for the retention setting.
    Trace,
}

/// One row of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Commit order; the resume point of the live feed.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: ActorRef,
    /// `web`, `api`, `integration`, `engine`, `cli`.
    pub source: String,
    /// The request that caused it.
    pub request_id: Option<String>,
    /// `incidents`, `alerts`, `services`, `accounts`, ...
    pub topic: String,
    /// `incident.acknowledged`, ...
    pub kind: String,
    /// Schema version of the payload.
    pub v: i64,
    /// Retention.
    pub class: Class,
    /// `incident:<uuid>`, ...
    pub entity: String,
    /// The entity's `rev` after the event.
    pub entity_version: i64,
    /// The service concerned.
    pub service_id: Option<Uuid>,
    /// The team concerned.
    pub team_id: Option<Uuid>,
    /// The incident concerned.
    pub incident_id: Option<Uuid>,
    /// What happened; its shape belongs to `kind` and `v`.
    pub payload: serde_json::Value,
}

/// A row of the journal with what only administrators may know of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Audited {
    /// The row.
    #[serde(flatten)]
    pub event: Event,
    /// Where the request came from; absent for machines.
    pub address: Option<String>,
    /// As sent.
    pub user_agent: Option<String>,
    /// What it was, for an edit; secrets are never in it.
    pub before: Option<serde_json::Value>,
    /// What it became.
    pub after: Option<serde_json::Value>,
}

crate::tree::flattened!(Audited { address, user_agent, before, after; ..event });
