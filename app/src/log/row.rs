//! A blocker as lists show it.

use domain::{
    account::Role,
    log::{BlockerRow, BlockerState},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::{Card, Chip, DataList, Glyph, Row, RowMain, Time, Tone, view};

use crate::session;

/// "Ana waits for Ben and the bank".
pub fn waits(row: &BlockerRow) -> String {
    let others = Some(row.blocker.waits_for.clone()).filter(|words| !words.is_empty());
    let whom: Vec<String> = row.waits_for_name.clone().into_iter().chain(others).collect();
    let verb = if row.blocker.status == BlockerState::Active { "waits" } else { "waited" };
    if whom.is_empty() { format!("{} {verb}", row.owner_name) } else { format!("{} {verb} for {}", row.owner_name, whom.join(" and ")) }
}

/// Whether it still stands in the way.
#[component]
pub fn Standing(active: bool) -> impl IntoView {
    match active {
        true => view! { <Chip tone=Tone::High icon=Glyph::Warning label="Active"/> },
        false => view! { <Chip tone=Tone::Ok icon=Glyph::Check label="Resolved"/> },
    }
}

/// As much of a blocker as a row shows. Home reads this and not the whole: it is in the first file, where each field read is
/// code that everybody fetches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// Its page.
    pub href: String,
    /// What is in the way.
    pub words: String,
    /// Who waits for whom.
    pub waits: String,
    /// Whether it still stands there.
    pub active: bool,
    /// Since when; once resolved, when that was. Unix milliseconds.
    pub at: i64,
}

impl Brief {
    /// Of a blocker.
    pub fn of(row: &BlockerRow) -> Self {
        Self {
            href: format!("/log/blockers/{}", row.blocker.id),
            words: row.blocker.description.clone(),
            waits: waits(row),
            active: row.blocker.status == BlockerState::Active,
            at: row.blocker.resolved_at.unwrap_or(row.blocker.created_at).ms(),
        }
    }

    /// Of several.
    pub fn all(rows: &[BlockerRow]) -> Vec<Self> {
        rows.iter().map(Self::of).collect()
    }
}

/// One row.
#[component]
pub fn Line(row: Brief) -> impl IntoView {
    view! {
        <Row href=row.href class="min-[900px]:grid-cols-[104px_minmax(0,1fr)_112px]">
            <Standing active=row.active/>
            <RowMain title=row.words sub=row.waits/>
            <span class="row-meta"><Time utc_ms=row.at/></span>
        </Row>
    }
}

/// A card of blockers; `report` is the query of the form for another one, which responders are offered.
#[component]
pub fn Rows(title: &'static str, rows: Vec<Brief>, #[prop(optional, into)] report: Option<String>) -> impl IntoView {
    let aside = report
        .filter(|_| session::may(Role::Responder))
        .map(|query| view! { <a class="link" href=format!("/log/blockers/new?{query}")>"Report a blocker"</a> });
    let body = match rows.is_empty() {
        true => view! { <p class="card-body text-ink-2">"Nothing stands in the way."</p> },
        false => view! { <DataList label=title keys=false>{rows.into_iter().map(|row| view! { <Line row/> }).collect_view()}</DataList> },
    };
    view! { <Card title=title aside=move || aside flush=true>{body}</Card> }
}
