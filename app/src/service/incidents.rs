//! What burns on a service, in few words.

use domain::incident;
use leptos::prelude::*;
use ui::{Card, Chip, DataList, EmptyState, Row, RowMain, Time, view};

use crate::words;

/// Live incidents of one service, the worst first.
#[component]
pub fn Incidents(
    rows: Vec<incident::Row>,
    /// The list of all of them.
    #[prop(into)]
    all: String,
) -> impl IntoView {
    let aside = move || view! { <a class="link" href=all>"All incidents"</a> };
    let list = if rows.is_empty() {
        view! { <EmptyState title="Quiet" text="No incident is live on this service."/> }
    } else {
        view! { <DataList label="Live incidents">{rows.into_iter().map(|row| view! { <Line row/> }).collect_view()}</DataList> }
    };
    view! { <Card title="Live incidents" aside flush=true>{list}</Card> }
}

#[component]
fn Line(row: incident::Row) -> impl IntoView {
    let incident::Row { incident, assigned_to_name, .. } = row;
    let (severity, state) = (words::severity(incident.severity), words::state(incident.status));
    let who = assigned_to_name.unwrap_or_else(|| "Nobody has it".to_owned());
    view! {
        <Row href=words::address(&incident) class="min-[900px]:grid-cols-[96px_minmax(0,1fr)_128px_88px]">
            <Chip tone=severity.tone icon=severity.glyph label=severity.word/>
            <RowMain title=incident.title.clone() sub=format!("{}, {who}", incident.label())/>
            <Chip tone=state.tone icon=state.glyph label=state.word/>
            <span class="row-meta row-end"><Time utc_ms=incident.created_at.ms()/></span>
        </Row>
    }
}
