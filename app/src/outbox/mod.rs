//! Writes that may wait: what a person did, kept on the device until the server has answered.
//!
//! The queue itself is public/outbox.js, shared with the service worker. Here is what pages need of it: [`send`], the
//! items that wait ([`Outbox::items`]), the tray, and the page on which conflicts are settled.

pub(crate) mod bridge;
mod conflict;
mod page;
mod tray;

pub use bridge::{apply_update, came_online, get_json, seen_build, store_page, uuid7};
pub use page::Waiting;
pub use tray::Tray;

use domain::{FieldError, Instant};
use leptos::{ev, prelude::*};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::live::calmly;

/// A write on its way to the REST interface.
#[derive(Clone, Debug, Serialize)]
pub struct Write {
    /// `POST`, `PATCH`.
    pub method: &'static str,
    /// `/api/v1/..`
    pub path: String,
    /// JSON body.
    pub body: Value,
    /// What the tray calls it: "Acknowledge INC-418".
    pub label: String,
    /// The version that an edit was made on, as an entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    /// Past this instant (unix milliseconds) it is not applied without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warn_after: Option<i64>,
}

impl Write {
    /// An intent: no version needed, the state machine is its guard.
    pub fn intent(path: String, body: Value, label: String) -> Self {
        Self { method: "POST", path, body, label, if_match: None, warn_after: None }
    }
}

/// A refusal as the REST interface words it (RFC 9457).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// 0 when it never reached the server.
    pub status: u16,
    /// `stale`, `conflict`, `invalid`, ...
    pub code: String,
    /// A few words.
    pub title: String,
    /// What exactly.
    pub detail: String,
    /// Wrong fields.
    pub errors: Vec<FieldError>,
    /// What stands there now.
    pub current: Option<Value>,
    /// Fields that others changed meanwhile.
    pub changed: Vec<String>,
}

impl Refusal {
    /// The sentence to show.
    pub fn words(&self) -> String {
        if self.detail.is_empty() { self.title.clone() } else { self.detail.clone() }
    }
}

/// What became of a write, told within ten seconds.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Done.
    Sent {
        /// The answer.
        body: Value,
    },
    /// Kept on the device; it is sent by itself when the network is back.
    Queued {
        /// `offline`, `slow`, `retry`, `auth`, `waiting`.
        reason: String,
    },
    /// The server refused it; it needs a person.
    Parked {
        /// The item.
        id: String,
        /// Why.
        problem: Option<Refusal>,
        /// The request.
        request_id: Option<String>,
    },
    /// Neither sent nor kept.
    Failed {
        /// Why.
        problem: Option<Refusal>,
        /// The request.
        request_id: Option<String>,
    },
    /// Another tab has settled it.
    Gone,
}

/// A write that waits.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Item {
    /// Identity.
    pub id: String,
    /// `POST`, `PATCH`.
    pub method: String,
    /// Where it goes.
    pub path: String,
    /// What it says.
    pub body: Value,
    /// When the person did it.
    pub acted_at: String,
    /// `waiting`, `sending`, `parked`, `auth`.
    pub state: String,
    /// Why it is parked: `refused`, `stale`.
    pub reason: Option<String>,
    /// What it is called.
    pub label: String,
    /// The refusal.
    pub problem: Option<Refusal>,
    /// Sends so far.
    pub attempts: u32,
    /// The request that was refused.
    pub request_id: Option<String>,
}

impl Item {
    /// When the person did it, in unix milliseconds.
    pub fn acted_ms(&self) -> Option<i64> {
        Instant::parse(&self.acted_at).map(Instant::ms)
    }

    /// It waits for a person.
    pub fn needs_you(&self) -> bool {
        self.state == "parked" || self.state == "auth"
    }
}

/// What the device holds and knows; a context of the whole application.
#[derive(Clone, Copy)]
pub struct Outbox {
    /// The person's own items, oldest first.
    pub items: RwSignal<Vec<Item>>,
    /// The browser has no network.
    pub offline: RwSignal<bool>,
    /// The page came from the device; when it was stored.
    pub copy_from: RwSignal<Option<i64>>,
    /// A new version waits.
    pub update: RwSignal<bool>,
}

impl Outbox {
    /// Call once, in the root component.
    pub fn provide() -> Self {
        let outbox = Self {
            items: RwSignal::new(Vec::new()),
            offline: RwSignal::new(false),
            copy_from: RwSignal::new(None),
            update: RwSignal::new(false),
        };
        provide_context(outbox);
        Effect::new(move |_| outbox.watch());
        outbox
    }

    /// Listens to the scripts for as long as the tab lives.
    fn watch(self) {
        let refresh = calmly(0, move || self.read());
        std::mem::forget(window_event_listener(ev::Custom::<web_sys::Event>::new("opsguard:outbox"), move |_| refresh()));
        std::mem::forget(window_event_listener(ev::online, move |_| self.offline.set(false)));
        std::mem::forget(window_event_listener(ev::offline, move |_| self.offline.set(true)));
        std::mem::forget(window_event_listener(ev::Custom::<web_sys::Event>::new("opsguard:update"), move |_| self.update.set(true)));
        self.offline.set(!window().navigator().on_line());
        self.update.set(bridge::call("pwa.update", &[]).is_some_and(|update| update.is_object()));
        self.read();
        leptos::task::spawn_local(async move {
            let stored = bridge::ask("pwa.cachedAt", &[]).await;
            let at = stored.and_then(|at| at.as_f64().map(|ms| ms as i64).or_else(|| Instant::parse(&at.as_string()?).map(Instant::ms)));
            self.copy_from.set(at);
        });
    }

    fn read(self) {
        leptos::task::spawn_local(async move {
            let listed = bridge::ask("listJson", &[]).await.and_then(|json| json.as_string());
            if let Some(items) = listed.and_then(|json| crate::data::read(&json).ok()) {
                self.items.set(items);
            }
        });
    }

    /// The items about one thing: those whose path begins so.
    pub fn about(self, path: String) -> Memo<Vec<Item>> {
        Memo::new(move |_| self.items.with(|items| items.iter().filter(|item| item.path.starts_with(&path)).cloned().collect()))
    }
}

/// The outbox. Panics outside of the application: a wiring error.
pub fn outbox() -> Outbox {
    expect_context()
}

/// Keeps a write and sends it; answers as soon as it is known what became of it.
pub async fn send(write: &Write) -> Outcome {
    let request = serde_json::to_string(write).unwrap_or_default();
    settle(bridge::ask("enqueueJson", &[request.into()]).await)
}

/// Mine stands, against their version; `body` replaces mine.
pub async fn keep_mine(id: &str, body: Option<&Value>) -> Outcome {
    let body = body.map_or(wasm_bindgen::JsValue::UNDEFINED, |body| body.to_string().into());
    settle(bridge::ask("keepMineJson", &[id.into(), body]).await)
}

/// The same write once more.
pub async fn retry(id: &str) -> Outcome {
    settle(bridge::ask("retryJson", &[id.into()]).await)
}

/// Takes a write back. False when it is on its way at this moment.
pub async fn discard(id: &str) -> bool {
    bridge::ask("outbox.discard", &[id.into()]).await.is_some_and(|gone| gone.is_truthy())
}

/// The words of the queue, or that there is no queue.
fn settle(answer: Option<wasm_bindgen::JsValue>) -> Outcome {
    let told = answer.and_then(|json| json.as_string()).and_then(|json| crate::data::read::<Told>(&json).ok());
    let Some(told) = told else {
        let words = "This page could not keep what you did. Reload it and try again.";
        return Outcome::Failed { problem: Some(Refusal { title: words.into(), ..Refusal::default() }), request_id: None };
    };
    match told.state.as_str() {
        "sent" => Outcome::Sent { body: told.body },
        "queued" => Outcome::Queued { reason: told.reason },
        "parked" => Outcome::Parked { id: told.id, problem: told.problem, request_id: told.request_id },
        "failed" => Outcome::Failed { problem: told.problem, request_id: told.request_id },
        _ => Outcome::Gone,
    }
}

/// What the script answers: the fields of all outcomes.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    state: String,
    id: String,
    reason: String,
    body: Value,
    problem: Option<Refusal>,
    request_id: Option<String>,
}
