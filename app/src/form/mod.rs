//! Forms that work before the wasm arrives: the key that makes a second press harmless, and what a refusal brings back.

pub mod api;
mod told;

use std::collections::BTreeMap;

use domain::FieldError;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};
use ui::view;

pub use told::Told;

use crate::{data::resource, server};

/// The hidden idempotency key of a form.
#[component]
pub fn Key() -> impl IntoView {
    view! { <input type="hidden" name="_key" value=server::new_key()/> }
}

/// What a refused form brings back: the values as they were sent, and what is wrong with them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Field by field, as sent.
    pub values: BTreeMap<String, String>,
    /// Wrong fields; an empty name is about the form as a whole.
    pub errors: Vec<FieldError>,
}

impl Flash {
    /// What was sent for a field.
    pub fn value(&self, field: &str) -> Option<String> {
        self.values.get(field).cloned()
    }

    /// For `ui::ErrorSummary`.
    pub fn summary(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|error| (error.field.clone(), error.message.clone())).collect()
    }

    /// For the `error` of a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
    }
}

/// What the last refusal of a form brought back. The handler leads back with `?form=<name>`; without that nothing is asked.
pub fn flash(form: &'static str) -> crate::data::Resource<Flash> {
    let query = use_query_map();
    let returned = Memo::new(move |_| query.with(|query| query.get_str("form") == Some(form)));
    resource(
        move || returned.get(),
        move |returned| async move { if returned { api::bring_back(form.to_owned()).await.unwrap_or_default() } else { Flash::default() } },
    )
}
