//! The live channel, once per tab: what happens elsewhere changes the page while somebody reads it.
//!
//! [`on`] listens while a component lives; [`viewing`] says what the person looks at, [`presence`] who else does. The
//! connection itself is in `feed`, which runs in the browser only.

mod feed;
mod followed;
mod merge;

use std::{cell::Cell, collections::HashMap, rc::Rc, time::Duration};

use domain::{Instant, live::Viewer};
use leptos::prelude::*;
use serde_json::Value;
use ui::LiveState;

pub use followed::followed;
pub use merge::merged;

use crate::session::Visit;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Commit order.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// `incidents`, `alerts`, ...
    pub topic: String,
    /// `incident.acknowledged`, ...
    pub kind: String,
    /// `incident:<uuid>`.
    pub entity: String,
    /// The entity's `rev` after it.
    pub rev: i64,
    /// RFC 7396 over the noun's list row; null when it came by polling: then the row is fetched.
    pub patch: Value,
}

/// What a listener is told.
#[derive(Clone, Debug)]
pub enum News {
    /// Something happened.
    Event(Rc<Event>),
    /// Too much was missed: fetch the page's data again.
    Resync,
}

/// What pages may show of the connection; a context of the whole application.
#[derive(Clone, Copy)]
pub struct Live {
    /// For the dot in the bar.
    pub state: RwSignal<LiveState>,
    /// Who looks at what, by entity.
    people: RwSignal<HashMap<String, Vec<Viewer>>>,
}

impl Live {
    /// Call once, in the root component: connects when the page is hydrated and somebody is signed in.
    pub fn provide(visit: &Visit) -> Self {
        let live = Self { state: RwSignal::new(LiveState::Connecting), people: RwSignal::new(HashMap::new()) };
        provide_context(live);
        let (known, seq, epoch) = (visit.me.is_some(), visit.seq, visit.epoch.clone());
        Effect::new(move |_| {
            if known {
                feed::start(live, seq, epoch.clone());
            }
        });
        live
    }

    fn told_of(self, entity: String, viewers: Vec<Viewer>) {
        self.people.update(|people| {
            people.insert(entity, viewers);
        });
    }
}

/// The connection. Panics outside of the application: a wiring error.
pub fn use_live() -> Live {
    expect_context()
}

/// How far the feed is: take it before data is fetched, and give it to [`on_since`], so that nothing between is missed.
pub fn mark() -> Option<i64> {
    feed::mark()
}

/// Calls `heard` for what happens under these topics (`incidents`, `incident:<uuid>`, ...) while the current owner lives.
pub fn on(topics: &[&str], heard: impl Fn(News) + 'static) {
    on_since(topics.iter().map(|topic| (*topic).to_owned()).collect(), None, heard);
}

/// As [`on`], starting with what happened since a [`mark`].
pub fn on_since(topics: Vec<String>, since: Option<i64>, heard: impl Fn(News) + 'static) {
    let ticket = StoredValue::new(None::<u64>);
    let heard: Rc<dyn Fn(News)> = Rc::new(heard);
    Effect::new(move |_| ticket.set_value(Some(feed::listen(topics.clone(), since, heard.clone()))));
    on_cleanup(move || {
        if let Some(ticket) = ticket.try_get_value().flatten() {
            feed::unlisten(ticket);
        }
    });
}

/// Says that the person looks at `entity` while the current owner lives, and whether they are writing a note.
pub fn viewing(entity: String, writing: Signal<bool>) {
    Effect::new(move |_| feed::look_at(Some(entity.clone()), writing.get()));
    // The server cleans up after each render, too; there is nobody to tell.
    on_cleanup(|| {
        if cfg!(target_arch = "wasm32") {
            feed::look_at(None, false);
        }
    });
}

/// Who looks at `entity`; everybody, the person themselves included.
pub fn presence(entity: String) -> Signal<Vec<Viewer>> {
    let live = use_live();
    Signal::derive(move || live.people.with(|people| people.get(&entity).cloned().unwrap_or_default()))
}

/// Runs `act` soon after a call, and at most once in `ms` however often it is called. Browser only.
pub fn calmly(ms: i64, act: impl Fn() + 'static) -> impl Fn() + Clone + 'static {
    const SOON_MS: i64 = 60;
    let (waiting, last, act) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0_i64)), Rc::new(act));
    move || {
        if waiting.replace(true) {
            return;
        }
        let (waiting, last, act) = (waiting.clone(), last.clone(), act.clone());
        let delay = (last.get() + ms - ui::time::now_ms()).clamp(SOON_MS, ms.max(SOON_MS));
        set_timeout(
            move || {
                waiting.set(false);
                last.set(ui::time::now_ms());
                act();
            },
            Duration::from_millis(delay as u64),
        );
    }
}
