//! The browser, in one place. Everything here may only run in effects and event handlers, which never run on the
//! server; nothing else in the crate calls JavaScript.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// False on the server and in the first hydrated render (so that both agree), true from then on.
/// Components that are better with JavaScript swap themselves on it.
pub fn hydrated() -> ReadSignal<bool> {
    let (ready, set_ready) = signal(false);
    Effect::new(move |_| set_ready.set(true));
    ready
}

/// Shows or closes a native dialog; harmless when it already is so.
pub fn show_dialog(dialog: &web_sys::HtmlDialogElement, open: bool) {
    if open && !dialog.open() {
        // Refused only for a detached element: then there is nothing to show.
        let _ = dialog.show_modal();
    } else if !open && dialog.open() {
        dialog.close();
    }
}

/// Whether the event happened on the element itself (a click on a dialog's backdrop) and not on something in it.
pub fn is_on_itself(event: &web_sys::Event) -> bool {
    event.target().is_some() && event.target() == event.current_target()
}

/// Whether the key press belongs to a text being written, or to an open dialog.
pub fn is_writing(event: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return false };
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
        || target.dyn_ref::<web_sys::HtmlElement>().is_some_and(web_sys::HtmlElement::is_content_editable)
        || document().query_selector("dialog[open]").ok().flatten().is_some()
}

/// Focuses the first element that matches inside `root`, or in the document.
pub fn focus_first(selector: &str) {
    if let Some(element) = document().query_selector(selector).ok().flatten() {
        focus(&element);
    }
}

/// Focuses an element that may be of any kind.
pub fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

/// Listens on the window while the current owner lives. Call it inside an effect.
pub fn on_window<E>(event: E, handler: impl Fn(E::EventType) + 'static)
where
    E: ev::EventDescriptor + 'static,
    E::EventType: JsCast,
{
    let handle = window_event_listener(event, handler);
    on_cleanup(move || handle.remove());
}

/// Sends a bare event to the window, for whoever listens by that name.
pub fn announce(name: &str) {
    if let Ok(event) = web_sys::Event::new(name) {
        let _ = window().dispatch_event(&event);
    }
}

/// Sets the theme of the document at once; the cookie is set by the form that asked for it.
pub fn set_theme(theme: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", theme);
    }
}

/// Puts text on the clipboard. Browsers refuse outside HTTPS: then nothing happens and `done` is not called.
pub fn copy(text: &str, done: impl FnOnce() + 'static) {
    let navigator = window().navigator();
    let Ok(clipboard) = js_sys::Reflect::get(&navigator, &"clipboard".into()) else { return };
    let Ok(clipboard) = clipboard.dyn_into::<web_sys::Clipboard>() else { return };
    let written = clipboard.write_text(text);
    leptos::task::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
            done();
        }
    });
}

/// Milliseconds since 1970 on this device.
pub fn device_now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Minutes that this device's zone is ahead of UTC at that instant (daylight saving included).
pub fn zone_offset_min(utc_ms: i64) -> i32 {
    -(js_sys::Date::new(&(utc_ms as f64).into()).get_timezone_offset() as i32)
}
