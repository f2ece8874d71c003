//! Single-key shortcuts. They can be turned off (WCAG 2.1.4) and never act while someone writes.

use crate::browser::{is_writing, on_window};
use leptos::{ev, prelude::*};

/// Provide this as a context to let people turn single-key shortcuts off; without it they are on.
#[derive(Clone, Copy)]
pub struct SingleKeys(pub Signal<bool>);

/// Calls `act` when `key` (as in `KeyboardEvent.key`: `"c"`, `"?"`) is pressed alone, while the current owner lives.
pub fn on_key(key: &'static str, act: impl Fn() + Clone + 'static) {
    let enabled = use_context::<SingleKeys>();
    Effect::new(move |_| {
        let act = act.clone();
        on_window(ev::keydown, move |event| {
            let off = enabled.is_some_and(|SingleKeys(on)| !on.get_untracked());
            if event.key() == key && !off && is_plain(&event) && !is_writing(&event) {
                event.prevent_default();
                act();
            }
        });
    });
}

/// Without Ctrl, Alt or Meta.
fn is_plain(event: &web_sys::KeyboardEvent) -> bool {
    !event.ctrl_key() && !event.alt_key() && !event.meta_key() && !event.is_composing()
}
