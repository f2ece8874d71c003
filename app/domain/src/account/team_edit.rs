//! What people send about a team and its members, and the checks on it.

use serde::{Deserialize, Serialize};

use super::{
    Team, User, Zones,
    locale::{check_locale, check_zone, default_locale, default_time_zone},
};
use crate::{Id, Problem, problem::Faults};

/// A new team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TeamIn {
    /// Unique among teams in use, at most 120 characters.
    pub name: String,
    /// At most 4,000 characters.
    #[serde(default)]
    pub description: String,
    /// IANA name; UTC unless given.
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// BCP 47 tag; en unless given.
    #[serde(default = "default_locale")]
    pub locale: String,
}

/// An edit of a team: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TeamPatch {
    /// New name.
    pub name: Option<String>,
    /// New words.
    pub description: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
}

/// Somebody's place in a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MemberIn {
    /// Who.
    pub user_id: Id<User>,
    /// Leads change the team and its services.
    #[serde(default)]
    pub lead: bool,
}

impl TeamIn {
    /// With its texts trimmed, or every fault in it.
    pub fn validate(mut self, zones: Zones) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.name = faults.text("name", &self.name, 120);
        self.description = faults.optional_text("description", &self.description, 4_000);
        self.time_zone = check_zone(&mut faults, "time_zone", &self.time_zone, zones);
        self.locale = check_locale(&mut faults, "locale", &self.locale);
        faults.finish().map(|()| self)
    }
}

impl TeamPatch {
    /// The team as a request, with this edit applied: what validation and storage look at.
    pub fn onto(self, now: &Team) -> TeamIn {
        TeamIn {
            name: self.name.unwrap_or_else(|| now.name.clone()),
            description: self.description.unwrap_or_else(|| now.description.clone()),
            time_zone: self.time_zone.unwrap_or_else(|| now.time_zone.clone()),
            locale: self.locale.unwrap_or_else(|| now.locale.clone()),
        }
    }
}
