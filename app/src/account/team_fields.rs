//! The fields of a team.

use domain::account::Team;
use leptos::prelude::*;
use ui::{TextArea, TextField, view};

use super::zone::ZoneField;
use crate::form::Flash;

/// Name, description, time zone; as typed when they were refused, else as the team has them.
#[component]
pub fn TeamFields(flash: Flash, #[prop(optional)] team: Option<Team>) -> impl IntoView {
    let (name, description, zone) = match team {
        Some(team) => (team.name, team.description, team.time_zone),
        None => (String::new(), String::new(), "UTC".to_owned()),
    };
    view! {
        <TextField name="name" label="Name" required=true maxlength=120 value=flash.value("name").unwrap_or(name) error=flash.error("name")/>
        <TextArea name="description" label="What it is for" rows=2 maxlength=4000 value=flash.value("description").unwrap_or(description) error=flash.error("description")/>
        <ZoneField value=flash.value("time_zone").unwrap_or(zone) error=flash.error("time_zone")/>
    }
}
