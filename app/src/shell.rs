//! The document around the application. Nothing in it comes from disk: names of files are known since the start.

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;
use ui::view;

use crate::{App, server};

/// The whole document; what the server renders for every page.
pub fn shell() -> impl IntoView {
    let site = use_context::<server::Site>().unwrap_or_default();
    let user = server::this_visit().me.map(|me| me.user.id.to_string()).unwrap_or_default();
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    server::seal();
    let (js, wasm, css) = (in_pkg(&site.js), in_pkg(&site.wasm), in_pkg(&site.css));
    // Between the start of the wasm and its work on the page the browser may answer whoever touches it.
    let work = "new Promise(r=>setTimeout(r)).then(()=>m.hydrate())";
    let boot = format!("import('{js}').then(m=>m.default({{module_or_path:'{wasm}'}}).then(()=>{work}))");
    let scripts = site.scripts.iter().map(|src| view! { <script src=src.clone() defer nonce=nonce.clone()></script> }).collect_view();
    let split = (!site.split.is_empty())
        .then(|| view! { <link rel="modulepreload" href=in_pkg(&site.split) crossorigin="anonymous" nonce=nonce.clone()/> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=server::theme() data-build=site.build.clone() data-user=user.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="opsguard-build" content=site.build.clone()/>
                <meta name="opsguard-user" content=user.clone()/>
                <meta name="application-name" content=site.instance.clone()/>
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f9fafc"/>
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1015"/>
                <link rel="stylesheet" href=css/>
                <link rel="modulepreload" href=js crossorigin="anonymous" nonce=nonce.clone()/>
                {split}
                // It makes alive what is on screen already: styles and text go first on a slow line.
                <link rel="preload" r#as="fetch" r#type="application/wasm" href=wasm crossorigin="anonymous" fetchpriority="low"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="apple-touch-icon" href="/icon-180.png"/>
                <MetaTags/>
                {scripts}
                <script r#type="module" nonce=nonce>{boot}</script>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

fn in_pkg(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/pkg/{name}") }
}
