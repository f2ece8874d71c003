//! What people send about an account, and the checks on it.

use serde::{Deserialize, Serialize};

use super::{
    Role, Secret, User, Zones, check_email, check_password,
    locale::{check_locale, check_zone, default_locale, default_time_zone},
};
use crate::{Instant, Problem, problem::Faults};

/// A new account, made by an administrator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UserIn {
    /// At most 120 characters.
    pub name: String,
    /// Unique among accounts in use.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Without one they cannot sign in until one is set.
    #[serde(default)]
    pub password: Option<Secret>,
    /// IANA name; UTC unless given.
    #[serde(default = "default_time_zone")]
    pub time_zone: String,
    /// BCP 47 tag; en unless given.
    #[serde(default = "default_locale")]
    pub locale: String,
}

/// An edit of an account: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct UserPatch {
    /// New name.
    pub name: Option<String>,
    /// New address; changing one's own needs `current_password`.
    pub email: Option<String>,
    /// New role; administrators only.
    pub role: Option<Role>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// BCP 47 tag.
    pub locale: Option<String>,
    /// New password; changing one's own needs `current_password`. Ends the account's other sessions.
    pub password: Option<Secret>,
    /// The present password, as proof.
    pub current_password: Option<Secret>,
}

impl UserIn {
    /// With its texts trimmed, or every fault in it.
    pub fn validate(mut self, zones: Zones) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.name = faults.text("name", &self.name, 120);
        self.email = check_email(&mut faults, "email", &self.email);
        if let Some(password) = &self.password {
            check_password(&mut faults, "password", &password.0, &self.email);
        }
        self.time_zone = check_zone(&mut faults, "time_zone", &self.time_zone, zones);
        self.locale = check_locale(&mut faults, "locale", &self.locale);
        faults.finish().map(|()| self)
    }
}

impl UserPatch {
    /// With its texts trimmed, or every fault in it.
    pub fn validate(mut self, user: &User, zones: Zones) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        if let Some(name) = &mut self.name {
            *name = faults.text("name", name, 120);
        }
        if let Some(email) = &mut self.email {
            *email = check_email(&mut faults, "email", email);
        }
        if let Some(zone) = &mut self.time_zone {
            *zone = check_zone(&mut faults, "time_zone", zone, zones);
        }
        if let Some(locale) = &mut self.locale {
            *locale = check_locale(&mut faults, "locale", locale);
        }
        if let Some(password) = &self.password {
            check_password(&mut faults, "password", &password.0, self.email.as_ref().unwrap_or(&user.email));
        }
        faults.finish().map(|()| self)
    }

    /// Whether it changes how the person signs in.
    pub fn changes_credentials(&self, user: &User) -> bool {
        self.password.is_some() || self.email.as_ref().is_some_and(|e| *e != user.email)
    }

    /// Applies what is shown of an account; answers whether anything changed, and raises version and rev when it did.
    pub fn apply(&self, user: &mut User, now: Instant) -> bool {
        let before = user.clone();
        user.name = self.name.clone().unwrap_or_else(|| before.name.clone());
        user.email = self.email.clone().unwrap_or_else(|| before.email.clone());
        user.role = self.role.unwrap_or(before.role);
        user.time_zone = self.time_zone.clone().unwrap_or_else(|| before.time_zone.clone());
        user.locale = self.locale.clone().unwrap_or_else(|| before.locale.clone());
        let changed = *user != before;
        if changed {
            user.version += 1;
            user.rev += 1;
            user.updated_at = now;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Id;

    const NOW: Instant = Instant(1_763_672_642_000);

    fn zones(name: &str) -> Option<String> {
        ["UTC", "Europe/Berlin"].contains(&name).then(|| name.to_owned())
    }

    fn fields<T>(result: Result<T, Problem>) -> Vec<String> {
        result.err().map(|p| p.fields.into_iter().map(|f| f.field).collect()).unwrap_or_default()
    }

    fn user() -> User {
        User {
            id: Id::mint(NOW.ms(), [1; 10]),
            name: "Mara".into(),
            email: "mara@example.org".into(),
            role: Role::Responder,
            time_zone: "UTC".into(),
            locale: "en".into(),
            archived_at: None,
            created_at: NOW,
            updated_at: NOW,
            version: 1,
            rev: 1,
        }
    }

    #[test]
    fn every_fault_of_a_new_account_is_named_at_once() {
        for (json, expected) in [
            (r#"{"name": "Mara", "email": "Mara@Example.org", "role": "viewer"}"#, vec![]),
            (
                r#"{"name": "Mara", "email": "mara@example.org", "role": "viewer", "password": "long enough", "time_zone": "Europe/Berlin", "locale": "de-AT"}"#,
                vec![],
            ),
            (
                r#"{"name": " ", "email": "mara", "role": "viewer", "password": "short", "time_zone": "Mars/Base", "locale": "e"}"#,
                vec!["name", "email", "password", "time_zone", "locale"],
            ),
        ] {
            let new: UserIn = serde_json::from_str(json).unwrap();
            assert_eq!(fields(new.validate(zones)), expected, "{json}");
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_only_a_change_makes_a_version() {
        for (json, changed, credentials) in [
            ("{}", false, false),
            (r#"{"name": "Mara"}"#, false, false),
            (r#"{"name": "Mara K."}"#, true, false),
            (r#"{"email": "MARA@example.org"}"#, false, false),
            (r#"{"email": "mk@example.org"}"#, true, true),
            (r#"{"role": "admin", "locale": "de"}"#, true, false),
            (r#"{"password": "correct horse"}"#, false, true),
        ] {
            let mut now = user();
            let patch = serde_json::from_str::<UserPatch>(json).unwrap().validate(&now, zones).unwrap();
            assert_eq!(patch.changes_credentials(&now), credentials, "{json}");
            assert_eq!(patch.apply(&mut now, NOW.plus(1)), changed, "{json}");
            assert_eq!(
                (now.version, now.rev, now.updated_at),
                (1 + i64::from(changed), 1 + i64::from(changed), NOW.plus(i64::from(changed))),
                "{json}"
            );
        }
    }

    #[test]
    fn a_password_is_checked_against_the_address_it_will_stand_beside() {
        let patch =
            UserPatch { email: Some("correcthorse@example.org".into()), password: Some("correcthorse".into()), ..UserPatch::default() };
        assert_eq!(fields(patch.validate(&user(), zones)), ["password"]);
    }
}
