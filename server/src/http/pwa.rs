//! The files of the installable app: service worker, manifest, offline page, scripts that are not hashed by name, icons.

use axum::{
    body::Bytes,
    extract::{Request, State as Extract},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    State,
    assets::{IMMUTABLE, NO_CACHE, serve},
};

/// What the worker may do: load its own scripts, ask this server.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'";
/// What the offline page may do.
const OFFLINE_POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// `GET /sw.js`: the template with this build's id and files. Its bytes change exactly when the files do.
pub async fn worker(Extract(state): Extract<State>) -> Response {
    let Some(template) = state.assets.get("/sw.js") else { return missing() };
    let precache = serde_json::to_string(&state.assets.precache()).unwrap_or_else(|_| "[]".into());
    let build = if state.assets.js.is_empty() { "" } else { &state.assets.build };
    let script = String::from_utf8_lossy(&template.plain).replacen("/*__BUILD__*/\"\"", &format!("\"{build}\""), 1).replacen(
        "/*__PRECACHE__*/[]",
        &precache,
        1,
    );
    rendered(script.into(), "text/javascript; charset=utf-8", WORKER_POLICY)
}

/// `GET /manifest.webmanifest`: with the instance's name.
pub async fn manifest(Extract(state): Extract<State>) -> Response {
    let Some(template) = state.assets.get("/manifest.webmanifest") else { return missing() };
    // It stands inside a JSON text of the template: escaped, without the quotes around it.
    let name = serde_json::to_string(&state.config.instance).unwrap_or_default();
    let name = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or_default();
    let text = String::from_utf8_lossy(&template.plain).replace("__INSTANCE__", name);
    rendered(text.into(), "application/manifest+json", "default-src 'none'")
}

fn rendered(body: Bytes, content_type: &'static str, policy: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, NO_CACHE), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, body).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "This build has no site; run `cargo xtask build`.\n").into_response()
}

/// A file at the root of the site: immutable under its hash, asked again without.
pub async fn file(Extract(state): Extract<State>, request: Request) -> Response {
    let Some(file) = state.assets.get(request.uri().path()) else { return missing() };
    let hashed = request.uri().query().and_then(|q| q.strip_prefix("v=")).is_some_and(|v| v == file.hash);
    let mut response = serve(file, request.headers(), if hashed { IMMUTABLE } else { NO_CACHE });
    if request.uri().path() == "/offline.html" {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OFFLINE_POLICY));
    }
    response
}
