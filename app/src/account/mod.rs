//! People: the way in (sign-in, setup, invitation), and who there is (people, teams).

pub mod api;
mod door;
mod invite;
mod people;
mod person;
mod setup;
mod sign_in;
mod team;
mod team_fields;
mod teams;
pub mod zone;

pub use invite::Invite;
pub use people::People;
pub use setup::Setup;
pub use sign_in::SignIn;
pub use team::Team;
pub use teams::Teams;

use domain::account::Role;
use ui::{Glyph, Tone};

use crate::words::Look;

/// A role.
pub const fn role(role: Role) -> Look {
    match role {
        Role::Viewer => Look { tone: Tone::Neutral, word: "Viewer", glyph: Glyph::Eye },
        Role::Responder => Look { tone: Tone::Accent, word: "Responder", glyph: Glyph::Bell },
        Role::Manager => Look { tone: Tone::Maint, word: "Manager", glyph: Glyph::Settings },
        Role::Admin => Look { tone: Tone::High, word: "Administrator", glyph: Glyph::Shield },
    }
}

/// Roles as choices, with what each may do.
pub fn roles() -> Vec<(String, String)> {
    let does = |role| match role {
        Role::Viewer => "reads",
        Role::Responder => "works on incidents",
        Role::Manager => "also configures services and teams",
        Role::Admin => "everything",
    };
    Role::ALL.into_iter().map(|r| (r.as_str().to_owned(), format!("{}: {}", role(r).word, does(r)))).collect()
}
