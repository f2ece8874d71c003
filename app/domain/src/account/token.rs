//! Making an API token.

use serde::{Deserialize, Serialize};

use super::check_scopes;
use crate::{Instant, Problem, problem::Faults, time::DAY};

/// A token ends within this time, when it has an end.
const LONGEST_TOKEN_MS: i64 = 3_660 * DAY;

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

    fn fields<T>(result: Result<T, Problem>) -> Vec<String> {
        result.err().map(|p| p.fields.into_iter().map(|f| f.field).collect()).unwrap_or_default()
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
}
