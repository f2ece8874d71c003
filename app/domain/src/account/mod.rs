//! People: users, roles, teams, sessions, API tokens, and what each may do.

mod access;
mod answer;
mod invitation;
mod locale;
mod password;
mod secret;
mod sign_in;
mod team_edit;
mod token;
mod user_edit;

pub use access::{Action, Caller, Scope, Target, authorize};
pub use answer::{InvitationView, Me, NewInvitation, NewToken, Place, TeamRow};
pub use invitation::{AcceptIn, InvitationIn};
pub use locale::{DEFAULT_LOCALE, DEFAULT_TIME_ZONE, Zones};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, check_password};
pub use secret::Secret;
pub use sign_in::{SetupIn, SignInIn};
pub use team_edit::{MemberIn, TeamIn, TeamPatch};
pub use token::TokenIn;
pub use user_edit::{UserIn, UserPatch};

use serde::{Deserialize, Serialize};

use crate::{Id, Instant, Prefixed, Problem, problem::Faults};

/// What a person may do. Ordered: `Admin` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Reads everything visible, writes nothing but their own profile.
    Viewer,
    /// Works on incidents.
    Responder,
    /// Also configures services, integrations and teams.
    Manager,
    /// Everything.
    Admin,
}

impl Role {
    /// From the least.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Responder, Self::Manager, Self::Admin];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Responder => "responder",
            Self::Manager => "manager",
            Self::Admin => "admin",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Identity.
    pub id: Id<User>,
    /// The name that others see.
    pub name: String,
    /// Unique, lower case.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47 tag.
    pub locale: String,
    /// When they were put away; cannot sign in.
    pub archived_at: Option<Instant>,
    /// When they joined.
    pub created_at: Instant,
    /// The last change.
    pub updated_at: Instant,
    /// Edits by people.
    pub version: i64,
    /// All changes.
    pub rev: i64,
}

impl Prefixed for User {
    const PREFIX: &'static str = "usr";
}

/// A team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Team {
    /// Identity.
    pub id: Id<Team>,
    /// Unique among teams that are not archived.
    pub name: String,
    /// Plain words.
    pub description: String,
    /// IANA name.
    pub time_zone: String,
    /// BCP 47 tag.
    pub locale: String,
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

impl Prefixed for Team {
    const PREFIX: &'static str = "team";
}

/// A person's place in a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    pub user_id: Id<User>,
    /// Their name.
    pub name: String,
    /// Leads may change the team's services without being managers.
    pub lead: bool,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Identity.
    pub id: Id<Session>,
    /// Whose.
    pub user_id: Id<User>,
    /// From the user agent: "Firefox on Linux".
    pub device: String,
    /// The address of the last use.
    pub address: String,
    /// Signed in.
    pub created_at: Instant,
    /// To the minute.
    pub last_used_at: Instant,
    /// Whether this request came with it.
    pub current: bool,
}

impl Prefixed for Session {
    const PREFIX: &'static str = "ses";
}

/// A token for programs. The secret is shown once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// Identity.
    pub id: Id<ApiToken>,
    /// What it is for.
    pub name: String,
    /// Whose rights it has at most.
    pub user_id: Id<User>,
    /// `*`, or `incidents:read`, `incidents:write`, ...
    pub scopes: Vec<String>,
    /// The first characters, to tell tokens apart.
    pub hint: String,
    /// The end.
    pub expires_at: Option<Instant>,
    /// To the minute.
    pub last_used_at: Option<Instant>,
    /// Made.
    pub created_at: Instant,
}

impl Prefixed for ApiToken {
    const PREFIX: &'static str = "tok";
}

/// An invitation that was not yet accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Identity.
    pub id: Id<Invitation>,
    /// Who is invited.
    pub email: String,
    /// The role that they will have.
    pub role: Role,
    /// The team that they will join.
    pub team_id: Option<Id<Team>>,
    /// Who invited.
    pub invited_by: Id<User>,
    /// Made.
    pub created_at: Instant,
    /// The end.
    pub expires_at: Instant,
}

impl Prefixed for Invitation {
    const PREFIX: &'static str = "inv";
}

/// The areas that a token's scopes name, each as `<area>:read` and `<area>:write`.
pub const SCOPE_AREAS: [&str; 6] = ["incidents", "services", "accounts", "events", "audit", "log"];

/// An address that mail could reach, lower case.
pub fn check_email(faults: &mut Faults, field: &str, email: &str) -> String {
    let email = faults.text(field, email, 254).to_lowercase();
    let (local, host) = email.rsplit_once('@').unwrap_or(("", ""));
    let fine = !local.is_empty()
        && host.contains('.') | (host == "localhost")
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';'));
    faults.check(email.is_empty() || fine, field, "not_an_email", "An e-mail address such as mara@example.org.");
    email
}

/// The scopes of a token: known words only.
pub fn check_scopes(scopes: &[String]) -> Result<(), Problem> {
    let known =
        |s: &str| s == "*" || s.split_once(':').is_some_and(|(area, verb)| SCOPE_AREAS.contains(&area) && matches!(verb, "read" | "write"));
    let mut faults = Faults::default();
    faults.check(!scopes.is_empty(), "scopes", "required", "At least one scope; * is everything that you may do.");
    for scope in scopes {
        let words = || format!("\"{scope}\" is not a scope; known: *, and {{{}}}:{{read,write}}.", SCOPE_AREAS.join(","));
        faults.check(known(scope), "scopes", "not_allowed", words());
    }
    faults.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_what_is_none() {
        for (text, fine) in
            [("Mara@Example.org", true), ("a@localhost", true), ("a", false), ("@x.org", false), ("a b@x.org", false), ("a@x.", false)]
        {
            let mut faults = Faults::default();
            check_email(&mut faults, "email", text);
            assert_eq!(faults.finish().is_ok(), fine, "{text}");
        }
    }

    #[test]
    fn a_scope_is_a_known_word() {
        assert!(check_scopes(&["*".into()]).is_ok());
        assert!(check_scopes(&["incidents:read".into(), "services:write".into()]).is_ok());
        assert!(check_scopes(&["incidents".into()]).is_err());
        assert!(check_scopes(&[]).is_err());
    }
}
