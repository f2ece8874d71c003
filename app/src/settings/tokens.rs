//! API tokens: what programs sign in with.

use domain::account::ApiToken;
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{ButtonSize, Card, ConfirmButton, CopyBlock, EmptyState, Glyph, PageHead, Skeleton, Time, view};

use super::{api, tabs, token_form::TokenForm};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
};

/// `/settings/tokens`.
#[component]
pub fn Tokens() -> impl IntoView {
    let (flash, told) = (form::flash("token"), form::flash("tokens"));
    let tokens = resource(|| (), |()| api::tokens());
    let view = move || {
        Suspend::new(async move {
            let (flash, told) = (flash.await, told.await);
            match tokens.await {
                Ok(tokens) => view! {
                    <div class="cols">
                        <div class="stack">
                            <Told flash=told/>
                            <Made flash=flash.clone()/>
                            <Held tokens/>
                        </div>
                        <TokenForm flash/>
                    </div>
                },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="API tokens"/>
        <PageHead title="Settings"/>
        {tabs("/settings/tokens")}
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

/// The secret of a token that was just made: this once.
#[component]
fn Made(flash: Flash) -> impl IntoView {
    let shown = flash.value("token").map(|token| {
        let name = flash.value("name").unwrap_or_default();
        let curl = format!("curl -H 'Authorization: Bearer {token}' \"$OPSGUARD/api/v1/incidents\"\n");
        view! {
            <Card title=format!("{name}: copy it now")>
                <div class="stack-tight" role="status">
                    <p>"It is shown this once. Only its fingerprint is kept."</p>
                    <CopyBlock text=token label="Copy the token" wrap=true/>
                    <CopyBlock text=curl label="Copy the example" wrap=true/>
                </div>
            </Card>
        }
    });
    shown.into_any()
}

#[component]
fn Held(tokens: Vec<ApiToken>) -> impl IntoView {
    let list = if tokens.is_empty() {
        view! { <EmptyState icon=Glyph::Key title="No token yet" text="A program signs in with a token. It acts with your rights of the moment, cut down to its scopes."/> }
    } else {
        view! { <ul class="rows" aria-label="Tokens">{tokens.into_iter().map(|token| view! { <Line token/> }).collect_view()}</ul> }
    };
    view! { <Card title="Your tokens" flush=true>{list}</Card> }
}

#[component]
fn Line(token: ApiToken) -> impl IntoView {
    let ApiToken { id, name, scopes, hint, expires_at, last_used_at, .. } = token;
    let scopes = if scopes.iter().any(|scope| scope == "*") { "everything".to_owned() } else { scopes.join(", ") };
    let used = last_used_at.map(|at| view! { ", used "<Time utc_ms=at.ms()/> });
    let never = used.is_none().then_some(", never used");
    let ends = expires_at.map(|at| view! { ", ends "<Time utc_ms=at.ms()/> });
    view! {
        <li class="row min-[900px]:grid-cols-[minmax(0,1fr)_auto]">
            <span class="row-main">
                <span class="row-title">{name.clone()}" "<code class="text-ink-3">{hint}"..."</code></span>
                <span class="row-sub">{scopes}{used}{never}{ends}</span>
            </span>
            <form class="row-end" method="post" action=format!("/settings/tokens/{id}/revoke")>
                <Key/>
                <ConfirmButton label="Revoke" size=ButtonSize::Small question=format!("Revoke {name}?") detail="What still uses it is refused from then on."/>
            </form>
        </li>
    }
}
