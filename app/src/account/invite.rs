//! Taking an invitation.

use domain::{Code, account::InvitationView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use ui::{Button, ButtonKind, ButtonSize, Chip, ErrorSummary, Fact, Facts, LinkButton, PasswordField, TextField, Time, view};

use super::{api, door::Door, role, zone::device_zone};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Flash, Key},
    settings::is_installed,
};

/// `/invite/:token`.
#[component]
pub fn Invite() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("token")).unwrap_or_default();
    let flash = form::flash("invite");
    let asked = token.clone();
    let invitation = resource(|| (), move |()| api::peek(asked.clone()));
    let view = move || {
        let token = token.clone();
        Suspend::new(async move {
            let flash = flash.await;
            match invitation.await {
                Ok(invitation) => view! { <Form flash token invitation/> },
                Err(error) if error.problem.code == Code::NotFound => view! { <Over text=error.problem.detail/> },
                Err(error) => view! { <ErrorView error/> },
            }
        })
    };
    view! { <Title text="Invitation"/><Transition>{view}</Transition> }
}

#[component]
fn Form(flash: Flash, token: String, invitation: InvitationView) -> impl IntoView {
    let InvitationView { email, role: given, team_name, invited_by_name, expires_at } = invitation;
    let look = role(given);
    let shown = email.clone();
    let zone = RwSignal::new(String::new());
    let installed = RwSignal::new(false);
    Effect::new(move |_| {
        zone.set(device_zone().unwrap_or_default());
        installed.set(is_installed());
    });
    view! {
        <Door title="Join the team" text=format!("{invited_by_name} invites you.")>
            <Facts>
                <Fact name="E-mail">{shown}</Fact>
                <Fact name="Role"><Chip tone=look.tone icon=look.glyph label=look.word/></Fact>
                {team_name.map(|name| view! { <Fact name="Team">{name}</Fact> })}
                <Fact name="Valid until"><Time utc_ms=expires_at.ms() show=ui::TimeShow::Exact/></Fact>
            </Facts>
            <form class="form" method="post" action=format!("/invite/{token}")>
                <ErrorSummary errors=flash.summary()/>
                <Key/>
                <input type="hidden" name="time_zone" value="" prop:value=move || zone.get()/>
                {move || installed.get().then(|| view! { <input type="hidden" name="installed" value="true"/> })}
                <input class="sr-only" type="email" name="username" autocomplete="username" value=email tabindex="-1" aria-hidden="true" readonly=true/>
                <TextField name="name" label="Your name" autocomplete="name" required=true value=flash.value("name").unwrap_or_default() error=flash.error("name")/>
                <PasswordField name="password" label="Choose a password" autocomplete="new-password" minlength=8 hint="At least 8 characters. Longer beats stranger." error=flash.error("password")/>
                <Button kind=ButtonKind::Primary size=ButtonSize::Big>"Join"</Button>
            </form>
        </Door>
    }
}

#[component]
fn Over(text: String) -> impl IntoView {
    view! {
        <Door title="This invitation does not hold" text>
            <LinkButton href="/sign-in" external=true>"Sign in"</LinkButton>
        </Door>
    }
}
