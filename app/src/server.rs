//! The glue between pages and `services`: the only file that knows whether it runs on the server.
//!
//! For each render and server function the binary provides a `services::Cx` into the context; for a render also a [`Site`],
//! and a [`Visit`] made by [`visit`] beforehand, so that the frame of a page needs to wait for nothing.

use crate::session::Visit;

/// The build's files and the installation's name, known since the start of the process.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// File name of the wasm glue in `/pkg`.
    pub js: String,
    /// File name of the wasm in `/pkg`.
    pub wasm: String,
    /// File name of the styles in `/pkg`.
    pub css: String,
    /// The script that fetches further wasm files.
    pub split: String,
    /// Build id.
    pub build: String,
    /// Name of the installation.
    pub instance: String,
    /// Addresses of the plain scripts, in order: the outbox, then the app parts.
    pub scripts: Vec<String>,
    /// Names of the wasm files of each area in `/pkg`.
    pub areas: std::sync::Arc<std::collections::BTreeMap<String, Vec<String>>>,
}

#[cfg(feature = "ssr")]
mod native {
    use domain::{Code, Problem, Unreadable, incident::Incident};
    use http::{HeaderValue, Method, StatusCode, header, request::Parts};
    use leptos::{nonce::use_nonce, prelude::*};
    use leptos_axum::ResponseOptions;
    use services::Cx;

    use super::{Site, Visit};
    use crate::{Error, session::Counts};

    /// The context of this call.
    pub fn cx() -> Result<Cx, Error> {
        use_context::<Cx>().ok_or_else(|| {
            tracing::error!("a page was rendered without a services::Cx in its context");
            Error { problem: Problem::new(Code::Internal, "Something went wrong", "It was logged."), request_id: None }
        })
    }

    /// The result of a use case as pages get it. A refusal sets the status of the answer; nobody signed in leads to the
    /// sign-in page; a fault is logged here, once.
    pub fn answer<T>(result: services::Result<T>) -> Result<T, Error> {
        result.map_err(|error| refuse(told(&error)))
    }

    /// The same for a part that a page can do without: its failure is logged, and the page stands.
    pub fn part<T>(result: services::Result<T>) -> Option<T> {
        result.inspect_err(|error| drop(told(error))).ok()
    }

    fn told(error: &services::Error) -> Error {
        let request_id = use_context::<Cx>().and_then(|cx| cx.request.id.clone());
        let problem = error.problem();
        if matches!(problem.code, Code::Internal | Code::Unavailable) {
            tracing::error!(request_id, %error, "a page could not be answered");
        }
        Error { problem, request_id }
    }

    /// Sets the status that belongs to a refusal, and leads who is not signed in to the sign-in page.
    pub fn refuse(error: Error) -> Error {
        if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(error.problem.code.status())) {
            response.set_status(status);
        }
        if error.problem.code == Code::Unauthenticated
            && let Some(page) = use_context::<Parts>().and_then(|parts| page_of(&parts))
        {
            leptos_axum::redirect(&sign_in_address(&page));
        }
        error
    }

    /// Path and query, when the request is for a page.
    fn page_of(parts: &Parts) -> Option<String> {
        let is_page = parts.method == Method::GET && !parts.uri.path().starts_with("/rpc");
        is_page.then(|| parts.uri.path_and_query().map_or("/", |page| page.as_str()).to_owned())
    }

    /// The sign-in page that leads back to `page`.
    pub fn sign_in_address(page: &str) -> String {
        let mut address = String::from("/sign-in");
        if page != "/" {
            address.push_str("?next=");
            address.push_str(&escaped(page));
        }
        address
    }

    /// Text as part of an address: everything but letters, digits, `-_.~/` percent-encoded.
    pub fn escaped(text: &str) -> String {
        let mut out = String::new();
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
                _ => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    }

    /// Who visits, and what the frame of every page shows: await it before rendering, and provide it into the context.
    pub async fn visit(cx: &Cx, site: &Site) -> Visit {
        // Read before everything else: what happens from here on comes over the live channel.
        let seq = cx.app.feed.seq();
        let signed_in = cx.actor.caller.user().is_some();
        let (me, counts) = match if signed_in { services::visit(cx).await.ok() } else { None } {
            Some((me, live, open)) => (Some(me), Counts { live, open }),
            None => Default::default(),
        };
        Visit { me, counts, seq, epoch: cx.app.epoch.clone(), build: site.build.clone(), instance: site.instance.clone() }
    }

    /// The visit of this request.
    pub fn this_visit() -> Visit {
        use_context::<Visit>().unwrap_or_default()
    }

    /// A new idempotency key for a form.
    pub fn new_key() -> String {
        use_context::<Cx>().map(|cx| services::id::<Incident>(cx.now()).to_string()).unwrap_or_default()
    }

    fn cookie(name: &str) -> Option<String> {
        let parts = use_context::<Parts>()?;
        let lines = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        lines
            .flat_map(|line| line.split(';'))
            .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, v)| v.to_owned()))
    }

    /// What the cookie `theme` says: `light`, `dark` or `system`.
    pub fn theme() -> String {
        cookie("theme").filter(|theme| matches!(theme.as_str(), "light" | "dark")).unwrap_or_else(|| "system".to_owned())
    }

    /// The key under which a visitor without a session finds what their form brought back.
    pub fn visitor() -> Option<String> {
        cookie("opsguard_form")
    }

    /// Sets the content security policy of this page; nothing runs in it but what carries the nonce, and what that loads.
    pub fn seal() {
        let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
        let policy = format!(
            "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
             connect-src 'self' ws: wss:; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
             form-action 'self'; object-src 'none'; report-uri /csp-report"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }

    /// Names an area and its files in the head of the document, so that they arrive beside the first one.
    pub fn preload(area: &'static str) {
        let Some(site) = use_context::<Site>() else { return };
        let _ = view! { <leptos_meta::Meta name="area" content=area/> }.to_html();
        for file in site.areas.get(area).into_iter().flatten() {
            // Rendering it is what puts it into the head.
            let link = view! { <leptos_meta::Link rel="preload" as_="fetch" type_="application/wasm" href=file.clone() crossorigin="anonymous" fetchpriority="low"/> };
            let _ = link.to_html();
        }
    }

    /// JSON text as a tree.
    pub fn tree(text: &str) -> Result<serde_json::Value, Unreadable> {
        serde_json::from_str(text).map_err(serde::de::Error::custom)
    }

    /// The page does not exist.
    pub fn not_found() {
        if let Some(response) = use_context::<ResponseOptions>() {
            response.set_status(StatusCode::NOT_FOUND);
        }
    }
}

#[cfg(feature = "ssr")]
pub use native::{
    answer, cx, escaped, new_key, not_found, part, preload, refuse, seal, sign_in_address, theme, this_visit, tree, visit, visitor,
};

/// In the browser the visit comes with the document.
#[cfg(not(feature = "ssr"))]
pub fn this_visit() -> Visit {
    Visit::default()
}

/// A new idempotency key for a form.
#[cfg(not(feature = "ssr"))]
pub fn new_key() -> String {
    crate::outbox::uuid7()
}

/// JSON text as a tree. The browser reads it: our own reader would be code to fetch.
#[cfg(not(feature = "ssr"))]
pub fn tree(text: &str) -> Result<serde_json::Value, domain::Unreadable> {
    let parsed = js_sys::JSON::parse(text).map_err(|_| serde::de::Error::custom("not JSON"))?;
    Ok(crate::outbox::bridge::tree(&parsed))
}

/// Known from the document.
#[cfg(not(feature = "ssr"))]
pub fn theme() -> String {
    leptos::prelude::document().document_element().and_then(|root| root.get_attribute("data-theme")).unwrap_or_else(|| "system".to_owned())
}

/// Only answers have headers.
#[cfg(not(feature = "ssr"))]
pub fn seal() {}

/// Only answers have a status.
#[cfg(not(feature = "ssr"))]
pub fn not_found() {}

/// The router fetches an area's files itself.
#[cfg(not(feature = "ssr"))]
pub fn preload(_: &'static str) {}
