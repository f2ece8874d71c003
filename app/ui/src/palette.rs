//! The command palette: pages, actions and search in one field, opened by Ctrl/Cmd-K.

use crate::{
    browser::{announce, is_on_itself, on_window, show_dialog},
    icon::{Glyph, Icon},
    kbd::Kbd,
    score::score,
    view,
};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// The window event that opens the palette.
pub const OPEN_PALETTE: &str = "opsguard:palette";

const SHOWN_AT_MOST: usize = 40;

/// Ctrl-K, or Cmd-K.
pub fn is_palette_key(event: &ev::KeyboardEvent) -> bool {
    (event.ctrl_key() || event.meta_key()) && !event.shift_key() && !event.alt_key() && event.key().eq_ignore_ascii_case("k")
}

/// Opens the palette from anywhere. Browser only.
pub fn open_palette() {
    announce(OPEN_PALETTE);
}

/// One line of the palette: goes somewhere or does something.
#[derive(Clone)]
pub struct PaletteItem {
    pub group: String,
    pub label: String,
    pub hint: Option<String>,
    pub glyph: Glyph,
    pub target: PaletteTarget,
    /// Answered by the server for what was typed: shown as it came, not scored again.
    pub found: bool,
}

#[derive(Clone)]
pub enum PaletteTarget {
    Href(String),
    Action(Callback<()>),
}

impl PaletteItem {
    /// Leads to an address.
    pub fn link(group: impl Into<String>, label: impl Into<String>, glyph: Glyph, href: impl Into<String>) -> Self {
        let target = PaletteTarget::Href(href.into());
        Self { group: group.into(), label: label.into(), hint: None, glyph, target, found: false }
    }

    /// Does something.
    pub fn action(group: impl Into<String>, label: impl Into<String>, glyph: Glyph, act: impl Into<Callback<()>>) -> Self {
        let target = PaletteTarget::Action(act.into());
        Self { group: group.into(), label: label.into(), hint: None, glyph, target, found: false }
    }

    /// A second text at the right: a shortcut, a service.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A search result; see [`PaletteItem::found`].
    pub fn found(mut self) -> Self {
        self.found = true;
        self
    }
}

/// What matches `query`, best first, items of a group together, the group of the best item first.
fn matching(items: Vec<PaletteItem>, query: &str) -> Vec<PaletteItem> {
    let scored = |item: &PaletteItem| if item.found { Some(0) } else { score(query, &item.label) };
    let mut kept: Vec<_> = items.into_iter().filter_map(|item| Some((scored(&item)?, item))).collect();
    if !query.trim().is_empty() {
        kept.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    let mut groups: Vec<Vec<PaletteItem>> = Vec::new();
    for (_, item) in kept.into_iter().take(SHOWN_AT_MOST) {
        match groups.iter_mut().find(|group| group[0].group == item.group) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups.into_iter().flatten().collect()
}

/// The palette itself: one per application, anywhere in the root. Combobox with a listbox (ARIA APG): focus stays in
/// the field, arrows move the choice, Enter takes it, Escape closes.
#[component]
pub fn CommandPalette(
    #[prop(into)] items: Signal<Vec<PaletteItem>>,
    /// Opens at once: for an application that loads the palette when it is first wanted.
    #[prop(optional)]
    opened: bool,
    /// What was typed while it was loaded.
    #[prop(optional)]
    typed: String,
    /// Called with each change of the text, so that the application can add what its search finds (`found`).
    #[prop(optional, into)]
    on_query: Option<Callback<String>>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let open = RwSignal::new(opened);
    let query = RwSignal::new(typed);
    let active = RwSignal::new(0_usize);
    let shown = Signal::derive(move || if open.get() { matching(items.get(), &query.get()) } else { Vec::new() });

    let ask = move |text: String| {
        query.set(text.clone());
        active.set(0);
        if let Some(on_query) = on_query {
            on_query.run(text);
        }
    };
    let show = move || {
        ask(String::new());
        open.set(true);
    };
    Effect::new(move |_| {
        on_window(ev::Custom::<web_sys::Event>::new(OPEN_PALETTE), move |_| show());
        on_window(ev::keydown, move |event| {
            if is_palette_key(&event) {
                event.prevent_default();
                if open.get_untracked() { open.set(false) } else { show() }
            }
        });
    });
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            show_dialog(&dialog, open.get());
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        let count = shown.with_untracked(Vec::len);
        let at = active.get_untracked();
        match event.key().as_str() {
            _ if event.is_composing() => return,
            "ArrowDown" if count > 0 => active.set((at + 1) % count),
            "ArrowUp" if count > 0 => active.set((at + count - 1) % count),
            "Home" if count > 0 && event.ctrl_key() => active.set(0),
            "End" if count > 0 && event.ctrl_key() => active.set(count - 1),
            "Enter" => {
                if let Some(option) =
                    document().get_element_by_id(&option_id(at)).and_then(|option| option.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    option.click();
                }
            }
            _ => return,
        }
        event.prevent_default();
        if let Some(option) = document().get_element_by_id(&option_id(active.get_untracked())) {
            option.scroll_into_view_with_bool(false);
        }
    };
    view! {
        <dialog class="dialog palette" node_ref=dialog aria-label="Command palette"
            on:close=move |_| open.set(false)
            on:click=move |event| if is_on_itself(&event) { open.set(false) }
        >
            <div class="palette-head">
                <Icon glyph=Glyph::Search/>
                <input class="palette-input" type="text" role="combobox" autofocus=true autocomplete="off" spellcheck="false" placeholder="Search or run a command"
                    aria-label="Search or run a command" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
                    aria-activedescendant=move || shown.with(|shown| (!shown.is_empty()).then(|| option_id(active.get())))
                    prop:value=move || query.get()
                    on:input=move |event| ask(event_target_value(&event))
                    on:keydown=keys/>
                <button class="btn btn-ghost btn-small" type="button" aria-label="Close" on:click=move |_| open.set(false)><Kbd keys="Esc"/></button>
            </div>
            <div class="palette-list" id="palette-list" role="listbox" aria-label="Results">{move || options(shown.get(), active, open)}</div>
            {move || shown.with(Vec::is_empty).then(|| view! { <p class="empty" role="status">"Nothing found"</p> })}
            <div class="palette-foot" aria-hidden="true"><span>"\u{2191}\u{2193} to choose"</span><span>"Enter to go"</span><span>"Esc to close"</span></div>
        </dialog>
    }
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// Options under the headings of their groups.
fn options(items: Vec<PaletteItem>, active: RwSignal<usize>, open: RwSignal<bool>) -> impl IntoView {
    let mut group = None;
    items
        .into_iter()
        .enumerate()
        .map(|(index, item)| {
            let heading = (group.as_ref() != Some(&item.group))
                .then(|| view! { <div class="palette-group" role="presentation">{item.group.clone()}</div> });
            group = Some(item.group.clone());
            view! { {heading} {option(index, item, active, open)} }
        })
        .collect_view()
        .into_any()
}

fn option(index: usize, item: PaletteItem, active: RwSignal<usize>, open: RwSignal<bool>) -> AnyView {
    let PaletteItem { label, hint, glyph, target, .. } = item;
    let selected = move || if active.get() == index { "true" } else { "false" };
    let point = move |_| active.set(index);
    let inner = view! {
        <Icon glyph/>
        <span class="palette-label">{label}</span>
        {hint.map(|hint| view! { <span class="meta">{hint}</span> })}
    };
    match target {
        PaletteTarget::Href(href) => view! {
            <a class="palette-item" id=option_id(index) role="option" tabindex="-1" href=href aria-selected=selected on:pointermove=point on:click=move |_| open.set(false)>{inner}</a>
        },
        PaletteTarget::Action(act) => view! {
            <div class="palette-item" id=option_id(index) role="option" aria-selected=selected on:pointermove=point
                on:click=move |_| { open.set(false); act.run(()) }>{inner}</div>
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(query: &str) -> Vec<String> {
        let items = vec![
            PaletteItem::link("Go to", "Home", Glyph::Home, "/"),
            PaletteItem::link("Go to", "Incidents", Glyph::Incident, "/incidents"),
            PaletteItem::link("Do", "Declare incident", Glyph::Plus, "/incidents/new"),
            PaletteItem::link("Found", "Checkout is slow", Glyph::Incident, "/incidents/418").found(),
        ];
        matching(items, query).into_iter().map(|item| item.label).collect()
    }

    #[test]
    fn everything_is_shown_before_something_is_typed() {
        assert_eq!(labels(""), ["Home", "Incidents", "Declare incident", "Checkout is slow"]);
    }

    #[test]
    fn the_best_group_comes_first_and_results_of_the_search_stay() {
        assert_eq!(labels("decl"), ["Declare incident", "Checkout is slow"]);
        assert_eq!(labels("inci"), ["Incidents", "Declare incident", "Checkout is slow"]);
    }
}
