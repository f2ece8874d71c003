//! What accompanies going from page to page: offline copies, and links that load documents while there is no network.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen::{JsCast, closure::Closure};

use crate::outbox;

/// Starts both, once, for as long as the tab lives.
pub(super) fn watch() {
    let location = use_location();
    Effect::new(move |before: Option<String>| {
        let (path, search) = (location.pathname.get(), location.search.get());
        let address = if search.is_empty() { path } else { format!("{path}?{search}") };
        // The document that was loaded is stored by the worker itself.
        if before.is_some_and(|before| before != address) {
            outbox::store_page(&address);
        }
        address
    });
    Effect::new(|_| {
        let listener = Closure::<dyn Fn(web_sys::MouseEvent)>::new(leave_to_the_browser);
        // In the capture phase, so that it comes before the router.
        let _ = document().add_event_listener_with_callback_and_bool("click", listener.as_ref().unchecked_ref(), true);
        listener.forget();
    });
}

/// Without network a page's data cannot be fetched, but the worker may have the whole document.
fn leave_to_the_browser(event: web_sys::MouseEvent) {
    if window().navigator().on_line() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    if let Some(link) = target.and_then(|target| target.closest("a[href]").ok().flatten()) {
        let _ = link.set_attribute("rel", "external");
    }
}
