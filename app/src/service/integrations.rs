//! The sources of a service's alerts, and the form for another.

use domain::integration::Integration;
use leptos::prelude::*;
use ui::{Card, Chip, DataList, EmptyState, ErrorSummary, Glyph, Row, RowMain, TextField, Time, Tone, view};

use super::kind::KindTiles;
use crate::form::{Flash, Key};

/// Each source with its kind, when it last sent, and whether something of it was refused.
#[component]
pub fn Integrations(
    integrations: Vec<Integration>,
    #[prop(into)] service: String,
    /// What the form brought back.
    flash: Flash,
    may_configure: bool,
) -> impl IntoView {
    let is_open = integrations.is_empty() || !flash.errors.is_empty();
    let list = if integrations.is_empty() {
        view! { <EmptyState icon=Glyph::Integration title="Nothing sends here yet" text="An integration is a secret URL that one source of alerts sends to."/> }
    } else {
        view! { <DataList label="Integrations" keys=false>{integrations.into_iter().map(|integration| view! { <Line integration/> }).collect_view()}</DataList> }
    };
    let add = may_configure.then(|| {
        view! {
            <details class="px-4 py-3 border-t border-line" open=is_open>
                <summary class="font-semibold">"Add an integration"</summary>
                <form class="form pt-3" method="post" action=format!("/services/{service}/integrations")>
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <TextField name="name" id="f-integration-name" label="Name" maxlength=120 placeholder="Prometheus in Frankfurt"
                        value=flash.value("name").unwrap_or_default() error=flash.error("name")/>
                    <KindTiles/>
                </form>
            </details>
        }
    });
    view! { <Card title="Integrations" flush=true>{list}{add}</Card> }
}

#[component]
fn Line(integration: Integration) -> impl IntoView {
    let Integration { id, name, kind, disabled_at, last_received_at, last_error_at, .. } = integration;
    let (tone, glyph, state) = match (disabled_at, last_received_at, last_error_at) {
        (Some(_), ..) => (Tone::Neutral, Glyph::Pause, "Disabled"),
        (None, received, Some(failed)) if received.is_none_or(|received| received < failed) => (Tone::Crit, Glyph::Alert, "Rejecting"),
        (None, None, None) => (Tone::Neutral, Glyph::Circle, "Never used"),
        (None, ..) => (Tone::Ok, Glyph::Check, "Receiving"),
    };
    let last = match last_received_at {
        Some(at) => view! { <Time utc_ms=at.ms()/> },
        None => "Nothing yet".into_any(),
    };
    view! {
        <Row href=format!("/integrations/{id}") class="min-[900px]:grid-cols-[minmax(0,1fr)_128px_96px]">
            <RowMain title=name sub=kind.title()/>
            <Chip tone icon=glyph label=state/>
            <span class="row-meta row-end">{last}</span>
        </Row>
    }
}
