//! The frame around pages: areas, bar, palette, banners. Signed-out pages stand without it.

mod banners;
mod navigation;
mod overlay;
mod palette;
mod person;
mod shortcuts;

use domain::account::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use ui::{Glyph, LiveDot, NavItem, Shell, view};

pub use palette::{provide, say_here};
pub use shortcuts::open as open_shortcuts;

use crate::{live::use_live, outbox::Tray, session};

/// An area: a line in the sidebar, the bottom bar and the palette.
pub struct Area {
    /// Address.
    pub href: &'static str,
    /// Word.
    pub label: &'static str,
    /// Drawing.
    pub glyph: Glyph,
    /// Who sees it.
    pub least: Role,
    /// Where it stands.
    pub place: Place,
}

/// Where an area stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Sidebar, and its own place in the phone's bottom bar.
    Dock,
    /// Sidebar; on phones under More.
    Side,
    /// The lower end of the sidebar; on phones under More.
    End,
}

/// Every area that has a page.
pub const AREAS: &[Area] = &[
    Area { href: "/", label: "Home", glyph: Glyph::Home, least: Role::Viewer, place: Place::Dock },
    Area { href: "/incidents", label: "Incidents", glyph: Glyph::Incident, least: Role::Viewer, place: Place::Dock },
    Area { href: "/services", label: "Services", glyph: Glyph::Service, least: Role::Viewer, place: Place::Dock },
    Area { href: "/log", label: "Team log", glyph: Glyph::Pulse, least: Role::Viewer, place: Place::Side },
    Area { href: "/team", label: "People and teams", glyph: Glyph::Users, least: Role::Viewer, place: Place::Side },
    Area { href: "/audit", label: "Audit", glyph: Glyph::Audit, least: Role::Admin, place: Place::End },
    Area { href: "/settings", label: "Settings", glyph: Glyph::Settings, least: Role::Viewer, place: Place::End },
];

/// Beginnings of the addresses whose pages stand without the frame.
pub const BARE: &[&str] = &["/sign-in", "/setup", "/invite"];

/// Path and query of the page.
pub fn address() -> String {
    let location = use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    if search.is_empty() { path } else { format!("{path}?{search}") }
}

/// Everything around the pages. A page without frame is only ever reached by loading a document, so which of the two it is
/// does not change while the application runs.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let visit = session::session().visit();
    let name = if visit.instance.is_empty() { "OpsGuard".to_owned() } else { visit.instance };
    let suffix = name.clone();
    let path = use_location().pathname;
    let is_bare = path.with_untracked(|path| BARE.iter().any(|bare| path == bare || path.starts_with(&format!("{bare}/"))));
    navigation::watch();
    let page = if is_bare || visit.me.is_none() {
        view! { <div class="auth"><main id="main">{children()}</main></div> }
    } else {
        view! {
            <Shell name items=items() path
                live=|| view! { <LiveDot state=use_live().state/> }
                tray=|| view! { <Tray/> }
                user=|| view! { <person::Person/> }
                banner=|| view! { <banners::Banners/> }
            >
                {children()}
            </Shell>
            <overlay::Overlays/>
        }
    };
    view! {
        <Title formatter=move |text: String| if text.is_empty() { suffix.clone() } else { format!("{text} - {suffix}") }/>
        {page}
    }
}

fn items() -> Vec<NavItem> {
    let counts = session::session().counts;
    AREAS
        .iter()
        .filter(|area| session::may(area.least))
        .map(|area| {
            let item = NavItem::new(area.href, area.label, area.glyph);
            let item = match area.place {
                Place::Dock => item.dock(),
                Place::Side => item,
                Place::End => item.end(),
            };
            match area.href {
                "/incidents" => item.count(Signal::derive(move || counts.get().open.try_into().ok())),
                _ => item,
            }
        })
        .collect()
}
