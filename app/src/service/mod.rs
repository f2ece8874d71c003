//! Services and their integrations: the list, one service, its settings, its sources of alerts, and the way from an empty
//! installation to the first incident.

mod alerts;
pub mod api;
mod edit;
mod facts;
mod fields;
mod incidents;
mod integration;
mod integrations;
mod kind;
mod list;
mod new;
mod payloads;
mod secret;
mod show;
mod snippets;
mod steps;
mod welcome;

pub use edit::Edit;
pub use integration::Show as ShowIntegration;
pub use list::List;
pub use new::New;
pub use show::Show;
pub use steps::Steps;
pub use welcome::Welcome;
