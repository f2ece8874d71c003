//! What of the log concerns the person who looks, for their home.

use leptos::prelude::*;
use ui::view;

use super::{api::OnMe, row::Rows};

/// What waits for them, and what they may go on with; nothing when there is neither.
#[component]
pub fn OnMeCards(on_me: OnMe) -> impl IntoView {
    let card = |title, rows: Vec<_>| (!rows.is_empty()).then(|| view! { <Rows title rows/> });
    view! { {card("Blockers on you", on_me.waiting)}{card("No longer in your way", on_me.freed)} }
}
