//! Signing in.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Banner, Button, ButtonKind, ButtonSize, ErrorSummary, Glyph, LinkButton, PasswordField, TextField, Tone, view};

use super::{api, door::Door};
use crate::{data::resource, form, session, settings::is_installed};

/// `/sign-in`.
#[component]
pub fn SignIn() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next")).unwrap_or_default();
    let flash = form::flash("sign-in");
    let is_new = resource(|| (), |()| api::needs_setup());
    let view = move || {
        let next = next.clone();
        Suspend::new(async move {
            let flash = flash.await;
            if is_new.await == Ok(true) {
                return view! { <NotSetUp/> };
            }
            view! { <Form flash next/> }
        })
    };
    view! {
        <Title text="Sign in"/>
        <Door title="Sign in">
            {session::me().map(|me| view! { <SignedIn name=me.user.name/> })}
            <Transition>{view}</Transition>
        </Door>
    }
}

#[component]
fn Form(flash: form::Flash, next: String) -> impl IntoView {
    let installed = RwSignal::new(false);
    Effect::new(move |_| installed.set(is_installed()));
    view! {
        <form class="form" method="post" action="/sign-in">
            <ErrorSummary errors=flash.summary() title="You are not signed in"/>
            <input type="hidden" name="next" value=next/>
            {move || installed.get().then(|| view! { <input type="hidden" name="installed" value="true"/> })}
            <TextField name="email" label="E-mail" kind_of="email" autocomplete="username" required=true autofocus=true
                value=flash.value("email").unwrap_or_default() error=flash.error("email")/>
            <PasswordField name="password" label="Password" error=flash.error("password")/>
            <Button kind=ButtonKind::Primary size=ButtonSize::Big>"Sign in"</Button>
            <p class="meta">"No account? Accounts are made by invitation: ask an administrator of this installation for a link. They also give you a new password when you have lost yours."</p>
        </form>
    }
}

#[component]
fn SignedIn(name: String) -> impl IntoView {
    view! {
        <Banner tone=Tone::Accent icon=Glyph::User text=format!("You are signed in as {name}.")>
            <LinkButton href="/" size=ButtonSize::Small external=true>"Go on"</LinkButton>
        </Banner>
    }
}

/// Nobody has an account yet: signing in cannot work, so it says what does.
#[component]
fn NotSetUp() -> impl IntoView {
    view! {
        <div class="stack-tight">
            <p>"This installation has no administrator yet. The log of its first start holds a setup link; the same token is in the file "<code>"setup.token"</code>" in the data folder."</p>
            <p><a class="link" href="/setup" rel="external">"I have the setup token"</a></p>
        </div>
    }
}
