//! The frame around every page: areas at the left on wide screens and below on phones, a bar above, the page between.

use crate::{
    icon::{Glyph, Icon},
    kbd::Kbd,
    number::badge,
    page::Here,
    palette::open_palette,
    skip::SkipLink,
    view,
};
use leptos::{html, prelude::*};

/// An area of the application.
#[derive(Clone)]
pub struct NavItem {
    href: String,
    label: String,
    glyph: Glyph,
    count: Signal<Option<u32>>,
    section: Option<String>,
    dock: bool,
    end: bool,
}

impl NavItem {
    pub fn new(href: impl Into<String>, label: impl Into<String>, glyph: Glyph) -> Self {
        Self { href: href.into(), label: label.into(), glyph, count: Signal::stored(None), section: None, dock: false, end: false }
    }

    /// How many things wait there; none and 0 show nothing.
    pub fn count(mut self, count: impl Into<Signal<Option<u32>>>) -> Self {
        self.count = count.into();
        self
    }

    /// Starts a group with this heading, unless the item before is in the same.
    pub fn section(mut self, section: impl Into<String>) -> Self {
        self.section = Some(section.into());
        self
    }

    /// Has its own place in the phone's bottom bar (three or four items); the others are under More.
    pub fn dock(mut self) -> Self {
        self.dock = true;
        self
    }

    /// At the lower end of the sidebar.
    pub fn end(mut self) -> Self {
        self.end = true;
        self
    }
}

/// The frame. Slots are closures: `live=|| view! { .. }`.
#[component]
pub fn Shell(
    /// Name of the installation.
    #[prop(into)]
    name: String,
    items: Vec<NavItem>,
    /// Path of the current page.
    #[prop(into)]
    path: Signal<String>,
    /// State of the live connection.
    #[prop(optional, into)]
    live: ViewFnOnce,
    /// What waits to be sent.
    #[prop(optional, into)]
    tray: ViewFnOnce,
    /// The person's menu.
    #[prop(optional, into)]
    user: ViewFnOnce,
    /// Messages above everything.
    #[prop(optional, into)]
    banner: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    provide_context(Here(path));
    let hrefs: Vec<String> = items.iter().map(|item| item.href.clone()).collect();
    let here = Memo::new(move |_| current(&hrefs, &path.get()).map(str::to_owned));
    let (below, above): (Vec<NavItem>, Vec<NavItem>) = items.iter().cloned().partition(|item| item.end);
    view! {
        <SkipLink/>
        <div class="shell">
            <nav class="side" aria-label="Areas">
                <Brand name=name.clone()/>
                {side_links(above, here)}
                <div class="side-end">{side_links(below, here)}</div>
            </nav>
            <div class="min-w-0">
                {banner.run()}
                <header class="top">
                    <Brand name/>
                    <button class="find needs-js" type="button" aria-label="Search or run a command" aria-keyshortcuts="Control+K Meta+K" on:click=|_| open_palette()>
                        <Icon glyph=Glyph::Search/><span>"Search or run a command"</span><Kbd keys="Ctrl K"/>
                    </button>
                    <div class="top-end">{tray.run()}{live.run()}{user.run()}</div>
                </header>
                <main class="main" id="main" tabindex="-1">{children()}</main>
            </div>
            <Dock items here/>
        </div>
    }
}

#[component]
fn Brand(#[prop(into)] name: String) -> impl IntoView {
    view! { <a class="brand" href="/"><Mark name/></a> }
}

/// The mark and the name of the installation. The frame has it; pages without the frame show it themselves.
#[component]
pub fn Mark(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
            <rect class="fill-accent" width="24" height="24" rx="6"></rect>
            <path class="stroke-accent-ink" fill="none" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" d="M12 5 6.5 7v4.6c0 3.4 2.3 5.8 5.5 6.9 3.2-1.1 5.5-3.5 5.5-6.9V7zM9.5 11.7l1.9 1.9 3.4-3.7"></path>
        </svg>
        <span class="truncate">{name}</span>
    }
}

fn side_links(items: Vec<NavItem>, here: Memo<Option<String>>) -> impl IntoView {
    let mut section = None;
    items
        .into_iter()
        .map(|item| {
            let heading = item.section.clone().filter(|name| section.as_ref() != Some(name));
            section = item.section.clone();
            view! {
                {heading.map(|name| view! { <p class="nav-section">{name}</p> })}
                {link("nav", item, here)}
            }
        })
        .collect_view()
        .into_any()
}

fn link(class: &'static str, item: NavItem, here: Memo<Option<String>>) -> impl IntoView {
    let NavItem { href, label, glyph, count, .. } = item;
    let marked = {
        let href = href.clone();
        move || here.with(|here| here.as_deref() == Some(href.as_str())).then(|| "page".to_owned())
    };
    view! {
        <a class=class href=href aria-current=marked>
            <Icon glyph/>
            <span class="truncate">{label}</span>
            {move || count.get().filter(|count| *count > 0).map(|count| view! { <span class="count">{badge(count)}</span> })}
        </a>
    }
}

/// The bottom bar of phones. More is a `<details>`: it works before the wasm arrives.
#[component]
fn Dock(items: Vec<NavItem>, here: Memo<Option<String>>) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    Effect::new(move |_| {
        here.track();
        if let Some(more) = node.get_untracked() {
            more.set_open(false);
        }
    });
    let (shown, rest): (Vec<NavItem>, Vec<NavItem>) = items.into_iter().partition(|item| item.dock);
    let folded: Vec<String> = rest.iter().map(|item| item.href.clone()).collect();
    let in_rest = move || here.with(|here| here.as_ref().is_some_and(|here| folded.contains(here))).then_some("true");
    let close = move |_| {
        if let Some(more) = node.get_untracked() {
            more.set_open(false);
        }
    };
    view! {
        <nav class="dock" aria-label="Areas, short">
            {shown.into_iter().map(|item| link("dock-item", item, here)).collect_view()}
            <details class="dock-more" node_ref=node>
                <summary class="dock-item" aria-current=in_rest><Icon glyph=Glyph::Menu/>"More"</summary>
                <div class="dock-sheet" on:click=close>{side_links(rest, here)}</div>
            </details>
        </nav>
    }
}

/// The area a path is in: the longest `href` that is the path or a folder above it. `/` is only itself.
fn current<'a>(hrefs: &'a [String], path: &str) -> Option<&'a str> {
    let contains = |href: &str| path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')));
    hrefs.iter().map(String::as_str).filter(|href| contains(href)).max_by_key(|href| href.len())
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn the_deepest_area_is_current() {
        let hrefs = ["/", "/incidents", "/settings", "/settings/audit"].map(str::to_owned);
        for (path, area) in [
            ("/", Some("/")),
            ("/incidents", Some("/incidents")),
            ("/incidents/418", Some("/incidents")),
            ("/incidents-old", None),
            ("/settings/audit/3", Some("/settings/audit")),
            ("/nowhere", None),
        ] {
            assert_eq!(current(&hrefs, path), area, "{path}");
        }
    }
}
