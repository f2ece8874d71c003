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
    error::NotFound,
    frame::{self, Frame},
    home, incident,
    live::Live,
    outbox::{self, Outbox},
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
                    <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents") view=incident::ListPage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/new") view=incident::DeclarePage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference") view=incident::ShowPage ssr=SsrMode::Async/>
                    <Route path=path!("/incidents/:reference/edit") view=incident::EditPage ssr=SsrMode::Async/>
                    <Route path=path!("/outbox") view=outbox::Waiting ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        <ToastHost/>
    }
}
