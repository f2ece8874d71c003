//! The wasm that the page loads: makes the server's HTML alive. Nothing else.

use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the module script in the document's head. Waits for the file of the page's area, then makes the whole
/// document alive in one go; until then its forms and links are the server's.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let area = document().query_selector(r#"meta[name="area"]"#).ok().flatten().and_then(|meta| meta.get_attribute("content"));
    app::area::fetch(&area.unwrap_or_default()).await;
    let Some(body) = document().body() else { return };
    leptos::mount::hydrate_from_async(body, app::App).await.forget();
    if let Some(root) = document().document_element() {
        // The styles wait for it: controls that need JavaScript appear now.
        let _ = root.class_list().add_1("js");
    }
}

/// Room in the data segment of the first file. When the build cuts the wasm into files, each file's data is aligned anew;
/// where the sum would be longer than before, all data stays in the first file. Nothing refers to this, so that the cut
/// drops it again.
#[used]
static ROOM: [u8; 8192] = [0x5a; 8192];
