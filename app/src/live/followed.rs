//! A value that is fetched again when something happens elsewhere, without taking away what somebody types beside it.

use std::rc::Rc;

use leptos::{prelude::*, task::spawn_local};

use super::{calmly, on};
use crate::Error;

/// How often it is fetched at most.
const CALM_MS: i64 = 1_000;

/// Starts with what the page was made with; then follows these topics while the current owner lives. What cannot be
/// fetched stays as it was: the bar above says that the connection is gone.
pub fn followed<T, F>(initial: T, topics: &[&str], fetch: impl Fn() -> F + 'static) -> RwSignal<T>
where
    T: PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, Error>> + 'static,
{
    let value = RwSignal::new(initial);
    let fetch = Rc::new(fetch);
    let again = calmly(CALM_MS, move || {
        let fetch = fetch.clone();
        spawn_local(async move {
            if let Ok(found) = fetch().await {
                // The page may be gone, and most of what happens changes nothing here.
                if value.try_with_untracked(|now| *now != found) == Some(true) {
                    value.set(found);
                }
            }
        });
    });
    on(topics, move |_| again());
    value
}
