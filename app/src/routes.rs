//! The application: contexts, frame, and the table of pages.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};
use ui::{ToastHost, Toasts, view};

use crate::{
    area::Page,
    error::NotFound,
    frame::{self, Frame},
    live::Live,
    outbox::Outbox,
    session::Session,
};

/// The root component. Every page waits for its data on the server (`SsrMode::Async`): it works without JavaScript, and
/// its status says what it is.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    Toasts::provide();
    let session = Session::provide();
    Live::provide(&session.visit());
    Outbox::provide();
    frame::provide();
    session.follow();
    view! {
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=Page::Home ssr=SsrMode::Async/>
                    <Route path=path!("/incidents") view=Page::Incidents ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/new") view=Page::Declare ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference") view=Page::Incident ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference/edit") view=Page::EditIncident ssr=SsrMode::Async/>
                    <Route path=path!("/services") view=Page::Services ssr=SsrMode::Async/>
                    <Route path=path!("/services/new") view=Page::NewService ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id") view=Page::Service ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id/edit") view=Page::EditService ssr=SsrMode::Async/>
                    <Route path=path!("/integrations/:id") view=Page::Integration ssr=SsrMode::Async/>
                    <Route path=path!("/welcome") view=Page::Welcome ssr=SsrMode::Async/>
                    <Route path=path!("/log") view=Page::Updates ssr=SsrMode::Async/>
                    <Route path=path!("/log/new") view=Page::NewUpdate ssr=SsrMode::Async/>
                    <Route path=path!("/log/blockers") view=Page::Blockers ssr=SsrMode::Async/>
                    <Route path=path!("/log/blockers/new") view=Page::NewBlocker ssr=SsrMode::Async/>
                    <Route path=path!("/log/blockers/:id") view=Page::Blocker ssr=SsrMode::Async/>
                    <Route path=path!("/log/blockers/:id/edit") view=Page::EditBlocker ssr=SsrMode::Async/>
                    <Route path=path!("/log/:id") view=Page::Update ssr=SsrMode::Async/>
                    <Route path=path!("/log/:id/edit") view=Page::EditUpdate ssr=SsrMode::Async/>
                    <Route path=path!("/team") view=Page::People ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams") view=Page::Teams ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams/:id") view=Page::Team ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=Page::Profile ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security") view=Page::Security ssr=SsrMode::Async/>
                    <Route path=path!("/settings/tokens") view=Page::Tokens ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=Page::Audit ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=Page::SignIn ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=Page::Setup ssr=SsrMode::Async/>
                    <Route path=path!("/invite/:token") view=Page::Invite ssr=SsrMode::Async/>
                    <Route path=path!("/outbox") view=Page::Waiting ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        <ToastHost/>
    }
}
