//! REST `/api/v1`: thin handlers, one file per noun. Read the request, call one use case, render its outcome.

pub mod account;
pub mod alert;
pub mod event;
pub mod incident;
pub mod integration;
pub mod service;

use utoipa_axum::router::OpenApiRouter;

use crate::http::State;

/// Every route of the API, relative to `/api/v1`.
pub fn router() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .merge(account::router())
        .merge(service::router())
        .merge(integration::router())
        .merge(incident::router())
        .merge(alert::router())
        .merge(event::router())
}
