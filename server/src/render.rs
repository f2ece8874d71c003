//! Pages: leptos renders them with the call, the site and the visit in its context.

use app::server::{Site, visit};
use axum::{
    extract::{Request, State as Extract},
    http::{HeaderName, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use domain::{Code, Problem};
use leptos::context::provide_context;
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};

use crate::http::{State, context::Call, refusal::Refusal};

/// The header by which the service worker knows the build of a page.
static BUILD: HeaderName = HeaderName::from_static("x-opsguard-build");

/// The site as pages refer to it.
fn site(state: &State) -> Site {
    Site {
        js: state.assets.js.clone(),
        wasm: state.assets.wasm.clone(),
        css: state.assets.css.clone(),
        split: state.assets.split.clone(),
        areas: state.assets.areas.clone(),
        build: state.assets.build.clone(),
        instance: state.config.instance.clone(),
        scripts: ["/outbox.js", "/pwa.js"].iter().filter(|p| state.assets.get(p).is_some()).map(|p| state.assets.versioned(p)).collect(),
    }
}

/// Any address that is nothing else is a page: known, or "not found" in words.
pub async fn page(Extract(state): Extract<State>, Call(cx): Call, request: Request) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if request.uri().path().starts_with("/api/") {
        // Programs get problems, not pages. An address of the API that exists came here for its method.
        return Refusal(Problem::not_found("address, or not with this method,")).into_response();
    }
    if !reads {
        return Refusal(Problem::new(Code::MethodNotAllowed, "Method not allowed", "This address is read with GET.")).into_response();
    }
    let site = site(&state);
    let visit = visit(&cx, &site).await;
    let context = move || {
        provide_context(cx.clone());
        provide_context(site.clone());
        provide_context(visit.clone());
    };
    let mut response = render_app_async_with_context(context, app::shell)(request).await;
    let headers = response.headers_mut();
    // What a person sees is theirs: kept by nobody, asked again each time.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    if let Ok(build) = HeaderValue::from_str(&state.assets.build) {
        headers.insert(BUILD.clone(), build);
    }
    response
}

/// `/rpc/..`: the server functions.
pub async fn server_function(Call(cx): Call, request: Request) -> Response {
    let context = move || provide_context(cx.clone());
    let mut response = handle_server_fns_with_context(context, request).await.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
