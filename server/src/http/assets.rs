//! The built site: embedded in release builds, read from the folder in debug builds. Served from memory by hash, immutable.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{Path, State as Extract},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use services::{Actor, Cx, Request as Origin, build::BuildFile};
use sha2::{Digest, Sha256};

use super::{State, refusal::Refusal};

#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

/// One file, as it is and compressed.
#[derive(Debug, Clone)]
pub struct File {
    /// As built.
    pub plain: Bytes,
    /// Brotli, when it was made.
    pub br: Option<Bytes>,
    /// Gzip, when it was made.
    pub gz: Option<Bytes>,
    /// By the ending of the name.
    pub content_type: &'static str,
    /// The first characters of its SHA-256.
    pub hash: String,
}

/// The files of this build.
#[derive(Debug, Default)]
pub struct Assets {
    files: BTreeMap<String, File>,
    /// Changes exactly when the files do.
    pub build: String,
    /// `/pkg/opsguard.<hash>.js`, empty without a built site.
    pub js: String,
    /// `/pkg/opsguard.<hash>.wasm`.
    pub wasm: String,
    /// `/pkg/opsguard.<hash>.css`.
    pub css: String,
    /// Address of the script that fetches further wasm files; the glue imports it.
    pub split: String,
    /// Addresses of the wasm files of each area of the application beside the first one.
    pub areas: Arc<BTreeMap<String, Vec<String>>>,
}

impl Assets {
    /// Reads the site once, at start.
    pub fn load() -> Self {
        let built = Site::iter().filter_map(|name| Some((name.to_string(), Bytes::from(Site::get(&name)?.data.into_owned())))).collect();
        #[cfg(feature = "test-seams")]
        let built = crate::testing::laid_over(built);
        Self::of(built)
    }

    /// A site of these files by their names, compressed ones beside the plain ones (`a.js`, `a.js.br`, `a.js.gz`).
    pub fn of(built: BTreeMap<String, Bytes>) -> Self {
        let mut files = BTreeMap::new();
        for (name, plain) in built.iter().filter(|(n, _)| !n.ends_with(".br") && !n.ends_with(".gz")) {
            let hash = Sha256::digest(plain)[..8].iter().map(|b| format!("{b:02x}")).collect();
            let (br, gz) = (built.get(&format!("{name}.br")).cloned(), built.get(&format!("{name}.gz")).cloned());
            files.insert(format!("/{name}"), File { plain: plain.clone(), br, gz, content_type: content_type(name), hash });
        }
        let pkg = |beginning: &str, ending: &str| {
            files.keys().find(|n| n.starts_with(&format!("/pkg/{beginning}.")) && n.ends_with(ending)).cloned().unwrap_or_default()
        };
        let (js, wasm, css, split) =
            (pkg("opsguard", ".js"), pkg("opsguard", ".wasm"), pkg("opsguard", ".css"), pkg("__wasm_split", ".js"));
        let mut all = Sha256::new();
        for (name, file) in &files {
            all.update(name.as_bytes());
            all.update(file.hash.as_bytes());
        }
        let build = all.finalize()[..8].iter().map(|b| format!("{b:02x}")).collect();
        let areas = Arc::new(areas(&files));
        Self { files, build, js, wasm, css, split, areas }
    }

    /// A file by its path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// A path of a file that is not hashed by name, with its hash as query: as immutable as the others.
    pub fn versioned(&self, path: &str) -> String {
        self.get(path).map_or_else(|| path.to_owned(), |f| format!("{path}?v={}", f.hash))
    }

    /// What the service worker keeps: everything a page needs without the network.
    pub fn precache(&self) -> Vec<String> {
        let needed = |path: &str| path.starts_with("/pkg/") && [".js", ".wasm", ".css"].iter().any(|ending| path.ends_with(ending));
        let mut list: Vec<String> = self.files.keys().filter(|path| needed(path)).cloned().collect();
        list.extend(["/outbox.js", "/pwa.js"].iter().filter(|p| self.get(p).is_some()).map(|p| self.versioned(p)));
        let plain = ["/offline.html", "/offline.css", "/offline.js", "/favicon.svg", "/icon-192.png"];
        list.extend(plain.iter().filter(|p| self.get(p).is_some()).map(|p| (*p).to_owned()));
        list
    }
}

/// Reads what the build left about the parts of the wasm: the name of an area with a hash behind it, and its files' names.
fn areas(files: &BTreeMap<String, File>) -> BTreeMap<String, Vec<String>> {
    let Some((_, manifest)) = files.iter().find(|(path, _)| path.starts_with("/pkg/__wasm_split_manifest.")) else {
        return BTreeMap::new();
    };
    let parts: BTreeMap<String, Vec<String>> = serde_json::from_slice(&manifest.plain).unwrap_or_default();
    let named = |(name, files): (String, Vec<String>)| {
        let area = name.rsplit_once('_').map_or(name.clone(), |(area, _)| area.to_owned());
        (area, files.into_iter().map(|file| format!("/pkg/{file}.wasm")).collect())
    };
    parts.into_iter().map(named).collect()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `GET /pkg/{file}`: hashed by name. What this build does not have, another build may have left in the database.
pub async fn pkg(Extract(state): Extract<State>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/pkg/{name}");
    if let Some(file) = state.assets.get(&path) {
        return serve(file, &headers, IMMUTABLE);
    }
    match services::build::find(&state.app, &path, state.app.clock.now()).await {
        Ok(Some(file)) => of_another_build(file),
        Ok(None) => (StatusCode::NOT_FOUND, "There is no such file in a build that runs.\n").into_response(),
        Err(e) => Refusal::from(e).into_response(),
    }
}

fn of_another_build(file: BuildFile) -> Response {
    let content_type = content_type(&file.path);
    let mut response = ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, IMMUTABLE)], file.body).into_response();
    if file.encoding == "gzip" {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// How often a node says that its build lives.
const RENEW: Duration = Duration::from_secs(3600);

/// Leaves this build's files in the database, for tabs that outlive it and nodes that run another.
pub async fn share(state: State) {
    let files: Vec<BuildFile> = state
        .assets
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("/pkg/") && !path.ends_with(".ts"))
        .map(|(path, file)| shared(path, file))
        .collect();
    let cx = Cx::new(state.app.clone(), Actor::system(), Origin::inside("engine"));
    loop {
        if let Err(e) = services::build::keep(&cx, &state.assets.build, &files).await {
            tracing::warn!(error = %e, "the files of this build could not be left for others");
        }
        tokio::select! {
            () = tokio::time::sleep(RENEW) => {}
            () = state.app.stopping.cancelled() => return,
        }
    }
}

fn shared(path: &str, file: &File) -> BuildFile {
    // Every browser takes gzip; brotli only over https.
    let (encoding, body) = match &file.gz {
        Some(gz) => ("gzip", gz),
        None => ("identity", &file.plain),
    };
    BuildFile { path: path.to_owned(), content_type: file.content_type.to_owned(), encoding: encoding.to_owned(), body: body.to_vec() }
}

/// For what carries its hash in its address.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For what is asked again each time, by ETag.
pub const NO_CACHE: &str = "no-cache";

/// Whether one part of Accept-Encoding (RFC 9110 12.5.3) offers this coding; a weight of 0 refuses it.
fn takes(offer: &str, coding: &str) -> bool {
    let mut parts = offer.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    named && !parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)))
}

/// A file in the best encoding that the client takes, or 304.
pub fn serve(file: &File, headers: &HeaderMap, cache: &'static str) -> Response {
    let tag = format!("\"{}\"", file.hash);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains(&tag));
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let accepts = |coding: &str| accepted.split(',').any(|offer| takes(offer, coding));
    let (body, encoding) = match (&file.br, &file.gz) {
        (Some(br), _) if accepts("br") => (br, Some("br")),
        (_, Some(gz)) if accepts("gzip") => (gz, Some("gzip")),
        _ => (&file.plain, None),
    };
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body.clone().into_response() };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if let (Some(encoding), false) = (encoding, known) {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}
