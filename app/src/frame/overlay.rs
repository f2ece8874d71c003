//! What opens over a page: the palette and the list of keys. Their code is a file of its own, fetched when one of them is
//! first wanted; from then on each listens for itself.

use leptos::{ev, prelude::*};
use ui::{OPEN_PALETTE, is_palette_key, on_key};

use super::{
    palette::Palette,
    shortcuts::{self, Shortcuts},
};

/// Which of them is wanted first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Palette,
    Keys,
}

/// Waits for the first wish.
#[component]
pub fn Overlays() -> impl IntoView {
    let wanted = RwSignal::new(None::<First>);
    let want = move |first| {
        if wanted.get_untracked().is_none() {
            wanted.set(Some(first));
        }
    };
    shortcuts::listen();
    Effect::new(move |_| {
        let events = [(OPEN_PALETTE, First::Palette), (shortcuts::OPEN, First::Keys)];
        let handles = events.map(|(name, first)| window_event_listener(ev::Custom::<web_sys::Event>::new(name), move |_| want(first)));
        let key = window_event_listener(ev::keydown, move |event| {
            if wanted.get_untracked().is_none() && is_palette_key(&event) {
                event.prevent_default();
                want(First::Palette);
            }
        });
        on_cleanup(move || {
            handles.into_iter().for_each(|handle| handle.remove());
            key.remove();
        });
    });
    on_key("?", shortcuts::open);
    view! { {move || wanted.get().map(|first| view! { <Suspense>{Suspend::new(overlays(first))}</Suspense> })} }.into_any()
}

/// The way into their file.
#[leptos::lazy]
fn overlays(first: First) -> AnyView {
    view! {
        <Palette opened=first == First::Palette/>
        <Shortcuts opened=first == First::Keys/>
    }
    .into_any()
}
