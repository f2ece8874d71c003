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
    account, audit,
    error::NotFound,
    frame::{self, Frame},
    home, incident,
    live::Live,
    outbox::{self, Outbox},
    service,
    session::Session,
    settings,
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
                    <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents") view=incident::ListPage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/new") view=incident::DeclarePage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference") view=incident::ShowPage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference/edit") view=incident::EditPage ssr=SsrMode::Async/>
                    <Route path=path!("/services") view=service::List ssr=SsrMode::Async/>
                    <Route path=path!("/services/new") view=service::New ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id") view=service::Show ssr=SsrMode::Async/>
                    <Route path=path!("/services/:id/edit") view=service::Edit ssr=SsrMode::Async/>
                    <Route path=path!("/integrations/:id") view=service::ShowIntegration ssr=SsrMode::Async/>
                    <Route path=path!("/welcome") view=service::Welcome ssr=SsrMode::Async/>
                    <Route path=path!("/team") view=account::People ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams") view=account::Teams ssr=SsrMode::Async/>
                    <Route path=path!("/team/teams/:id") view=account::Team ssr=SsrMode::Async/>
                    <Route path=path!("/settings") view=settings::Profile ssr=SsrMode::Async/>
                    <Route path=path!("/settings/security") view=settings::Security ssr=SsrMode::Async/>
                    <Route path=path!("/settings/tokens") view=settings::Tokens ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view=audit::Journal ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in") view=account::SignIn ssr=SsrMode::Async/>
                    <Route path=path!("/setup") view=account::Setup ssr=SsrMode::Async/>
                    <Route path=path!("/invite/:token") view=account::Invite ssr=SsrMode::Async/>
                    <Route path=path!("/outbox") view=outbox::Waiting ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        <ToastHost/>
    }
}
