//! The first run: from an empty installation to a source of alerts.

use domain::account::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Button, ButtonKind, ButtonSize, Card, EmptyState, ErrorSummary, Glyph, LinkButton, PageHead, Skeleton, TextField, view};

use super::{api, kind::KindTiles, steps::Steps};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    session,
};

/// `/welcome`: names the first service, then chooses what sends its alerts.
#[component]
pub fn Welcome() -> impl IntoView {
    let query = use_query_map();
    let id = Memo::new(move |_| query.with(|query| query.get("service").unwrap_or_default()));
    let (named, chosen) = (form::flash("service"), form::flash("integration"));
    let asked = resource(
        move || id.get(),
        |id| async move {
            // Asked for nothing but whether anybody is signed in: the empty form needs no service.
            if id.is_empty() { api::prepare(id).await.map(|_| None) } else { api::show(id).await.map(Some) }
        },
    );
    let view = move || {
        Suspend::new(async move {
            let (named, chosen) = (named.await, chosen.await);
            match asked.await {
                Ok(_) if !session::may(Role::Manager) => view! { <NotYours/> },
                Ok(None) => view! { <NameIt flash=named/> },
                Ok(Some(shown)) => view! { <ChooseKind flash=chosen service=shown.now.row.service/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Welcome"/>
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn NotYours() -> impl IntoView {
    view! {
        <PageHead title="Welcome"/>
        <Card flush=true>
            <EmptyState icon=Glyph::Service title="Services are made by managers" text="You will see them here once there are some.">
                <LinkButton href="/" icon=Glyph::Home>"Home"</LinkButton>
            </EmptyState>
        </Card>
    }
}

#[component]
fn NameIt(flash: Flash) -> impl IntoView {
    view! {
        <PageHead title="Name your first service">"A service is what a team answers for: an API, a shop, a cluster. It gets alerts, and its incidents."</PageHead>
        <div class="stack form-wide">
            <Steps current=1/>
            <Card>
                <form class="form" method="post" action="/services">
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <input type="hidden" name="first" value="true"/>
                    <TextField name="name" label="Name" required=true maxlength=120 placeholder="payments-api" autofocus=true
                        value=flash.value("name").unwrap_or_default() error=flash.error("name")/>
                    <div class="form-acts">
                        <Button kind=ButtonKind::Primary size=ButtonSize::Big>"Go on"</Button>
                        <LinkButton href="/" kind=ButtonKind::Ghost>"Later"</LinkButton>
                    </div>
                </form>
            </Card>
        </div>
    }
}

#[component]
fn ChooseKind(flash: Flash, service: domain::service::Service) -> impl IntoView {
    view! {
        <PageHead title=format!("What sends alerts to {}?", service.name)>"Choose one; you can add more later. The next page has the secret URL and what to paste."</PageHead>
        <div class="stack">
            <Steps current=2/>
            <form class="form" method="post" action=format!("/services/{}/integrations", service.id)>
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                <input type="hidden" name="first" value="true"/>
                <KindTiles/>
                <div class="form-acts"><LinkButton href=format!("/services/{}", service.id) kind=ButtonKind::Ghost>"Later"</LinkButton></div>
            </form>
        </div>
    }
}
