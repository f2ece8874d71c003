//! What waits to be sent, in the bar above every page.

use leptos::prelude::*;
use ui::{Glyph, Icon, view};

use super::{Item, outbox};

/// "3 waiting, 1 needs you", as a link to the page that lists them; nothing while nothing waits.
#[component]
pub fn Tray() -> impl IntoView {
    let words = Memo::new(|_| outbox().items.with(|items| words(items)));
    move || {
        words.get().map(|words| view! { <a class="tray" href="/outbox"><Icon glyph=Glyph::Clock/><span role="status">{words}</span></a> })
    }
}

fn words(items: &[Item]) -> Option<String> {
    let need = items.iter().filter(|item| item.needs_you()).count();
    // What was made this moment and is on its first way out does not wait.
    let wait = items.iter().filter(|item| !item.needs_you() && (item.attempts > 1 || item.state == "waiting")).count();
    let need_words = if need == 1 { "1 needs you".to_owned() } else { format!("{need} need you") };
    match (wait, need) {
        (0, 0) => None,
        (wait, 0) => Some(format!("{wait} waiting")),
        (0, _) => Some(need_words),
        (wait, _) => Some(format!("{wait} waiting, {need_words}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_tells_what_waits_and_what_needs_a_person() {
        let item = |state: &str, attempts| Item { state: state.into(), attempts, ..Item::default() };
        assert_eq!(words(&[]), None);
        assert_eq!(words(&[item("sending", 1)]), None);
        assert_eq!(words(&[item("waiting", 2), item("parked", 1)]).as_deref(), Some("1 waiting, 1 needs you"));
        assert_eq!(words(&[item("auth", 1), item("parked", 1)]).as_deref(), Some("2 need you"));
    }
}
