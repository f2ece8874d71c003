//! A new service.

use domain::account::Role;
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{Button, ButtonKind, Card, ErrorSummary, LinkButton, PageHead, Skeleton, view};

use super::{api, fields::ServiceFields};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    session,
};

/// `/services/new`.
#[component]
pub fn New() -> impl IntoView {
    let flash = form::flash("service");
    let asked = resource(|| (), |()| api::prepare(String::new()));
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            match asked.await {
                Ok(form) => view! { <Form flash form/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    let who = if session::may(Role::Manager) { "" } else { "You can make services for the teams that you lead." };
    view! {
        <Title text="New service"/>
        <PageHead title="New service" back=("/services".to_owned(), "Services".to_owned())>{who}</PageHead>
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn Form(flash: Flash, form: api::Form) -> impl IntoView {
    view! {
        <div class="form-wide">
            <Card>
                <form class="form" method="post" action="/services">
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <ServiceFields flash service=None teams=form.teams/>
                    <div class="form-acts">
                        <Button kind=ButtonKind::Primary>"Make the service"</Button>
                        <LinkButton href="/services" kind=ButtonKind::Ghost>"Cancel"</LinkButton>
                    </div>
                </form>
            </Card>
        </div>
    }
}
