//! Who is on it: assignee, acknowledger, and who looks at it now. On-call brings the people who were paged, and who is next.

use leptos::{ev, html, prelude::*};
use ui::{Avatar, Card, Glyph, Icon, Time, view};

use super::{
    act,
    model::{Model, others},
};
use crate::form::Key;

/// The card.
#[component]
pub fn People(model: Model) -> impl IntoView {
    let assignee = Memo::new(move |_| model.detail.with(|detail| detail.row.assigned_to_name.clone()));
    let acknowledged = Memo::new(move |_| {
        model.detail.with(|detail| {
            let incident = &detail.row.incident;
            Some((detail.acknowledged_by_name.clone()?, incident.current_ack_at.or(incident.acknowledged_at)?.ms()))
        })
    });
    let others = others(model);
    view! {
        <Card title="Who is on it">
            <div class="stack-tight">
                <div class="flex items-center gap-3">
                    {move || view! { <Avatar name=assignee.get().unwrap_or_default() big=true/> }}
                    <div class="min-w-0">
                        <p class="font-semibold truncate">{move || assignee.get().unwrap_or_else(|| "Nobody yet".to_owned())}</p>
                        <p class="meta">{move || if assignee.with(Option::is_some) { "has it" } else { "who acknowledges gets it" }}</p>
                    </div>
                </div>
                {move || (model.may_respond() && model.status.get().is_live()).then(|| view! { <Assign model/> })}
                {move || acknowledged.get().map(|(name, at)| view! {
                    <p class="flex items-center gap-2 text-ink-2"><Icon glyph=Glyph::Check/><span>"Acknowledged by "<b>{name}</b>" "<span class="meta"><Time utc_ms=at/></span></span></p>
                })}
                {move || others.with(|others| (!others.is_empty()).then(|| view! {
                    <ul class="stack-tight border-t border-line pt-3">
                        {others.values().map(|(name, writing)| view! {
                            <li class="flex items-center gap-2">
                                <Avatar name=name.clone()/>
                                <span class="truncate">{name.clone()}</span>
                                <span class="meta ml-auto">{if *writing { "is writing a note" } else { "is viewing" }}</span>
                            </li>
                        }).collect_view()}
                    </ul>
                }))}
            </div>
        </Card>
    }
}

/// Gives it to somebody. Hydrated, the choice is the act.
#[component]
fn Assign(model: Model) -> impl IntoView {
    let node = NodeRef::<html::Select>::new();
    let assigned = Memo::new(move |_| model.incident.with(|incident| incident.assigned_to_id.map(|id| id.to_string()).unwrap_or_default()));
    let choose = move |_| {
        if let Some(select) = node.get_untracked() {
            act::assign(model, select.value().parse().ok());
        }
    };
    let submit = move |event: ev::SubmitEvent| event.prevent_default();
    let options = model.people.with_value(|people| {
        people
            .iter()
            .map(|(id, name)| {
                let value = id.to_string();
                let chosen = {
                    let value = value.clone();
                    move || assigned.with(|assigned| *assigned == value)
                };
                view! { <option value=value selected=chosen.clone() prop:selected=chosen>{name.clone()}</option> }
            })
            .collect_view()
    });
    view! {
        <form class="flex gap-2" method="post" action=model.form_action("assign") on:submit=submit>
            <Key/>
            <span class="select flex-1">
                <select class="input" name="assigned_to_id" aria-label="Assign to" node_ref=node on:change=choose>
                    <option value="" prop:selected=move || assigned.with(String::is_empty)>"Assign to nobody"</option>
                    {options}
                </select>
                <Icon glyph=Glyph::ChevronDown/>
            </span>
            <button class="btn no-js" type="submit">"Assign"</button>
        </form>
    }
}
