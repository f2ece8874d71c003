//! What is true of the whole page: it is offline, it is a copy, a new version waits.

use leptos::prelude::*;
use ui::{Banner, Button, ButtonSize, Glyph, Time, Tone, view};

use crate::outbox::{self, outbox};

/// Messages above everything.
#[component]
pub fn Banners() -> impl IntoView {
    let outbox = outbox();
    view! {
        {move || outbox.offline.get().then(|| view! {
            <Banner tone=Tone::Med icon=Glyph::WifiOff top=true text=move || match outbox.items.with(Vec::len) {
                0 => "Offline. You can acknowledge, resolve and write notes: they are sent when the network is back.".to_owned(),
                1 => "Offline: 1 change waits and will be sent.".to_owned(),
                n => format!("Offline: {n} changes wait and will be sent."),
            }/>
        })}
        {move || outbox.copy_from.get().map(|at| view! {
            <Banner tone=Tone::Neutral icon=Glyph::History top=true text="This is the copy on this device.">
                <span class="meta">"Stored "<Time utc_ms=at/></span>
            </Banner>
        })}
        {move || outbox.update.get().then(|| view! {
            <Banner tone=Tone::Accent icon=Glyph::Refresh top=true text="A new version is ready.">
                <Button size=ButtonSize::Small kind_of="button" on_click=|_| outbox::apply_update()>"Reload"</Button>
            </Banner>
        })}
    }
}
