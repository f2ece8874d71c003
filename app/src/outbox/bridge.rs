//! Calls into `window.opsguard` (public/pwa.js). Where the scripts are missing every call answers `None`: the page works on.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Calls `window.opsguard.<path>`, as in `pwa.storePage`.
pub fn call(path: &str, args: &[JsValue]) -> Option<JsValue> {
    let mut this = Reflect::get(&window(), &"opsguard".into()).ok()?;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        if this.is_undefined() || this.is_null() {
            return None;
        }
        let value = Reflect::get(&this, &name.into()).ok()?;
        if names.peek().is_none() {
            return value.dyn_into::<Function>().ok()?.apply(&this, &args.iter().collect::<Array>()).ok();
        }
        this = value;
    }
    None
}

/// The same for what answers a promise.
pub async fn ask(path: &str, args: &[JsValue]) -> Option<JsValue> {
    let answer = call(path, args)?;
    match answer.dyn_into::<Promise>() {
        Ok(promise) => JsFuture::from(promise).await.ok(),
        Err(answer) => Some(answer),
    }
}

/// GET of JSON from this origin; `None` for every other answer.
pub async fn get_json(path: &str) -> Option<Value> {
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str(path)).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.json().ok()?).await.ok().map(|json| tree(&json))
}

/// What the browser read, as a tree of ours. Whole numbers are exact up to 2^53, as in every JSON of a browser.
pub fn tree(value: &JsValue) -> Value {
    if let Some(text) = value.as_string() {
        Value::String(text)
    } else if let Some(number) = value.as_f64() {
        let whole = number as i64;
        if whole as f64 == number { whole.into() } else { number.into() }
    } else if let Some(is) = value.as_bool() {
        Value::Bool(is)
    } else if Array::is_array(value) {
        Value::Array(Array::from(value).iter().map(|item| tree(&item)).collect())
    } else if let Some(object) = value.dyn_ref::<Object>() {
        let entry = |entry: JsValue| {
            let entry = Array::from(&entry);
            (entry.get(0).as_string().unwrap_or_default(), tree(&entry.get(1)))
        };
        Value::Object(Object::entries(object).iter().map(entry).collect())
    } else {
        Value::Null
    }
}

/// A UUID v7 for a form made in the browser.
pub fn uuid7() -> String {
    call("uuid7", &[]).and_then(|id| id.as_string()).unwrap_or_default()
}

/// The server was heard of: what waits is sent.
pub fn came_online() {
    call("outbox.flush", &[]);
}

/// The server runs this build: when it is not the page's, ask for the update.
pub fn seen_build(theirs: &str) {
    let ours = document().document_element().and_then(|root| root.get_attribute("data-build")).unwrap_or_default();
    if !ours.is_empty() && !theirs.is_empty() && ours != theirs {
        call("pwa.checkUpdate", &[]);
    }
}

/// Takes the new version; the page loads again.
pub fn apply_update() {
    call("pwa.applyUpdate", &[]);
}

/// Keeps an offline copy of a page that was reached without loading a document.
pub fn store_page(address: &str) {
    call("pwa.storePage", &[address.into()]);
}
