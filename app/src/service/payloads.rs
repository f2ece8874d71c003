//! What an integration sent, as it was sent; what was refused can be sent through again.

use domain::integration::Payload;
use leptos::prelude::*;
use ui::{Button, ButtonSize, Card, Chip, CopyBlock, EmptyState, Glyph, Time, Tone, view};

use crate::form::Key;

/// Bodies are cut to this many characters on the page; REST has them whole.
const SHOWN: usize = 4_000;

/// The latest payloads, newest first. A body that somebody reads stays open while others come.
#[component]
pub fn Payloads(#[prop(into)] integration: String, payloads: Signal<Vec<Payload>>, may_configure: bool) -> impl IntoView {
    let is_empty = Memo::new(move |_| payloads.with(Vec::is_empty));
    let list = move || {
        let integration = integration.clone();
        match is_empty.get() {
            true => {
                view! { <EmptyState icon=Glyph::Integration title="Nothing came yet" text="What the source sends stands here, also what could not be read."/> }
            }
            false => view! {
                <ul class="rows" aria-label="Payloads">
                    <For each=move || payloads.get() key=|payload| (payload.id, payload.replayed_at) children=move |payload| view! { <Line integration=integration.clone() payload may_configure/> }/>
                </ul>
            },
        }
    };
    view! { <Card title="Last payloads" flush=true>{list}</Card> }
}

#[component]
fn Line(integration: String, payload: Payload, may_configure: bool) -> impl IntoView {
    let Payload { id, at, status, body, error, replayed_at } = payload;
    let (tone, glyph, word) = match (&error, status) {
        (None, _) => (Tone::Ok, Glyph::Check, "Taken"),
        (Some(_), 200..=299) => (Tone::Med, Glyph::Equal, "Read in part"),
        (Some(_), _) => (Tone::Crit, Glyph::Alert, "Refused"),
    };
    let is_cut = body.chars().count() > SHOWN;
    let text: String = if is_cut { body.chars().take(SHOWN).collect() } else { body };
    let (text, broken) = if text.trim().is_empty() { ("(empty)".to_owned(), is_cut) } else { (text, is_cut) };
    view! {
        <li class="px-4 py-3 stack-tight">
            <div class="acts">
                <Chip tone icon=glyph label=format!("{word}, {status}")/>
                <span class="row-meta"><Time utc_ms=at.ms()/></span>
                {replayed_at.map(|at| view! { <span class="row-meta">"replayed "<Time utc_ms=at.ms()/></span> })}
                {may_configure.then(|| view! {
                    <form class="row-end" method="post" action=format!("/integrations/{integration}/payloads/{id}/replay")>
                        <Key/>
                        <Button size=ButtonSize::Small icon=Glyph::Refresh>"Replay"</Button>
                    </form>
                })}
            </div>
            {error.map(|error| view! { <p class="field-error">{error}</p> })}
            <details>
                <summary class="meta">"Body"</summary>
                <CopyBlock text label="Copy the body" wrap=true/>
                {broken.then(|| view! { <p class="meta">"The rest is not shown."</p> })}
            </details>
        </li>
    }
}
