//! The command palette: areas, actions, the incident on the page, and what the server's search finds.

use domain::account::Role;
use leptos::{prelude::*, task::spawn_local};
use ui::{CommandPalette, Glyph, PaletteItem, view};

use super::{AREAS, shortcuts};
use crate::{incident, live::calmly, session, words};

/// Provides what the palette and the shortcuts keep; call once, in the root component.
pub fn provide() {
    Here::provide();
    shortcuts::provide();
}

/// What the page of one thing adds to the palette while it is shown; a context of the whole application.
#[derive(Clone, Copy)]
pub struct Here(RwSignal<Vec<PaletteItem>>);

impl Here {
    fn provide() {
        provide_context(Self(RwSignal::new(Vec::new())));
    }
}

/// Adds a page's actions to the palette while the current owner lives.
pub fn say_here(items: impl Fn() -> Vec<PaletteItem> + 'static) {
    let Here(here) = expect_context();
    Effect::new(move |_| here.set(items()));
    on_cleanup(move || {
        let _ = here.try_set(Vec::new());
    });
}

/// The palette with everything this person can go to or do.
#[component]
pub fn Palette(
    /// Opens at once.
    opened: bool,
    /// What was typed already.
    typed: String,
) -> impl IntoView {
    let Here(here) = expect_context();
    let query = RwSignal::new(typed.clone());
    let found = RwSignal::new(Vec::<PaletteItem>::new());
    let responds = session::may(Role::Responder);
    let areas: Vec<PaletteItem> = AREAS
        .iter()
        .filter(|area| session::may(area.least))
        .map(|area| PaletteItem::link("Go to", area.label, area.glyph, area.href))
        .collect();
    let items = Signal::derive(move || {
        let mut items = here.get();
        items.extend(areas.iter().cloned());
        if responds {
            items.push(PaletteItem::link("Do", "Declare incident", Glyph::Plus, "/incidents/new").hint("c"));
            items.push(PaletteItem::link("Do", "Post an update", Glyph::Pulse, "/log/new"));
            items.push(PaletteItem::link("Do", "Report a blocker", Glyph::Warning, "/log/blockers/new"));
        }
        items.push(PaletteItem::link("Do", "My incidents", Glyph::User, "/incidents?assigned=me"));
        items.push(PaletteItem::action("Do", "Keyboard shortcuts", Glyph::Keyboard, Callback::new(|()| shortcuts::open())).hint("?"));
        items.extend(found.get());
        items
    });
    let ask = calmly(150, move || search(query.get_untracked(), query, found));
    Effect::new(move |_| {
        query.track();
        ask();
    });
    let on_query = Callback::new(move |text: String| query.set(text));
    view! { <CommandPalette items opened typed on_query/> }
}

fn search(asked: String, query: RwSignal<String>, found: RwSignal<Vec<PaletteItem>>) {
    if asked.trim().len() < 2 {
        found.set(Vec::new());
        return;
    }
    spawn_local(async move {
        let Ok(hits) = incident::api::find(asked.clone()).await else { return };
        // Somebody may have typed on.
        if query.get_untracked() != asked {
            return;
        }
        let incidents = hits.incidents.into_iter().map(|row| {
            let label = format!("{} {}", row.incident.label(), row.incident.title);
            PaletteItem::link("Incidents", label, Glyph::Incident, words::address(&row.incident))
                .hint(words::state(row.incident.status).word)
                .found()
        });
        let services = hits.services.into_iter().map(|(id, name)| {
            PaletteItem::link("Incidents of a service", name, Glyph::Service, format!("/incidents?service_id={id}")).found()
        });
        let updates =
            hits.updates.into_iter().map(|(id, title)| PaletteItem::link("Updates", title, Glyph::Pulse, format!("/log/{id}")).found());
        let blockers = hits
            .blockers
            .into_iter()
            .map(|(id, words)| PaletteItem::link("Blockers", words, Glyph::Warning, format!("/log/blockers/{id}")).found());
        found.set(incidents.chain(services).chain(updates).chain(blockers).collect());
    });
}
