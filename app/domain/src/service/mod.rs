//! A service: the unit a team owns. Alerts, incidents, deployments and objectives belong to one.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use uuid::Uuid;

use crate::{
    Id, Instant, Millis, Prefixed, Problem,
    account::Team,
    problem::Faults,
    time::{DAY, MINUTE},
    tree::{Fields, flattened},
};

/// The service that takes what names no other. It always exists and cannot be archived.
pub const UNSORTED: Id<Service> = Id::new(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));

/// Who may know of a service and its incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Visibility {
    /// Every signed-in member.
    #[default]
    All,
    /// Members of the owning team, and administrators.
    Team,
}

/// How the alerts of a service become incidents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Grouping {
    /// One incident for each alert.
    #[default]
    None,
    /// One open incident for each combination of these labels' values.
    Labels {
        /// Label names, in order.
        labels: Vec<String>,
    },
    /// Alerts join the service's open incident while it is younger than this.
    Window {
        /// Length in minutes, 1 to 1440.
        minutes: u32,
    },
}

impl<'de> Deserialize<'de> for Grouping {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let fields = Fields::of(from)?;
        match fields.take::<String, _>("by")?.as_str() {
            "none" => Ok(Self::None),
            "labels" => Ok(Self::Labels { labels: fields.take("labels")? }),
            "window" => Ok(Self::Window { minutes: fields.take("minutes")? }),
            other => Err(D::Error::unknown_variant(other, &["none", "labels", "window"])),
        }
    }
}

/// A link that a responder wants at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// Words.
    pub title: String,
    /// http or https.
    pub url: String,
}

/// How a service handles its alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AlertSettings {
    /// Alerts to incidents.
    pub grouping: Grouping,
    /// Firing again within this many minutes of the end reopens the same incident.
    pub reopen_minutes: u32,
    /// The incident resolves when its last alert does.
    pub auto_resolve: bool,
    /// Hold an alert this long before it opens an incident; 0 is at once.
    pub auto_pause_minutes: u32,
    /// The label whose value overrides the severity of the source, when set.
    pub severity_label: Option<String>,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { grouping: Grouping::None, reopen_minutes: 10, auto_resolve: true, auto_pause_minutes: 0, severity_label: None }
    }
}

impl AlertSettings {
    /// The reopen window in milliseconds.
    pub fn reopen_ms(&self) -> Millis {
        Millis::from(self.reopen_minutes) * MINUTE
    }
}

/// A service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Service {
    /// Identity.
    pub id: Id<Service>,
    /// Unique among services that are not archived.
    pub name: String,
    /// Plain words.
    pub description: String,
    /// The team that answers for it.
    pub team_id: Option<Id<Team>>,
    /// Who may know of it.
    pub visibility: Visibility,
    /// Minutes to acknowledge, when promised.
    pub target_ack_minutes: Option<u32>,
    /// Minutes to resolve, when promised.
    pub target_resolve_minutes: Option<u32>,
    /// Runbook, dashboard, repository.
    pub links: Vec<Link>,
    /// Alerts to incidents.
    pub alerts: AlertSettings,
    /// When it was put away.
    pub archived_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits by people.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for Service {
    const PREFIX: &'static str = "svc";
}

/// What a person gives to make a service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceIn {
    /// Required, at most 120 characters.
    pub name: String,
    /// Owner.
    #[serde(default)]
    pub team_id: Option<Id<Team>>,
    /// At most 4,000 characters.
    #[serde(default)]
    pub description: String,
    /// Default: all.
    #[serde(default)]
    pub visibility: Visibility,
    /// 1 to 43,200.
    #[serde(default)]
    pub target_ack_minutes: Option<u32>,
    /// 1 to 525,600.
    #[serde(default)]
    pub target_resolve_minutes: Option<u32>,
    /// At most 20.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Alerts to incidents.
    #[serde(default)]
    pub alerts: AlertSettings,
}

/// An edit: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ServicePatch {
    /// New name.
    pub name: Option<String>,
    /// New owner; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub team_id: Option<Option<Id<Team>>>,
    /// New words.
    pub description: Option<String>,
    /// New visibility.
    pub visibility: Option<Visibility>,
    /// New promise; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub target_ack_minutes: Option<Option<u32>>,
    /// New promise; null removes it.
    #[serde(deserialize_with = "crate::problem::nullable", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u32>))]
    pub target_resolve_minutes: Option<Option<u32>>,
    /// New links, all of them.
    pub links: Option<Vec<Link>>,
    /// New settings, all of them.
    pub alerts: Option<AlertSettings>,
}

impl ServicePatch {
    /// The service as a request, with this edit applied: what validation and storage look at.
    pub fn onto(self, now: &Service) -> ServiceIn {
        ServiceIn {
            name: self.name.unwrap_or_else(|| now.name.clone()),
            team_id: self.team_id.unwrap_or(now.team_id),
            description: self.description.unwrap_or_else(|| now.description.clone()),
            visibility: self.visibility.unwrap_or(now.visibility),
            target_ack_minutes: self.target_ack_minutes.unwrap_or(now.target_ack_minutes),
            target_resolve_minutes: self.target_resolve_minutes.unwrap_or(now.target_resolve_minutes),
            links: self.links.unwrap_or_else(|| now.links.clone()),
            alerts: self.alerts.unwrap_or_else(|| now.alerts.clone()),
        }
    }
}

/// The request with its texts trimmed, or every fault in it.
pub fn validate(mut new: ServiceIn) -> Result<ServiceIn, Problem> {
    let mut faults = Faults::default();
    new.name = faults.text("name", &new.name, 120);
    new.description = faults.optional_text("description", &new.description, 4_000);
    let day_minutes = (DAY / MINUTE) as u32;
    if let Some(m) = new.target_ack_minutes {
        faults.check((1..=30 * day_minutes).contains(&m), "target_ack_minutes", "out_of_range", "1 to 43200 minutes.");
    }
    if let Some(m) = new.target_resolve_minutes {
        faults.check((1..=365 * day_minutes).contains(&m), "target_resolve_minutes", "out_of_range", "1 to 525600 minutes.");
    }
    faults.check(new.links.len() <= 20, "links", "too_many", "At most 20 links.");
    for (i, link) in new.links.iter_mut().enumerate() {
        link.title = faults.text(&format!("links.{i}.title"), &link.title, 120);
        link.url = link.url.trim().to_owned();
        let web = link.url.starts_with("https://") || link.url.starts_with("http://");
        faults.check(
            web && link.url.len() <= 2_000,
            &format!("links.{i}.url"),
            "not_a_url",
            "A link that starts with https:// or http://.",
        );
    }
    faults.check(new.alerts.reopen_minutes <= day_minutes, "alerts.reopen_minutes", "out_of_range", "0 to 1440 minutes.");
    faults.check(new.alerts.auto_pause_minutes <= day_minutes, "alerts.auto_pause_minutes", "out_of_range", "0 to 1440 minutes.");
    match &new.alerts.grouping {
        Grouping::None => {}
        Grouping::Labels { labels } => {
            let fine = !labels.is_empty() && labels.len() <= 10 && labels.iter().all(|l| !l.trim().is_empty() && l.len() <= 200);
            faults.check(fine, "alerts.grouping.labels", "out_of_range", "1 to 10 label names.");
        }
        Grouping::Window { minutes } => {
            faults.check((1..=day_minutes).contains(minutes), "alerts.grouping.minutes", "out_of_range", "1 to 1440 minutes.");
        }
    }
    faults.finish().map(|()| new)
}

/// A service with what a list shows beside it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceRow {
    /// The service.
    #[serde(flatten)]
    pub service: Service,
    /// The owning team's name.
    pub team_name: Option<String>,
    /// Incidents that are not over.
    pub live_incidents: i64,
    /// The worst of these.
    pub worst: Option<crate::incident::Severity>,
}

flattened!(ServiceRow { team_name, live_incidents, worst; ..service });
