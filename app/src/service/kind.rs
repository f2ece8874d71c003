//! The kinds of sources as people choose them.

use domain::integration::Kind;
use leptos::prelude::*;
use ui::{Glyph, Icon, view};

/// For whom a kind is.
pub const fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Alertmanager => {
            "Prometheus sends here by a webhook receiver. One alert for each fingerprint; resolved alerts resolve their incident."
        }
        Kind::Pagerduty => "Everything that speaks PagerDuty Events v2 works unchanged: change its address, and give it our routing key.",
        Kind::Generic => "Any program that can POST JSON or a form: a script, a cron job, curl.",
    }
}

/// Tiles that submit the form around them with `kind`.
#[component]
pub fn KindTiles() -> impl IntoView {
    let tiles = Kind::ALL.map(|kind| {
        view! {
            <button class="tile text-left" type="submit" name="kind" value=kind.as_str()>
                <span class="flex items-center gap-2"><Icon glyph=Glyph::Integration/><strong>{kind.title()}</strong></span>
                <span class="meta">{about(kind)}</span>
            </button>
        }
    });
    view! { <div class="grid gap-2 min-[900px]:grid-cols-3">{tiles.into_iter().collect_view()}</div> }
}
