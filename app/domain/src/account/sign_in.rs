//! The ways in: the first administrator, and signing in.

use serde::{Deserialize, Serialize};

use super::{Secret, check_email, check_password};
use crate::{Problem, problem::Faults};

/// The first administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetupIn {
    /// Printed in the log at the first start and kept in the data folder.
    pub token: Secret,
    /// The name that others see.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// 8 to 256 characters.
    pub password: Secret,
}

impl SetupIn {
    /// With its texts trimmed, or every fault in it.
    pub fn validate(mut self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.name = faults.text("name", &self.name, 120);
        self.email = check_email(&mut faults, "email", &self.email);
        check_password(&mut faults, "password", &self.password.0, &self.email);
        faults.finish().map(|()| self)
    }
}

/// Signing in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: Secret,
    /// The code of a second factor; accounts without one do not look at it.
    #[serde(default)]
    pub code: Option<String>,
    /// From the installed app, whose sessions last longer.
    #[serde(default)]
    pub installed: bool,
}

impl SignInIn {
    /// With the address as it is stored, or what is missing. Nothing else is told of either.
    pub fn validate(mut self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.email = faults.text("email", &self.email, 254).to_lowercase();
        faults.check(!self.password.0.is_empty(), "password", "required", "This is needed.");
        faults.finish().map(|()| self)
    }
}
