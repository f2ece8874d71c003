//! What people are answered about accounts, beside the nouns themselves.

use serde::{Deserialize, Serialize};

use super::{ApiToken, Invitation, Role, Secret, Team, User};
use crate::{Id, Instant, tree::flattened};

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// Their teams, by name.
    pub teams: Vec<Place>,
    /// What the token in use may do; absent for a browser session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

flattened!(Me { teams, scopes; ..user });

/// A team that a person is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// Which.
    pub team_id: Id<Team>,
    /// Its name.
    pub name: String,
    /// Whether they lead it.
    pub lead: bool,
}

/// A team as the list shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TeamRow {
    /// The team.
    #[serde(flatten)]
    pub team: Team,
    /// Members who are not archived.
    pub members: i64,
}

flattened!(TeamRow { members; ..team });

/// A new API token with its secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// What is kept.
    #[serde(flatten)]
    pub api_token: ApiToken,
    /// For the Authorization header: `Bearer ogt_...`.
    pub token: Secret,
}

flattened!(NewToken { token; ..api_token });

/// A new invitation with the token of its link, which is shown this once.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewInvitation {
    /// What is kept.
    #[serde(flatten)]
    pub invitation: Invitation,
    /// Goes into the link.
    pub token: Secret,
}

flattened!(NewInvitation { token; ..invitation });

/// What somebody with the link is shown before they accept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// The address that the account will have.
    pub email: String,
    /// The role.
    pub role: Role,
    /// The team to join.
    pub team_name: Option<String>,
    /// Who invited.
    pub invited_by_name: String,
    /// The end.
    pub expires_at: Instant,
}
