//! The rows of a list, live: what is shown changes in place, what is new waits until it may be shown.

use std::collections::BTreeSet;

use domain::{
    Id,
    account::Role,
    incident::{Incident, Row},
    list::Page,
};
use leptos::prelude::*;
use ui::{DataList, EmptyState, Glyph, LinkButton, Pagination, WaitingRows, view};

use super::{
    query::{Fit, Query},
    row::IncidentRow,
};
use crate::{
    live::{self, Event, News, calmly, merged},
    session,
};

type Shown = Vec<(Id<Incident>, RwSignal<Row>)>;

/// A row from an event about an incident that the page does not have. The long texts stay behind.
fn arrived(event: &Event) -> Option<Row> {
    let mut patch = event.patch.as_object()?.clone();
    for text in ["description", "resolution_notes"] {
        patch.entry(text).or_insert_with(|| "".into());
    }
    domain::from_tree(&patch.into()).ok()
}

/// One page of the list.
#[component]
pub fn Rows(
    query: Query,
    page: Page<Row>,
    /// Fetches the page again.
    #[prop(into)]
    refetch: Callback<()>,
) -> impl IntoView {
    let shown: StoredValue<Shown> = StoredValue::new(page.items.into_iter().map(|row| (row.incident.id, RwSignal::new(row))).collect());
    let waiting = RwSignal::new(BTreeSet::<String>::new());
    let pointed_at = RwSignal::new(false);
    let show = calmly(1_000, move || refetch.run(()));
    // What would move under the eyes or the finger waits for a word of theirs.
    let settle = move || {
        if !pointed_at.get_untracked() && is_at_top() {
            show();
        }
    };
    let me = session::me().map(|me| me.user.id);
    let kept = query.clone();
    live::on(&["incidents"], move |news| match news {
        News::Resync => refetch.run(()),
        News::Event(event) => {
            let known =
                shown.with_value(|shown| shown.iter().find(|(id, _)| event.entity == format!("incident:{id}")).map(|(_, row)| *row));
            match known {
                Some(row) if row.with_untracked(|row| row.incident.rev >= event.rev) => {}
                Some(row) => match row.with_untracked(|row| merged(row, &event.patch)) {
                    Some(now) => {
                        if kept.fits(&now, me) == Fit::Out {
                            settle();
                        }
                        row.set(now);
                    }
                    None => refetch.run(()),
                },
                None => {
                    if arrived(&event).is_none_or(|row| kept.fits(&row, me) != Fit::Out) && kept.page <= 1 {
                        waiting.update(|waiting| {
                            waiting.insert(event.entity.clone());
                        });
                        settle();
                    }
                }
            }
        }
    });
    let is_empty = shown.with_value(Vec::is_empty);
    let pages = query.clone();
    let href = Callback::new(move |page: u64| pages.page(page as u32).address());
    view! {
        <WaitingRows count=Signal::derive(move || waiting.with(BTreeSet::len)) show=refetch/>
        {if is_empty {
            view! { <Nothing query/> }
        } else {
            view! {
                <div on:pointerenter=move |_| pointed_at.set(true) on:pointerleave=move |_| pointed_at.set(false)
                    on:focusin=move |_| pointed_at.set(true) on:focusout=move |_| pointed_at.set(false)>
                    <DataList label="Incidents">
                        {shown.with_value(|shown| shown.iter().map(|(_, row)| view! { <IncidentRow row=*row/> }).collect_view())}
                    </DataList>
                </div>
                <Pagination page=u64::from(page.page) per_page=u64::from(page.page_size) total=page.total total_is_exact=page.total_is_exact href/>
            }
        }}
    }
}

fn is_at_top() -> bool {
    window().scroll_y().unwrap_or_default() < 120.0
}

/// Why there is nothing, and what to do about it.
#[component]
fn Nothing(query: Query) -> impl IntoView {
    let declare = || {
        session::may(Role::Responder).then(|| view! { <LinkButton href="/incidents/new" icon=Glyph::Plus>"Declare incident"</LinkButton> })
    };
    if query.page > 1 {
        return view! {
            <EmptyState icon=Glyph::Incident title="Nothing on this page" text="The list has become shorter since.">
                <LinkButton href=query.page(1).address()>"First page"</LinkButton>
            </EmptyState>
        };
    }
    if query.is_default() {
        return view! {
            <EmptyState icon=Glyph::Check title="Nothing is burning"
                text="Alerts open incidents by themselves. What you notice before the monitoring does can be declared by hand.">
                {declare()}
                <LinkButton href="/incidents?status=all&sort=newest">"Earlier incidents"</LinkButton>
            </EmptyState>
        };
    }
    view! {
        <EmptyState icon=Glyph::Filter title="No incident matches" text="Nothing answers to all of these filters at once.">
            <LinkButton href="/incidents">"Clear the filters"</LinkButton>
        </EmptyState>
    }
}
