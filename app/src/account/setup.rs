//! The first administrator, made by who has the setup token.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Button, ButtonKind, ButtonSize, ErrorSummary, HiddenField, LinkButton, PasswordField, TextField, view};

use super::{api, door::Door};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Key},
    service::Steps,
};

/// `/setup`.
#[component]
pub fn Setup() -> impl IntoView {
    let token = use_query_map().with_untracked(|query| query.get("token")).unwrap_or_default();
    let flash = form::flash("setup");
    let is_new = resource(|| (), |()| api::needs_setup());
    let view = move || {
        let token = token.clone();
        Suspend::new(async move {
            let flash = flash.await;
            match is_new.await {
                Ok(true) => view! { <Form flash token/> },
                Ok(false) => view! { <Done/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Set up"/><Transition>{view}</Transition> }
}

#[component]
fn Form(flash: form::Flash, token: String) -> impl IntoView {
    let token_field = match token.is_empty() {
        false => view! { <HiddenField name="token" value=token/> },
        true => view! {
            <TextField name="token" label="Setup token" required=true autocomplete="off" error=flash.error("token")
                hint="It stands in the log of the first start, and in the file setup.token in the data folder."/>
        },
    };
    view! {
        <Door title="Welcome" text="You make the first administrator. After that: a service, a source of alerts, and a test. It takes about three minutes.">
            <Steps current=0/>
            <form class="form" method="post" action="/setup">
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                {token_field}
                <TextField name="name" label="Your name" autocomplete="name" required=true value=flash.value("name").unwrap_or_default() error=flash.error("name")/>
                <TextField name="email" label="E-mail" kind_of="email" autocomplete="username" required=true
                    value=flash.value("email").unwrap_or_default() error=flash.error("email")/>
                <PasswordField name="password" label="Password" autocomplete="new-password" minlength=8 hint="At least 8 characters. Longer beats stranger." error=flash.error("password")/>
                <Button kind=ButtonKind::Primary size=ButtonSize::Big>"Make the administrator"</Button>
            </form>
        </Door>
    }
}

#[component]
fn Done() -> impl IntoView {
    view! {
        <Door title="Already set up" text="This installation has its administrator. Sign in, or ask for an invitation.">
            <LinkButton href="/sign-in" kind=ButtonKind::Primary external=true>"Sign in"</LinkButton>
        </Door>
    }
}
