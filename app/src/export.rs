//! The menu by which a list leaves as a file.

use leptos::prelude::*;
use ui::{Glyph, Menu, MenuLink, view};

use crate::incident::query::joined;

/// Everything that matches, as CSV or JSON.
#[component]
pub fn Export(
    /// The list in the API: `incidents`.
    list: &'static str,
    /// Its filters; empty ones are left out.
    #[prop(into)]
    filters: Signal<Vec<(&'static str, String)>>,
) -> impl IntoView {
    let address = move |format: &str| {
        let mut pairs = filters.get();
        pairs.retain(|(_, value)| !value.is_empty());
        joined(&format!("/api/v1/{list}.{format}"), &pairs)
    };
    move || {
        view! {
            <Menu label="Export">
                <MenuLink href=address("csv") label="Export as CSV" icon=Glyph::Download external=true/>
                <MenuLink href=address("json") label="Export as JSON" icon=Glyph::Download external=true/>
            </Menu>
        }
    }
}
