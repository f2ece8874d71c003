//! Integrations: inbound sources of a service. Their secret URLs, what they sent, what was refused.

mod accept;
mod entity;
mod keys;
mod payload;
mod payload_entity;
mod test;
mod verb;

pub use accept::{Rejected, accept, accept_pagerduty, made_key, reject};
pub use keys::{Found, Keys};
pub use payload::{detail, list as payloads, replay};
pub use test::send_test;
pub use verb::{WithSecret, create, edit, get, list, reveal, rotate};
