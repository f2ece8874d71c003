//! What people see: pages and components, rendered by the server and hydrated in the browser.
//!
//! Vertical by noun: `src/<noun>/` holds the pages and parts of one noun, `<noun>/api.rs` its `#[server]` functions. What
//! belongs to no noun: [`frame`] (layout, navigation, palette, banners), [`live`] (the feed), [`outbox`] (writes that may
//! wait), [`session`] (who is signed in), [`error`], [`shell`] (the document) and [`server`] (the glue to `services`,
//! the only file that knows whether it runs on the server).
//!
//! # Adding a page
//! 1. `src/<noun>/api.rs`: `#[server(input = Json, output = Json)] pub async fn list(..) -> Result<Page<Row>, Error>` of a few lines: inside, `let cx =
//!    server::cx()?; server::answer(services::<noun>::list(&cx, ..).await)`. The status of the page and the redirect to
//!    `/sign-in` follow from the refusal.
//! 2. `src/<noun>/page.rs`: a `#[component]`. Its data is a [`data::resource`] read by `Suspend` in a `Transition`; a refusal is shown
//!    by [`error::ErrorView`]. `session::me()` says who looks, `session::may(Role)` what they may do. Title and `h1`:
//!    `leptos_meta::Title` and `ui::PageHead`.
//! 3. A line in [`area`] (which file of wasm it is in) and a `<Route>` line in [`routes`], with `ssr=SsrMode::Async`; pages
//!    without the frame are listed in `frame::BARE`.
//! 4. Where it is an area: a line in [`frame::AREAS`] (sidebar, bottom bar, palette).
//! 5. Live: `live::on(&["services"], move |update| ..)` inside the component; it ends with the component.
//! 6. Forms: `<form method="post" action="..">` with [`form::Key`]; what a refusal brings back is read by [`form::flash`]
//!    and shown by `ui::ErrorSummary` and each field's `error`. Writes that may wait offline go through [`outbox::send`].

#![recursion_limit = "256"]

pub mod account;
pub mod area;
pub mod audit;
pub mod data;
pub mod error;
pub mod export;
pub mod form;
pub mod frame;
pub mod home;
pub mod incident;
pub mod live;
pub mod log;
pub mod outbox;
pub mod routes;
pub mod server;
pub mod service;
pub mod session;
pub mod settings;
pub mod shell;
pub mod words;

pub use error::Error;
pub use routes::App;
pub use shell::shell;
