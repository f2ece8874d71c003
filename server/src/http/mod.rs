//! What every HTTP adapter shares: who asks, what is read, how refusals and representations are answered.

pub mod assets;
pub mod body;
pub mod compress;
pub mod context;
pub mod cookie;
pub mod csrf;
pub mod export;
pub mod headers;
pub mod health;
pub mod idempotency;
pub mod pwa;
pub mod query;
pub mod refusal;
pub mod request_id;
pub mod tag;
pub mod throttle;

use std::sync::Arc;

use services::App;

/// What handlers share.
#[derive(Clone)]
pub struct State {
    /// The node.
    pub app: Arc<App>,
    /// The configuration.
    pub config: Arc<crate::config::Config>,
    /// The embedded site.
    pub assets: Arc<assets::Assets>,
    /// Requests per address.
    pub throttle: Arc<throttle::Throttle>,
}

impl axum::extract::FromRef<State> for Arc<App> {
    fn from_ref(state: &State) -> Self {
        state.app.clone()
    }
}
