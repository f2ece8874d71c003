//! Profile, theme, keyboard, installation.

use domain::account::Me;
use leptos::prelude::*;
use leptos_meta::Title;
use ui::{Button, ButtonKind, Card, ErrorSummary, Fact, Facts, PageHead, PasswordField, Skeleton, TextField, ThemeSwitch, view};

use super::{api, install::Install, keyboard::Keyboard, tabs};
use crate::{
    account::{role, zone::ZoneField},
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key, Told},
    server,
};

/// `/settings`.
#[component]
pub fn Profile() -> impl IntoView {
    let flash = form::flash("profile");
    let me = resource(|| (), |()| api::read_me());
    let view = move || {
        Suspend::new(async move {
            let flash = flash.await;
            match me.await {
                Ok(me) => view! { <Page me flash/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Settings"/>
        <PageHead title="Settings"/>
        {tabs("/settings")}
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}

#[component]
fn Page(me: Me, flash: Flash) -> impl IntoView {
    let teams = me
        .teams
        .iter()
        .map(|place| if place.lead { format!("{} (lead)", place.name) } else { place.name.clone() })
        .collect::<Vec<_>>()
        .join(", ");
    let look = role(me.user.role);
    view! {
        <div class="cols">
            <div class="stack">
                <Told flash=flash.clone() done_only=true/>
                <Form me flash/>
            </div>
            <div class="stack">
                <Card title="You here">
                    <Facts>
                        <Fact name="Role">{look.word}</Fact>
                        <Fact name="Teams">{if teams.is_empty() { "None".to_owned() } else { teams }}</Fact>
                    </Facts>
                </Card>
                <Card title="Theme">
                    <ThemeSwitch current=server::theme()><input type="hidden" name="next" value="/settings"/></ThemeSwitch>
                </Card>
                <Keyboard/>
                <Install/>
            </div>
        </div>
    }
}

#[component]
fn Form(me: Me, flash: Flash) -> impl IntoView {
    let user = me.user;
    let value = |field: &str, now: String| flash.value(field).unwrap_or(now);
    let (name, email) = (value("name", user.name), value("email", user.email));
    let (zone, locale) = (value("time_zone", user.time_zone), value("locale", user.locale));
    view! {
        <Card title="Profile">
            <form class="form form-wide" method="post" action="/settings/profile">
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                <input type="hidden" name="version" value=user.version.to_string()/>
                <TextField name="name" label="Name" required=true maxlength=120 autocomplete="name" value=name error=flash.error("name")/>
                <TextField name="email" label="E-mail" kind_of="email" required=true autocomplete="email" value=email error=flash.error("email")/>
                <ZoneField value=zone error=flash.error("time_zone") hint="For what is written to you when no browser shows it: mails, calls, digests. An IANA name such as Europe/Berlin."/>
                <TextField name="locale" label="Language" required=true maxlength=35 autocomplete="off" value=locale error=flash.error("locale") hint="A language tag such as en or de-AT, for dates and numbers."/>
                <PasswordField name="current_password" label="Present password" optional=true error=flash.error("current_password") hint="Only to change the e-mail address: it is how you sign in."/>
                <div class="form-acts"><Button kind=ButtonKind::Primary>"Save"</Button></div>
            </form>
        </Card>
    }
}
