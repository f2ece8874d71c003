//! The settings of a service.

use domain::service::Service;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, Card, ErrorSummary, LinkButton, PageHead, Skeleton, view};

use super::{api, fields::ServiceFields};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
};

/// `/services/:id/edit`.
#[component]
pub fn Edit() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let flash = form::flash("service");
    let asked = resource(move || id.get(), api::prepare);
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            match asked.await {
                Ok(api::Form { service: Some(service), teams }) => view! { <Form flash service teams/> },
                Ok(_) => ().into_any(),
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Edit service"/><Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition> }
}

#[component]
fn Form(flash: Flash, service: Service, teams: Vec<(domain::Id<domain::account::Team>, String)>) -> impl IntoView {
    let page = format!("/services/{}", service.id);
    let action = format!("{page}/edit");
    view! {
        <Title text=format!("Edit {}", service.name)/>
        <PageHead title=format!("Edit {}", service.name) back=(page.clone(), service.name.clone())/>
        <div class="form-wide">
            <Card>
                <form class="form" method="post" action=action>
                    <ErrorSummary errors=flash.summary()/>
                    <Key/>
                    <input type="hidden" name="version" value=service.version.to_string()/>
                    <ServiceFields flash service=Some(service) teams/>
                    <div class="form-acts">
                        <Button kind=ButtonKind::Primary>"Save"</Button>
                        <LinkButton href=page kind=ButtonKind::Ghost>"Cancel"</LinkButton>
                    </div>
                </form>
            </Card>
        </div>
    }
}
