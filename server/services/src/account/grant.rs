//! Who may hand out rights: a person, or a token that may do everything its owner may. A token with fewer scopes must not
//! make itself a credential with more.

use domain::{Problem, account::Caller};

use crate::{Cx, Result};

/// Refuses a token whose scopes are not `*`.
pub(super) fn required(cx: &Cx) -> Result<()> {
    match &cx.actor.caller {
        Caller::Person { scopes: Some(scopes), .. } if !scopes.iter().any(|s| s == "*") => {
            Err(Problem::forbidden("Changing credentials or rights needs a signed-in person, or a token with the scope *.").into())
        }
        _ => Ok(()),
    }
}
