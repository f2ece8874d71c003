//! Where one is signed in.

use domain::account::Session;
use leptos::prelude::*;
use ui::{ButtonSize, Card, Chip, ConfirmButton, Glyph, Icon, Time, Tone, view};

use crate::form::Key;

/// Every device, the last used first, with the way to sign it out.
#[component]
pub fn Devices(sessions: Vec<Session>) -> impl IntoView {
    let has_others = sessions.iter().any(|session| !session.current);
    let aside = move || {
        has_others.then(|| {
            view! {
                <form method="post" action="/settings/sessions/revoke-others">
                    <Key/>
                    <ConfirmButton label="Sign out all others" size=ButtonSize::Small question="Sign out every other device?" detail="This one stays signed in."/>
                </form>
            }
        })
    };
    view! {
        <Card title="Signed in" aside flush=true>
            <ul class="rows" aria-label="Devices">{sessions.into_iter().map(|session| view! { <Line session/> }).collect_view()}</ul>
        </Card>
    }
}

#[component]
fn Line(session: Session) -> impl IntoView {
    let Session { id, device, address, created_at, last_used_at, current, .. } = session;
    let glyph = if device.contains("iPhone") || device.contains("Android") { Glyph::Phone } else { Glyph::Monitor };
    let address = if address.is_empty() { "an unknown address".to_owned() } else { address };
    let end = match current {
        true => view! { <Chip tone=Tone::Ok label="This device"/> },
        false => view! {
            <form method="post" action=format!("/settings/sessions/{id}/revoke")>
                <Key/>
                <ConfirmButton label="Sign out" size=ButtonSize::Small question=format!("Sign out {device}?")/>
            </form>
        },
    };
    view! {
        <li class="row min-[900px]:grid-cols-[24px_minmax(0,1fr)_auto]">
            <span class="text-ink-3"><Icon glyph big=true/></span>
            <span class="row-main">
                <span class="row-title">{device.clone()}</span>
                <span class="row-sub">"Last used "<Time utc_ms=last_used_at.ms()/>" from "{address}", signed in "<Time utc_ms=created_at.ms()/></span>
            </span>
            <span class="row-end">{end}</span>
        </li>
    }
}
