//! Texts that must not stand in a log.

use std::fmt;

use serde::{Deserialize, Serialize};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown_by_a_log_and_is_plain_on_the_wire() {
        let secret = Secret::from("correct horse");
        assert!(!format!("{secret:?}").contains("horse"));
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"correct horse\"");
    }
}
