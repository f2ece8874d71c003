//! Password and devices.

use leptos::prelude::*;
use leptos_meta::Title;
use ui::{Card, PageHead, Skeleton, view};

use super::{api, devices::Devices, password::Password, tabs};
use crate::{
    data::resource,
    error::ErrorView,
    form::{self, Told},
};

/// `/settings/security`.
#[component]
pub fn Security() -> impl IntoView {
    let (password, told) = (form::flash("password"), form::flash("sessions"));
    let me = resource(|| (), |()| api::read_me());
    let sessions = resource(|| (), |()| api::sessions());
    let view = move || {
        Suspend::new(async move {
            let (password, told) = (password.await, told.await);
            match (me.await, sessions.await) {
                (Ok(me), Ok(sessions)) => view! {
                    <div class="cols">
                        <div class="stack">
                            <Told flash=told/>
                            <Devices sessions/>
                        </div>
                        <Password user=me.user flash=password/>
                    </div>
                },
                (Err(error), _) | (_, Err(error)) => view! { <ErrorView error/> },
            }
        })
    };
    view! {
        <Title text="Password and devices"/>
        <PageHead title="Settings"/>
        {tabs("/settings/security")}
        <Transition fallback=|| view! { <Card flush=true><Skeleton/></Card> }>{view}</Transition>
    }
}
