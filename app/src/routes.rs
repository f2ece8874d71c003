//! The application: contexts, frame, and the table of pages.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};
use ui::{ToastHost, Toasts};

use crate::{
    area,
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
                    <Route path=path!("/") view=area::home::Home::route() ssr=SsrMode::Async/>
                    <Route path=path!("/incidents") view=area::incidents::List::route() ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/new") view=area::incidents::Declare::route() ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference") view=area::incidents::Show::route() ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference/edit") view=area::incidents::Edit::route() ssr=SsrMode::Async/>
                    <Route path=path!("/services") view=area::rest::Services::route() ssr=SsrMode::Async/>
                    <Route path=path!("/services/new") view=area::rest::NewService::route() ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id") view=area::rest::Service::route() ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id/edit") view=area::rest::EditService::route() ssr=SsrMode::Async/>
                    <Route path=path!("/integrations/:id") view=area::rest::Integration::route() ssr=SsrMode::Async/>
                    <Route path=path!("/welcome") view=area::rest::Welcome::route() ssr=SsrMode::Async/>
                    <Route path=path!("/team") view=area::rest::People::route() ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams") view=area::rest::Teams::route() ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams/:id") view=area::rest::Team::route() ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=area::rest::Profile::route() ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security") view=area::rest::Security::route() ssr=SsrMode::Async/>
                    <Route path=path!("/settings/tokens") view=area::rest::Tokens::route() ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=area::rest::Journal::route() ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=area::door::SignIn::route() ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=area::door::Setup::route() ssr=SsrMode::Async/>
                    <Route path=path!("/invite/:token") view=area::door::Invite::route() ssr=SsrMode::Async/>
                    <Route path=path!("/outbox") view=area::rest::Waiting::route() ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        <ToastHost/>
    }
}
