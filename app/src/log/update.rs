//! One update, its blockers, and what its author may do.

use domain::{account::Role, log::UpdateRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, Card, Chip, ConfirmButton, Glyph, LinkButton, PageHead, Prose, Skeleton, Time, Tone, view};

use super::{
    api::{self, Shown},
    row::{Brief, Rows},
    updates::Tags,
};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    live, session,
};

/// `/log/:id`.
#[component]
pub fn ShowUpdate() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let shown = resource(move || id.get(), api::show_update);
    let told = form::flash("log");
    let view = move || {
        Suspend::new(async move {
            let told = told.await;
            match shown.await {
                Ok(shown) => view! { <Page shown told/> },
                Err(error) => view! { <h1 class="sr-only">"Update"</h1><ErrorView error/> },
            }
        })
    };
    view! { <Title text="Update"/><Transition fallback=|| view! { <Card flush=true><Skeleton rows=6/></Card> }>{view}</Transition> }
}

#[component]
fn Page(shown: Shown, told: Flash) -> impl IntoView {
    let id = shown.row.update.id.to_string();
    let title = shown.row.update.title.clone();
    let mine = session::me().is_some_and(|me| me.user.id == shown.row.update.author_id);
    let shown = {
        let id = id.clone();
        live::followed(shown, &["status", "blockers"], move || api::show_update(id.clone()))
    };
    let acts = {
        let id = id.clone();
        move || {
            let id = id.clone();
            move || view! { <Acts id=id.clone() row=shown.with(|shown| shown.row.clone()) mine/> }
        }
    };
    let heading = move || shown.with(|shown| shown.row.update.title.clone());
    view! {
        <Title text=title/>
        <PageHead title=heading back=("/log".to_owned(), "Team log".to_owned()) actions=acts>{move || view! { <Standing row=shown.with(|shown| shown.row.clone())/> }}</PageHead>
        <div class="stack">
            <Told flash=told/>
            <Card>
                <div class="stack-tight">
                    {move || shown.with(|shown| match shown.row.update.html.is_empty() {
                        true => view! { <p class="text-ink-2">"No further words."</p> },
                        false => view! { <Prose html=shown.row.update.html.clone()/> },
                    })}
                    {move || view! { <Tags tags=shown.with(|shown| shown.row.update.tags.clone())/> }}
                </div>
            </Card>
            {move || {
                let (rows, is_deleted) = shown.with(|shown| (Brief::all(&shown.blockers), shown.row.update.deleted_at.is_some()));
                // Nothing can be reported of an update that is not in the log.
                match session::may(Role::Responder) && !is_deleted {
                    true => Some(view! { <Rows title="Blockers" rows report=format!("status_id={id}")/> }),
                    false => (!rows.is_empty()).then(|| view! { <Rows title="Blockers" rows/> }),
                }
            }}
        </div>
    }
}

#[component]
fn Standing(row: UpdateRow) -> impl IntoView {
    view! {
        {row.update.deleted_at.is_some().then(|| view! { <Chip tone=Tone::High icon=Glyph::Lock label="Deleted: only you see it"/> })}
        <span>{row.author_name}", "<Time utc_ms=row.update.created_at.ms()/></span>
        {(row.update.version > 1).then(|| view! { <span class="meta">"edited "<Time utc_ms=row.update.updated_at.ms()/></span> })}
    }
}

#[component]
fn Acts(id: String, row: UpdateRow, mine: bool) -> impl IntoView {
    if !mine {
        return ().into_any();
    }
    if row.update.deleted_at.is_some() {
        return view! {
            <form method="post" action=format!("/log/{id}/restore")><Key/><Button kind=ButtonKind::Primary icon=Glyph::Undo>"Restore"</Button></form>
        };
    }
    view! {
        <LinkButton href=format!("/log/{id}/edit") icon=Glyph::Edit>"Edit"</LinkButton>
        <form method="post" action=format!("/log/{id}/delete")>
            <Key/>
            <ConfirmButton label="Delete" question="Delete this update?" detail="It leaves every list. You can take that back."/>
        </form>
    }
}
