//! Installing the application on this device.

use leptos::{ev, prelude::*, task::spawn_local};
use ui::{Button, ButtonKind, Card, Glyph, view};

use crate::outbox::bridge as script;

/// Whether this is the installed application. Browser only.
pub fn is_installed() -> bool {
    says("pwa.installed")
}

fn says(question: &str) -> bool {
    script::call(question, &[]).and_then(|answer| answer.as_bool()).unwrap_or(false)
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// It runs installed.
    Installed,
    /// The browser offers it.
    Offered,
    /// Only a person can, from the browser's own menu.
    ByHand,
}

fn state() -> State {
    match (is_installed(), says("pwa.canInstall")) {
        (true, _) => State::Installed,
        (false, true) => State::Offered,
        (false, false) => State::ByHand,
    }
}

/// Offers the installation where the browser can, and says how where it cannot.
#[component]
pub fn Install() -> impl IntoView {
    let now = RwSignal::new(State::ByHand);
    Effect::new(move |_| {
        now.set(state());
        for name in ["opsguard:installable", "opsguard:installed"] {
            let handle = window_event_listener(ev::Custom::<web_sys::Event>::new(name), move |_| now.set(state()));
            on_cleanup(move || handle.remove());
        }
    });
    let install = move |_| {
        spawn_local(async move {
            script::ask("pwa.install", &[]).await;
            let _ = now.try_set(state());
        });
    };
    let body = move || match now.get() {
        State::Installed => view! { <p>"This is the installed application."</p> },
        State::Offered => view! {
            <div class="stack-tight">
                <p>"With its own icon it opens at once, works without network, and stays signed in longer."</p>
                <div><Button kind=ButtonKind::Primary kind_of="button" icon=Glyph::Download on_click=install>"Install"</Button></div>
            </div>
        },
        State::ByHand => view! {
            <div class="stack-tight">
                <p>"With its own icon it opens at once, works without network, and stays signed in longer."</p>
                <ul class="stack-tight">
                    <li><b>"iPhone and iPad: "</b>"in Safari press Share, then Add to Home Screen."</li>
                    <li><b>"Android: "</b>"in the browser's menu choose Install app."</li>
                    <li><b>"Computer: "</b>"in Chrome or Edge press the install sign in the address bar; in Safari choose File, Add to Dock."</li>
                </ul>
            </div>
        },
    };
    view! { <Card title="Install the app">{body}</Card> }
}
