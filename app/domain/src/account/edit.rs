//! What people send about accounts, and the checks on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Role, Team, User, check_email, check_password, check_scopes};
use crate::{Id, Instant, Problem, problem::Faults, time::DAY};

/// Looks a time zone up: the IANA name as it is written, or `None` for an unknown one. The database of zones is the
/// server's, so who validates brings it.
pub type Zones = fn(&str) -> Option<String>;

/// The zone of who has not said theirs.
pub const DEFAULT_TIME_ZONE: &str = "UTC";
/// The locale of who has not said theirs.
pub const DEFAULT_LOCALE: &str = "en";
/// A token ends within this time, when it has an end.
const LONGEST_TOKEN_MS: i64 = 3_660 * DAY;

/// A text that must not stand in a log: passwords, tokens. Plain on the wire.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

fn default_time_zone() -> String {
    DEFAULT_TIME_ZONE.into()
}

fn default_locale() -> String {
    DEFAULT_LOCALE.into()
}

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

/// A new API token.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenIn {
    /// What it is for, at most 120 characters.
    pub name: String,
    /// `*`, or `incidents:read`, `incidents:write`, ...
    pub scopes: Vec<String>,
    /// The end; none unless given.
    #[serde(default)]
    pub expires_at: Option<Instant>,
}

/// An IANA time zone.
fn check_zone(faults: &mut Faults, field: &str, name: &str, zones: Zones) -> String {
    let known = zones(name.trim());
    faults.check(known.is_some(), field, "unknown_time_zone", "An IANA time zone such as Europe/Berlin.");
    known.unwrap_or_default()
}

/// The shape of a BCP 47 tag: letters first, then parts of up to eight letters or digits.
fn check_locale(faults: &mut Faults, field: &str, tag: &str) -> String {
    let tag = tag.trim();
    let mut parts = tag.split('-');
    let language = parts.next().is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()));
    faults.check(language && rest && tag.len() <= 35, field, "not_a_locale", "A language tag such as en or de-AT.");
    tag.to_owned()
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

impl SignInIn {
    /// With the address as it is stored, or what is missing. Nothing else is told of either.
    pub fn validate(mut self) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.email = faults.text("email", &self.email, 254).to_lowercase();
        faults.check(!self.password.0.is_empty(), "password", "required", "This is needed.");
        faults.finish().map(|()| self)
    }
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

impl TokenIn {
    /// With its texts trimmed and its scopes once each, or every fault in it.
    pub fn validate(mut self, now: Instant) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        self.name = faults.text("name", &self.name, 120);
        if let Err(unknown) = check_scopes(&self.scopes) {
            unknown.fields.into_iter().for_each(|f| faults.push(f));
        }
        if let Some(end) = self.expires_at {
            let fine = end > now && end.since(now) <= LONGEST_TOKEN_MS;
            faults.check(fine, "expires_at", "out_of_range", "In the future, within ten years.");
        }
        self.scopes.sort_unstable();
        self.scopes.dedup();
        faults.finish().map(|()| self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_token_has_a_name_known_scopes_and_an_end_ahead() {
        let token = |scopes: &[&str], end| TokenIn {
            name: "deploys".into(),
            scopes: scopes.iter().map(|s| (*s).into()).collect(),
            expires_at: end,
        };
        assert_eq!(token(&["incidents:write", "*", "*"], None).validate(NOW).unwrap().scopes, ["*", "incidents:write"]);
        assert_eq!(fields(token(&["incidents:write"], Some(NOW)).validate(NOW)), ["expires_at"]);
        assert_eq!(fields(TokenIn::default().validate(NOW)), ["name", "scopes"]);
    }

    #[test]
    fn a_secret_is_not_shown_by_a_log() {
        let sign_in = SignInIn { email: "mara@example.org".into(), password: "correct horse".into(), ..SignInIn::default() };
        assert!(!format!("{sign_in:?}").contains("horse"));
        assert!(serde_json::to_string(&sign_in).unwrap().contains("correct horse"));
    }
}
