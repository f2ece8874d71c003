//! The wasm that the page loads: makes the server's HTML alive. Nothing else.

use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script in the document's head. Waits for the file of the page's area, then makes the whole
/// document alive at once; until then its forms and links are the server's.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let Some(body) = document().body() else { return };
    leptos::mount::hydrate_from_async(body, app::App).await.forget();
    if let Some(root) = document().document_element() {
        // The styles wait for it: controls that need JavaScript appear now.
        let _ = root.class_list().add_1("js");
    }
}
