//! Single keys: what they do, and the switch that turns them off (WCAG 2.1.4).

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use ui::{CheckField, Dialog, Kbd, SingleKeys, focus_search, on_key, view};

const STORED: &str = "opsguard-single-keys";
/// The window event that opens the list.
pub const OPEN: &str = "opsguard:shortcuts";

const KEYS: &[(&str, &str)] = &[
    ("Ctrl K", "Search or run a command"),
    ("c", "Declare an incident"),
    ("j  k", "Next and previous row"),
    ("/", "Search in a list"),
    ("a", "Acknowledge the incident on the page"),
    ("n", "Write a note"),
    ("?", "This list"),
];

/// Whether single keys act; a context of the whole application.
#[derive(Clone, Copy)]
struct Keys(RwSignal<bool>);

/// Call once, in the root component.
pub fn provide() {
    let on = RwSignal::new(true);
    provide_context(Keys(on));
    provide_context(SingleKeys(on.into()));
}

/// Opens the list. Browser only.
pub fn open() {
    if let Ok(event) = web_sys::Event::new(OPEN) {
        let _ = window().dispatch_event(&event);
    }
}

/// The keys that act on every page, and the stored switch. Call once, in the frame.
pub fn listen() {
    let Keys(on) = expect_context();
    Effect::new(move |_| {
        let stored = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(STORED).ok().flatten());
        on.set(stored.as_deref() != Some("off"));
    });
    Effect::new(move |before: Option<()>| {
        let word = if on.get() { "on" } else { "off" };
        if let (Some(()), Ok(Some(storage))) = (before, window().local_storage()) {
            // Refused in private windows: then it holds for this page.
            let _ = storage.set_item(STORED, word);
        }
    });
    let navigate = use_navigate();
    on_key("/", focus_search);
    on_key("c", move || navigate("/incidents/new", NavigateOptions::default()));
}

/// The list of keys.
#[component]
pub fn Shortcuts(
    /// Opens at once.
    opened: bool,
) -> impl IntoView {
    let shown = RwSignal::new(opened);
    let Keys(on) = expect_context();
    Effect::new(move |_| {
        let handle = window_event_listener(ev::Custom::<web_sys::Event>::new(OPEN), move |_| shown.set(true));
        on_cleanup(move || handle.remove());
    });
    view! {
        <Dialog open=shown title="Keyboard shortcuts">
            <dl class="facts">
                {KEYS.iter().map(|(keys, does)| view! { <dt><Kbd keys=*keys/></dt><dd>{*does}</dd> }).collect_view()}
            </dl>
            <CheckField name="single-keys" label="Single-key shortcuts" hint="Turn them off when speech input types for you." bind=on/>
        </Dialog>
    }
}
