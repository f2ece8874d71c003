//! An incident: one unit of response. Its states, its verbs, what a person may write.

mod by_alert;
mod edit;
mod figures;
mod state;
mod verb;

pub use by_alert::{AfterAlerts, alert_fires_again, alert_joins, alert_over, may_join, raise};
pub use edit::{IncidentIn, IncidentPatch, NoteIn, markdown_source, validate_new, validate_patch};
pub use figures::{Figures, median};
pub use state::{State, Verb, next};
pub use verb::{Applied, acknowledge, assign, close, hand_back, reopen, resolve, start, undo_acknowledge};

use serde::{Deserialize, Serialize};

use crate::{Id, Instant, Prefixed, account::User, service::Service, time::DAY};

/// Resolved incidents close after this, unless the setting says otherwise.
pub const AUTO_CLOSE_MS: i64 = 7 * DAY;
/// An acknowledgement can be undone for this long.
pub const UNDO_MS: i64 = 10_000;

/// How bad it is. Ordered: `Critical` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Severity {
    /// Can wait for office hours.
    Low,
    /// Needs a person today.
    Medium,
    /// Customers notice.
    High,
    /// Customers cannot work.
    Critical,
}

impl Severity {
    /// From the worst to the mildest.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// 1 (critical) to 4 (low): the stored sort key of the default order.
    pub const fn rank(self) -> i64 {
        match self {
            Self::Critical => 1,
            Self::High => 2,
            Self::Medium => 3,
            Self::Low => 4,
        }
    }

    /// The urgency that follows from it unless one is set.
    pub const fn urgency(self) -> Urgency {
        match self {
            Self::Critical | Self::High => Urgency::High,
            Self::Medium | Self::Low => Urgency::Low,
        }
    }

    /// What the words of alert sources mean (spec: alerts in, "Severity").
    pub fn from_label(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "critical" | "page" | "p1" => Self::Critical,
            "error" | "high" | "p2" => Self::High,
            "warning" | "warn" | "medium" | "p3" | "none" => Self::Medium,
            "info" | "low" | "p4" | "p5" => Self::Low,
            _ => return None,
        })
    }
}

/// Whether someone may be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Urgency {
    /// Quiet hours hold it.
    Low,
    /// Always passes.
    High,
}

impl Urgency {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "high" => Some(Self::High),
            "low" => Some(Self::Low),
            _ => None,
        }
    }
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Incident {
    /// Identity.
    pub id: Id<Incident>,
    /// Short number, shown as INC-418.
    pub number: i64,
    /// At most 200 characters.
    pub title: String,
    /// Markdown source.
    pub description: String,
    /// How bad.
    pub severity: Severity,
    /// Whether someone may be woken.
    pub urgency: Urgency,
    /// Where it stands.
    pub status: State,
    /// The service it concerns.
    pub service_id: Id<Service>,
    /// Who works on it.
    pub assigned_to_id: Option<Id<User>>,
    /// Who declared it; absent when an alert did.
    pub reported_by_id: Option<Id<User>>,
    /// When customers first felt it; editable.
    pub impact_started_at: Option<Instant>,
    /// When we knew.
    pub detected_at: Instant,
    /// The first acknowledgement ever.
    pub acknowledged_at: Option<Instant>,
    /// Who acknowledged first.
    pub acknowledged_by_id: Option<Id<User>>,
    /// The acknowledgement that holds now; cleared on the way back to open.
    pub current_ack_at: Option<Instant>,
    /// Whose acknowledgement holds now.
    pub current_ack_by_id: Option<Id<User>>,
    /// When work began.
    pub investigating_at: Option<Instant>,
    /// When the cause was known.
    pub identified_at: Option<Instant>,
    /// The end, cleared by reopening.
    pub resolved_at: Option<Instant>,
    /// Who ended it; absent when its alerts did.
    pub resolved_by_id: Option<Id<User>>,
    /// When it was put away.
    pub closed_at: Option<Instant>,
    /// What fixed it.
    pub resolution_notes: String,
    /// Alerts that belong to it.
    pub alert_count: i64,
    /// Of these, how many fire.
    pub firing_count: i64,
    /// Escalation policy; comes with on-call.
    pub policy_id: Option<uuid::Uuid>,
    /// The step it is at; comes with on-call.
    pub escalation_step: Option<i64>,
    /// The loop it is in; comes with on-call.
    pub escalation_loop: Option<i64>,
    /// When the next step is due; comes with on-call.
    pub next_escalation_at: Option<Instant>,
    /// Quiet until then.
    pub snoozed_until: Option<Instant>,
    /// When to acknowledge by, from the service's promise.
    pub ack_due_at: Option<Instant>,
    /// When to resolve by, from the service's promise.
    pub resolve_due_at: Option<Instant>,
    /// When the present episode began: a reopening starts a new one.
    pub episode_at: Instant,
    /// The incident that this one continues, after a closed one was reopened.
    pub continues_id: Option<Id<Incident>>,
    /// When a resolved incident closes by itself.
    pub auto_close_at: Option<Instant>,
    /// Where people talk.
    pub conference_url: Option<String>,
    /// Changed state four times within half an hour.
    pub flapping: bool,
    /// When it was made.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits by people.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for Incident {
    const PREFIX: &'static str = "inc";
}

impl Incident {
    /// `INC-418`.
    pub fn label(&self) -> String {
        format!("INC-{}", self.number)
    }

    /// Neither resolved nor closed.
    pub const fn is_live(&self) -> bool {
        self.status.is_live()
    }
}

/// An incident with the names that a list shows beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Row {
    /// The incident.
    #[serde(flatten)]
    pub incident: Incident,
    /// The service's name.
    pub service_name: String,
    /// The assignee's name.
    pub assigned_to_name: Option<String>,
}

crate::tree::flattened!(Row { service_name, assigned_to_name; ..incident });

/// What a list of incidents is narrowed to. Everything given must hold; several values of one field are alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// States; none given is every state.
    pub status: Vec<State>,
    /// Severities.
    pub severity: Vec<Severity>,
    /// Of this service.
    pub service_id: Option<Id<Service>>,
    /// Of this team.
    pub team_id: Option<Id<crate::account::Team>>,
    /// Assigned to this person.
    pub assigned_to_id: Option<Id<User>>,
    /// Made at or after.
    pub from: Option<Instant>,
    /// Made before.
    pub to: Option<Instant>,
    /// Words in title or description.
    pub q: Option<String>,
}

impl Filter {
    /// What is not over: the default of the page.
    pub fn live() -> Self {
        Self { status: vec![State::Open, State::Acknowledged, State::InProgress], ..Self::default() }
    }
}

/// The order of a list of incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Worst first, newest first: the default.
    #[default]
    Severity,
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

/// A note on the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Note {
    /// Identity.
    pub id: Id<Note>,
    /// Of which incident.
    pub incident_id: Id<Incident>,
    /// Who wrote it.
    pub author_id: Id<User>,
    /// Markdown source.
    pub body: String,
    /// Rendered and sanitised on the server.
    pub html: String,
    /// When the author changed it.
    pub edited_at: Option<Instant>,
    /// When it was written.
    pub created_at: Instant,
    /// Edits.
    pub version: i64,
}

impl Prefixed for Note {
    const PREFIX: &'static str = "note";
}

/// An entry of the timeline: an event, and the note it speaks of.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineItem {
    /// What happened.
    #[serde(flatten)]
    pub event: crate::event::Event,
    /// The note, for `incident.noted`.
    pub note: Option<Note>,
}

crate::tree::flattened!(TimelineItem { note; ..event });

/// Everything that the page of an incident shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// The incident with its names.
    pub row: Row,
    /// Who declared it.
    pub reported_by_name: Option<String>,
    /// Whose acknowledgement holds, else who acknowledged first.
    pub acknowledged_by_name: Option<String>,
    /// Who ended it.
    pub resolved_by_name: Option<String>,
    /// The team that owns it.
    pub team_id: Option<Id<crate::account::Team>>,
    /// That team's name.
    pub team_name: Option<String>,
    /// Sanitised.
    pub description_html: String,
    /// Sanitised.
    pub resolution_html: String,
    /// The service with its links and promises.
    pub service: Service,
    /// Newest first, at most 50.
    pub alerts: Vec<crate::alert::Alert>,
    /// What holds it up: active first, newest first, at most 50.
    pub blockers: Vec<crate::log::BlockerRow>,
    /// Newest first, at most 200.
    pub timeline: Vec<TimelineItem>,
}
