//! Inviting somebody, and taking an invitation.

use serde::{Deserialize, Serialize};

use super::{
    Role, Secret, Team, Zones, check_email, check_password,
    locale::{check_locale, check_zone, default_locale, default_time_zone},
};
use crate::{Id, Problem, problem::Faults};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationIn {
    /// Who is invited.
    pub email: String,
    /// The role that they will have.
    pub role: Role,
    /// The team that they will join.
    #[serde(default)]
    pub team_id: Option<Id<Team>>,
}

/// Taking an invitation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptIn {
    /// From the link.
    pub token: Secret,
    /// The name that others see.
    pub name: String,
    /// 8 to 256 characters.
    pub password: Secret,
    /// IANA name; UTC unless given.
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// BCP 47 tag; en unless given.
    #[serde(default = "default_locale")]
    pub locale: String,
    /// From the installed app, whose sessions last longer.
    #[serde(default)]
    pub installed: bool,
}

impl InvitationIn {
    /// With the address as it is stored, or every fault in it.
    pub fn validate(mut self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.email = check_email(&mut faults, "email", &self.email);
        faults.finish().map(|()| self)
    }
}

impl AcceptIn {
    /// With its texts trimmed, or every fault in it; `email` is the invitation's.
    pub fn validate(mut self, email: &str, zones: Zones) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.name = faults.text("name", &self.name, 120);
        check_password(&mut faults, "password", &self.password.0, email);
        self.time_zone = check_zone(&mut faults, "time_zone", &self.time_zone, zones);
        self.locale = check_locale(&mut faults, "locale", &self.locale);
        faults.finish().map(|()| self)
    }
}
