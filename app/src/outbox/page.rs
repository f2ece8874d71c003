//! The page of what waits on this device: said plainly, and settled here.

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use ui::{Button, ButtonKind, Card, Chip, EmptyState, Glyph, LinkButton, PageHead, Time, Toast, Toasts, Tone, view};

use super::{Item, Outcome, conflict::Conflict, discard, keep_mine, outbox, retry};

/// `/outbox`.
#[component]
pub fn Waiting() -> impl IntoView {
    let outbox = outbox();
    let is_empty = Memo::new(move |_| outbox.items.with(Vec::is_empty));
    view! {
        <Title text="Not sent yet"/>
        <PageHead title="Not sent yet">"What you did without network is kept on this device and sent by itself, in order."</PageHead>
        <p class="no-js">"This page needs JavaScript: the list is kept by your browser."</p>
        <div class="needs-js stack">
            <Show when=move || is_empty.get()>
                <Card flush=true>
                    <EmptyState title="Everything is sent" text="Nothing waits on this device.">
                        <LinkButton href="/incidents" icon=Glyph::Incident>"Incidents"</LinkButton>
                    </EmptyState>
                </Card>
            </Show>
            <For each=move || outbox.items.get() key=|item| format!("{} {} {}", item.id, item.state, item.attempts) let:item>
                <Waits item/>
            </For>
        </div>
    }
}

#[component]
fn Waits(item: Item) -> impl IntoView {
    let (tone, state) = match (item.state.as_str(), item.reason.as_deref()) {
        ("sending", _) => (Tone::Accent, "Being sent"),
        ("auth", _) => (Tone::High, "Sign in to send it"),
        ("parked", Some("stale")) => (Tone::Med, "Waited long: still right?"),
        ("parked", _) => (Tone::High, "Needs you"),
        _ => (Tone::Med, "Waits for the network"),
    };
    let parked = item.state == "parked";
    let conflict = parked && item.problem.as_ref().is_some_and(|problem| problem.status == 412);
    let why = item.problem.as_ref().filter(|_| parked).map(super::Refusal::words);
    let busy = RwSignal::new(false);
    let toasts = Toasts::of_context();
    let told = move |outcome: Outcome| {
        busy.set(false);
        match outcome {
            Outcome::Sent { .. } | Outcome::Gone => toasts.show(Toast::done("Sent.")),
            Outcome::Queued { .. } => toasts.show(Toast::info("Not sent yet: it goes out when the network is back.")),
            Outcome::Parked { problem, .. } | Outcome::Failed { problem, .. } => {
                toasts.show(Toast::error(problem.unwrap_or_default().words()));
            }
        }
    };
    let again = {
        let id = item.id.clone();
        move |_| {
            let id = id.clone();
            busy.set(true);
            spawn_local(async move { told(retry(&id).await) });
        }
    };
    let keep = {
        let id = item.id.clone();
        move |_| {
            let id = id.clone();
            busy.set(true);
            spawn_local(async move { told(keep_mine(&id, None).await) });
        }
    };
    let drop_it = {
        let id = item.id.clone();
        move |_| {
            let id = id.clone();
            spawn_local(async move {
                let gone = discard(&id).await;
                toasts.show(if gone { Toast::info("Discarded.") } else { Toast::info("It is on its way already.") });
            });
        }
    };
    let refused = parked && !conflict && item.reason.as_deref() != Some("stale");
    view! {
        <Card title=item.label.clone() aside=move || view! { <Chip tone label=state/> }>
            <div class="stack-tight">
                {item.acted_ms().map(|at| view! { <p class="meta">"Done "<Time utc_ms=at/></p> })}
                {why.map(|why| view! { <p>{why}</p> })}
                {item.request_id.clone().filter(|_| parked).map(|id| view! { <p class="meta">"Request "<code>{id}</code></p> })}
                {conflict.then(|| view! { <Conflict item=item.clone()/> })}
                <div class="acts">
                    {conflict.then(|| view! { <Button kind=ButtonKind::Primary kind_of="button" pending=busy on_click=keep>"Keep mine"</Button> })}
                    {(!conflict && !refused).then(|| view! { <Button kind_of="button" icon=Glyph::Send pending=busy on_click=again.clone()>"Send now"</Button> })}
                    {refused.then(|| view! { <Button kind_of="button" icon=Glyph::Refresh pending=busy on_click=again>"Try again"</Button> })}
                    <Button kind=ButtonKind::Ghost kind_of="button" icon=Glyph::Trash on_click=drop_it>
                        {if conflict { "Discard mine" } else { "Discard" }}
                    </Button>
                </div>
            </div>
        </Card>
    }
}
