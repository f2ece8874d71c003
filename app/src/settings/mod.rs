//! One's own settings: profile, how it looks, devices, API tokens.

pub mod api;
mod devices;
mod install;
mod keyboard;
mod password;
mod profile;
mod security;
mod token_form;
mod tokens;

pub use install::is_installed;
pub use profile::Profile;
pub use security::Security;
pub use tokens::Tokens;

use leptos::prelude::*;
use ui::{Tab, Tabs, view};

/// The pages of this area.
fn tabs(current: &'static str) -> impl IntoView {
    let tabs = vec![
        Tab::new("/settings", "Profile"),
        Tab::new("/settings/security", "Password and devices"),
        Tab::new("/settings/tokens", "API tokens"),
    ];
    view! { <Tabs label="Settings" tabs=tabs current=current.to_owned()/> }
}
