//! One incident in a list: a dense line on wide screens, a card on phones.

use domain::incident::Row;
use leptos::prelude::*;
use ui::{Avatar, Chip, Time, view};

use crate::words;

/// A row of the list; changes in place when the incident does.
#[component]
pub fn IncidentRow(
    #[prop(into)] row: Signal<Row>,
    /// It has just arrived: lights up once.
    #[prop(optional)]
    fresh: bool,
    /// Beside another column: the service stands in the second line.
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let href = row.with_untracked(|row| words::address(&row.incident));
    let number = row.with_untracked(|row| row.incident.label());
    let at = row.with_untracked(|row| row.incident.detected_at.ms());
    let severity = Memo::new(move |_| row.with(|row| row.incident.severity));
    let state = Memo::new(move |_| row.with(|row| row.incident.status));
    let assignee = Memo::new(move |_| row.with(|row| row.assigned_to_name.clone().unwrap_or_default()));
    let service = Memo::new(move |_| row.with(|row| row.service_name.clone()));
    let class = match compact {
        true => "min-[900px]:grid-cols-[88px_56px_minmax(0,1fr)_132px_72px_24px]",
        false => "min-[900px]:grid-cols-[92px_64px_minmax(0,1fr)_minmax(0,128px)_136px_80px_24px]",
    };
    view! {
        <ui::Row href fresh class>
            {move || { let look = words::severity(severity.get()); view! { <Chip tone=look.tone label=look.word icon=look.glyph/> } }}
            <span class="row-meta">{number}</span>
            <span class="row-main">
                <span class="row-title">{move || row.with(|row| row.incident.title.clone())}</span>
                <span class="row-sub"><span class=if compact { "" } else { "min-[900px]:hidden" }>{move || service.get()}", "</span>{move || row.with(about)}</span>
            </span>
            {(!compact).then(|| view! { <span class="row-wide truncate">{move || service.get()}</span> })}
            {move || { let look = words::state(state.get()); view! { <Chip tone=look.tone label=look.word icon=look.glyph/> } }}
            <span class="row-meta row-end"><Time utc_ms=at/></span>
            <span class="row-wide">{move || view! { <Avatar name=assignee.get() alone=true/> }}</span>
        </ui::Row>
    }
}

/// The second line: what it consists of, and who has it.
fn about(row: &Row) -> String {
    let incident = &row.incident;
    let alerts = match (incident.alert_count, incident.firing_count) {
        (0, _) => "declared by hand".to_owned(),
        (n, 0) => format!("{}, none firing", words::count(n, "alert")),
        (n, firing) if n == firing => format!("{} firing", words::count(n, "alert")),
        (n, firing) => format!("{}, {firing} firing", words::count(n, "alert")),
    };
    let flaps = if incident.flapping { ", flapping" } else { "" };
    match &row.assigned_to_name {
        Some(name) => format!("{alerts}{flaps}, assigned to {name}"),
        None => format!("{alerts}{flaps}"),
    }
}
