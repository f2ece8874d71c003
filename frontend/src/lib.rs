//! The wasm that the page loads: makes the server's HTML alive. Nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script in the document's head.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    if let Some(root) = leptos::prelude::document().document_element() {
        // The styles wait for it: controls that need JavaScript appear now.
        let _ = root.class_list().add_1("js");
    }
}
