//! What burns, and what of it is mine.

use domain::{incident::Row, list::Page};
use leptos::prelude::*;
use ui::{Card, DataList, EmptyState, Glyph, LinkButton, view};

use crate::incident::IncidentRow;

fn rows(page: Page<Row>, label: &'static str, keys: bool) -> AnyView {
    view! {
        <DataList label keys>
            {page.items.into_iter().map(|row| view! { <IncidentRow row=Signal::stored(row) compact=true/> }).collect_view()}
        </DataList>
    }
}

/// The incidents that this person has; nothing while there are none.
#[component]
pub fn Mine(page: Page<Row>) -> impl IntoView {
    (page.total > 0)
        .then(|| {
            view! {
                <Card title="Yours" aside=|| view! { <a class="link" href="/incidents?assigned=me">"All of yours"</a> } flush=true>
                    {rows(page, "Your incidents", false)}
                </Card>
            }
        })
        .into_any()
}

/// The worst of what is not over.
#[component]
pub fn Burns(page: Page<Row>) -> impl IntoView {
    let all = format!("All {}", ui::number::total(page.total, page.total_is_exact));
    let body = if page.items.is_empty() {
        view! {
            <EmptyState icon=Glyph::Check title="Nothing is burning" text="No incident is open. Alerts open them by themselves; what you notice first can be declared by hand.">
                <LinkButton href="/incidents?status=all&sort=newest">"Earlier incidents"</LinkButton>
            </EmptyState>
        }
    } else {
        rows(page, "What is burning", true)
    };
    view! { <Card title="What is burning" aside=move || view! { <a class="link" href="/incidents">{all}</a> } flush=true>{body}</Card> }
}
