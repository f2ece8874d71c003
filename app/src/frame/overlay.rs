//! What opens over a page: the palette and the list of keys. Their code is a file of its own, fetched when one of them is
//! first wanted; from then on each listens for itself.

use std::sync::{Arc, Mutex};

use leptos::{ev, prelude::*, reactive::computed::ScopedFuture};
use ui::{OPEN_PALETTE, is_palette_key, on_key, view};

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
    let wanted = StoredValue::new(None::<First>);
    // What is typed between the wish and the palette's arrival; None when it has arrived.
    let typed = StoredValue::new(Some(String::new()));
    // Made on the server, too, where another thread may drop it: nothing in it is bound to a thread.
    let (place, arrived) = (Arc::new(Mutex::new(None::<AnyView>)), ArcTrigger::new());
    let (here, shown) = (place.clone(), arrived.clone());
    let owner = Owner::current();
    let want = move |first| {
        if wanted.get_value().is_some() {
            return;
        }
        wanted.set_value(Some(first));
        // What is loaded belongs to this component, not to the event.
        let (place, arrived) = (place.clone(), arrived.clone());
        let load = || {
            ScopedFuture::new(async move {
                let view = overlays(first, typed).await;
                if let Ok(mut place) = place.lock() {
                    *place = Some(view);
                }
                arrived.notify();
            })
        };
        if let Some(owner) = &owner {
            leptos::task::spawn_local(owner.with(load));
        }
    };
    shortcuts::listen();
    Effect::new(move |_| {
        let events = [(OPEN_PALETTE, First::Palette), (shortcuts::OPEN, First::Keys)];
        let handles = events.map(|(name, first)| {
            let want = want.clone();
            window_event_listener(ev::Custom::<web_sys::Event>::new(name), move |_| want(first))
        });
        let want = want.clone();
        let key = window_event_listener(ev::keydown, move |event| match wanted.get_value() {
            None if is_palette_key(&event) => {
                event.prevent_default();
                want(First::Palette);
            }
            Some(First::Palette) if keep(&event, typed) => event.prevent_default(),
            _ => {}
        });
        on_cleanup(move || {
            handles.into_iter().for_each(|handle| handle.remove());
            key.remove();
        });
    });
    on_key("?", shortcuts::open);
    move || {
        shown.track();
        here.lock().ok().and_then(|mut place| place.take())
    }
}

/// Keeps a letter for the palette that is on its way.
fn keep(event: &ev::KeyboardEvent, typed: StoredValue<Option<String>>) -> bool {
    let key = event.key();
    let is_letter = key.chars().count() == 1 && !event.ctrl_key() && !event.meta_key();
    is_letter && typed.try_update_value(|typed| typed.as_mut().map(|typed| typed.push_str(&key))).flatten().is_some()
}

/// The way into their file.
#[leptos::lazy]
fn overlays(first: First, typed: StoredValue<Option<String>>) -> AnyView {
    let typed = typed.try_update_value(Option::take).flatten().unwrap_or_default();
    view! {
        <Palette opened=first == First::Palette typed/>
        <Shortcuts opened=first == First::Keys/>
    }
}
