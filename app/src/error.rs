//! What a page shows when it was refused, or when something broke.

use domain::{Code, Problem};
use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};
use ui::{EmptyState, ErrorState, Glyph, LinkButton, view};

use crate::{data::Tree, frame, server};

/// A refusal on its way to a page, with the id under which the log knows the request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Error {
    /// Why.
    pub problem: Problem,
    /// Which request.
    pub request_id: Option<String>,
}

impl FromServerFnError for Error {
    type Encoder = Tree;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            ServerFnErrorErr::Request(_) => Problem::unavailable("The server cannot be reached. Check the connection, then try again."),
            ServerFnErrorErr::Args(detail) | ServerFnErrorErr::MissingArg(detail) | ServerFnErrorErr::Serialization(detail) => {
                Problem::bad_request(detail)
            }
            // A page of a newer or older build than the server's, or something in between that is not ours.
            _ => Problem::new(Code::Internal, "Something went wrong", "The server's answer could not be read. Reload the page."),
        };
        Self { problem, request_id: None }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem.detail)
    }
}

impl std::error::Error for Error {}

/// A refusal in the place of what was asked for. Offers what leads on.
#[component]
pub fn ErrorView(error: Error) -> impl IntoView {
    let here = frame::address();
    let Error { problem, request_id } = error;
    match problem.code {
        Code::NotFound => view! { <Missing text=problem.detail/> },
        Code::Unauthenticated => {
            // A client-side navigation after the session has ended: the document's address leads to the sign-in page.
            Effect::new(move |_| {
                let _ = location().reload();
            });
            view! {
                <EmptyState icon=Glyph::Lock title="Sign in to go on" text="Your session has ended. Nothing that you wrote was lost.">
                    <LinkButton href="/sign-in" external=true>"Sign in"</LinkButton>
                </EmptyState>
            }
        }
        Code::Forbidden => view! {
            <EmptyState icon=Glyph::Lock title=problem.title text=problem.detail>
                <LinkButton href="/" icon=Glyph::Home>"Home"</LinkButton>
            </EmptyState>
        },
        _ => match request_id {
            Some(id) => view! { <ErrorState message=words(&problem) request_id=id retry_href=here/> },
            None => view! { <ErrorState message=words(&problem) retry_href=here/> },
        },
    }
}

fn words(problem: &Problem) -> String {
    match problem.code {
        Code::Internal => problem.title.clone() + ".",
        _ => problem.detail.clone(),
    }
}

/// The address leads nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    server::not_found();
    view! {
        <Title text="Not found"/>
        <h1 class="sr-only">"Not found"</h1>
        <Missing text="There is no page at this address. It may have moved, or the link is cut off."/>
    }
}

#[component]
fn Missing(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <EmptyState icon=Glyph::Search title="Not found" text=text>
            <LinkButton href="/incidents" icon=Glyph::Incident>"Incidents"</LinkButton>
            <LinkButton href="/" icon=Glyph::Home>"Home"</LinkButton>
        </EmptyState>
    }
}
