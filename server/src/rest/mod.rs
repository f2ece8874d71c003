//! REST `/api/v1`: thin handlers, one file per noun. Read the request, call one use case, render its outcome.

pub mod account;
pub mod alert;
pub mod audit;
pub mod event;
pub mod incident;
pub mod integration;
pub mod log;
pub mod service;

use axum::{
    extract::Request,
    middleware::{Next, from_fn},
};
use domain::{Problem, account::Caller};
use utoipa_axum::router::OpenApiRouter;

use crate::http::{State, context::Call, refusal::Answer};

/// Every route of the API, relative to `/api/v1`.
pub fn router() -> OpenApiRouter<State> {
    let known = OpenApiRouter::new()
        .merge(account::router())
        .merge(service::router())
        .merge(integration::router())
        .merge(incident::router())
        .merge(alert::router())
        .merge(event::router())
        .merge(audit::router())
        .merge(log::router())
        .route_layer(from_fn(signed_in));
    OpenApiRouter::new().merge(account::entry()).merge(known)
}

/// Whatever a use case says: nobody who is not signed in learns here what there is, or how a body should look.
async fn signed_in(Call(cx): Call, request: Request, next: Next) -> Answer {
    match cx.actor.caller {
        Caller::Anonymous => Err(Problem::unauthenticated().into()),
        _ => Ok(next.run(request).await),
    }
}
