//! The connection behind the live channel (spec: the live channel). State of the tab, hence thread-local; entered from
//! effects and event handlers only, so never on the server.
//!
//! A lost socket is made again after 0.5 to 30 s with jitter. After three sockets that never opened, events are polled
//! over plain HTTP beside the further attempts, and the dot says "Reconnecting".

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use domain::live::{ClientFrame, ServerFrame};
use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*};
use ui::LiveState;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CloseEvent, MessageEvent, WebSocket};

use super::{Event, Live, News};
use crate::outbox;

/// Attempts in a row without an opened socket, after which events are polled.
const BLOCKED_AFTER: u32 = 3;
const POLL_EVERY: Duration = Duration::from_secs(4);
const FIRST_WAIT_MS: f64 = 500.0;
const LONGEST_WAIT_MS: f64 = 30_000.0;
/// The session has ended (our close code).
const SIGNED_OUT: u16 = 4401;

struct Listener {
    ticket: u64,
    topics: Vec<String>,
    heard: Rc<dyn Fn(News)>,
}

struct Socket {
    socket: WebSocket,
    // Kept as long as the socket may call them.
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

#[derive(Default)]
struct Tab {
    live: Option<Live>,
    listeners: Vec<Listener>,
    tickets: u64,
    /// The newest event that this tab knows of, and the journal it counts in.
    seq: i64,
    epoch: String,
    socket: Option<Socket>,
    is_open: bool,
    failures: u32,
    looking_at: Option<String>,
    writing: bool,
    retry: Option<TimeoutHandle>,
}

thread_local! {
    static TAB: RefCell<Tab> = RefCell::default();
    static POLLING: Cell<bool> = const { Cell::new(false) };
    static SUBSCRIBING: Cell<bool> = const { Cell::new(false) };
}

fn tab<T>(with: impl FnOnce(&mut Tab) -> T) -> T {
    TAB.with_borrow_mut(with)
}

/// Connects, once per tab.
pub(super) fn start(live: Live, seq: i64, epoch: String) {
    let first = tab(|tab| {
        let first = tab.live.is_none();
        tab.live = Some(live);
        if first {
            (tab.seq, tab.epoch) = (seq, epoch);
        }
        first
    });
    if !first {
        return;
    }
    // They live as long as the tab.
    std::mem::forget(window_event_listener(ev::online, |_| connect()));
    std::mem::forget(window_event_listener(ev::offline, |_| show(LiveState::Offline)));
    std::mem::forget(window_event_listener(ev::visibilitychange, |_| say_where()));
    connect();
}

fn show(state: LiveState) {
    if let Some(live) = tab(|tab| tab.live) {
        live.state.set(state);
    }
}

pub(super) fn mark() -> Option<i64> {
    tab(|tab| tab.live.is_some().then_some(tab.seq))
}

pub(super) fn listen(topics: Vec<String>, since: Option<i64>, heard: Rc<dyn Fn(News)>) -> u64 {
    let ticket = tab(|tab| {
        tab.tickets += 1;
        // A listener from before asks for what came since: everybody hears it again, and rows know by their rev.
        tab.seq = since.map_or(tab.seq, |since| since.min(tab.seq));
        tab.listeners.push(Listener { ticket: tab.tickets, topics, heard });
        tab.tickets
    });
    subscribe_soon();
    ticket
}

pub(super) fn unlisten(ticket: u64) {
    // When the tab closes its thread-locals may be gone first.
    let _ = TAB.try_with(|tab| {
        if let Ok(mut tab) = tab.try_borrow_mut() {
            tab.listeners.retain(|listener| listener.ticket != ticket);
        }
    });
    subscribe_soon();
}

pub(super) fn look_at(entity: Option<String>, writing: bool) {
    tab(|tab| (tab.looking_at, tab.writing) = (entity, writing));
    say_where();
}

/// Several components come and go in one navigation: one frame for all of them.
fn subscribe_soon() {
    if !SUBSCRIBING.replace(true) {
        queue_microtask(|| {
            SUBSCRIBING.set(false);
            subscribe();
        });
    }
}

fn subscribe() {
    let frame = tab(|tab| {
        let mut topics: Vec<String> = tab.listeners.iter().flat_map(|listener| listener.topics.iter().cloned()).collect();
        topics.sort_unstable();
        topics.dedup();
        ClientFrame::Sub { topics, after: Some(tab.seq), epoch: Some(tab.epoch.clone()) }
    });
    send(&frame);
}

fn say_where() {
    let hidden = document().hidden();
    let frame = tab(|tab| ClientFrame::Viewing { entity: tab.looking_at.clone().filter(|_| !hidden), writing: tab.writing });
    send(&frame);
}

fn send(frame: &ClientFrame) {
    let Ok(text) = serde_json::to_string(frame) else { return };
    tab(|tab| {
        if let Some(socket) = tab.socket.as_ref().filter(|_| tab.is_open) {
            // Refused only while the socket closes: its close event makes a new one.
            let _ = socket.socket.send_with_str(&text);
        }
    });
}

fn connect() {
    if tab(|tab| tab.socket.is_some()) {
        return;
    }
    if let Some(retry) = tab(|tab| tab.retry.take()) {
        retry.clear();
    }
    let (Ok(protocol), Ok(host)) = (location().protocol(), location().host()) else { return };
    let scheme = if protocol == "https:" { "wss" } else { "ws" };
    let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/live")) else { return lost(0) };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(frame) = event.data().as_string().and_then(|text| crate::data::read(&text).ok()) {
            hear(frame);
        }
    });
    let on_close = Closure::<dyn FnMut(CloseEvent)>::new(|event: CloseEvent| lost(event.code()));
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    tab(|tab| tab.socket = Some(Socket { socket, _on_message: on_message, _on_close: on_close }));
}

/// The socket is gone: another one later.
fn lost(code: u16) {
    let (old, failures) = tab(|tab| {
        tab.failures += 1;
        tab.is_open = false;
        (tab.socket.take(), tab.failures)
    });
    // This runs inside its own close handler: dropped when that has returned.
    queue_microtask(move || drop(old));
    if code == SIGNED_OUT {
        let _ = location().reload();
        return;
    }
    let online = window().navigator().on_line();
    show(if online { LiveState::Reconnecting } else { LiveState::Offline });
    if failures >= BLOCKED_AFTER {
        poll();
    }
    let bound = (FIRST_WAIT_MS * 2_f64.powi(failures.min(10) as i32)).min(LONGEST_WAIT_MS);
    let wait = FIRST_WAIT_MS + js_sys::Math::random() * (bound - FIRST_WAIT_MS);
    let retry = set_timeout_with_handle(connect, Duration::from_millis(wait as u64)).ok();
    tab(|tab| tab.retry = retry);
}

fn hear(frame: ServerFrame) {
    match frame {
        ServerFrame::Hello { build, epoch, seq, .. } => {
            let restored = tab(|tab| {
                tab.is_open = true;
                tab.failures = 0;
                let restored = !tab.epoch.is_empty() && tab.epoch != epoch;
                if restored || tab.epoch.is_empty() {
                    (tab.epoch, tab.seq) = (epoch, seq);
                }
                restored
            });
            show(LiveState::Live);
            subscribe();
            say_where();
            outbox::came_online();
            outbox::seen_build(&build);
            if restored {
                tell_all(&News::Resync);
            }
        }
        ServerFrame::Event { seq, at, topic, kind, entity, rev, patch } => {
            tell(Event { seq, at, topic, kind, entity, rev, patch });
        }
        ServerFrame::Presence { entity, viewers } => {
            if let Some(live) = tab(|tab| tab.live) {
                live.told_of(entity, viewers);
            }
        }
        ServerFrame::Resync { seq } => {
            tab(|tab| tab.seq = seq);
            tell_all(&News::Resync);
        }
        ServerFrame::Ping => {
            send(&ClientFrame::Pong);
            // Presence has a time to live: each sign of life renews it.
            if tab(|tab| tab.looking_at.is_some()) {
                say_where();
            }
        }
    }
}

fn tell(event: Event) {
    let listeners: Vec<Rc<dyn Fn(News)>> = tab(|tab| {
        tab.seq = tab.seq.max(event.seq);
        tab.listeners
            .iter()
            .filter(|listener| listener.topics.iter().any(|topic| concerns(&event, topic)))
            .map(|l| l.heard.clone())
            .collect()
    });
    let update = News::Event(Rc::new(event));
    listeners.iter().for_each(|heard| heard(update.clone()));
}

/// Alerts and blockers come under the topic of their incident, and do not name it: a tab shows one incident at a time.
fn concerns(event: &Event, topic: &str) -> bool {
    event.topic == topic
        || event.entity == topic
        || (topic.starts_with("incident:") && matches!(event.topic.as_str(), "alerts" | "blockers"))
}

fn tell_all(update: &News) {
    let listeners: Vec<_> = tab(|tab| tab.listeners.iter().map(|listener| listener.heard.clone()).collect());
    listeners.iter().for_each(|heard| heard(update.clone()));
}

/// Asks for events over plain HTTP until a socket opens.
fn poll() {
    if POLLING.replace(true) {
        return;
    }
    leptos::task::spawn_local(async {
        let (after, epoch) = tab(|tab| (tab.seq, tab.epoch.clone()));
        match outbox::get_json(&format!("/api/v1/events?after={after}")).await {
            Some(answer) if answer["epoch"].as_str().is_some_and(|theirs| theirs != epoch) => {
                tab(|tab| tab.epoch = answer["epoch"].as_str().unwrap_or_default().to_owned());
                tab(|tab| tab.seq = answer["seq"].as_i64().unwrap_or(tab.seq));
                tell_all(&News::Resync);
            }
            Some(answer) => answer["items"].as_array().into_iter().flatten().filter_map(polled).for_each(tell),
            None => {}
        }
        set_timeout(
            || {
                POLLING.set(false);
                if !tab(|tab| tab.is_open) {
                    poll();
                }
            },
            POLL_EVERY,
        );
    });
}

/// An event of the journal, which has no row in it.
fn polled(value: &serde_json::Value) -> Option<Event> {
    let event: domain::event::Event = domain::from_tree(value).ok()?;
    Some(Event {
        seq: event.seq,
        at: event.at,
        topic: event.topic,
        kind: event.kind,
        entity: event.entity,
        rev: event.entity_version,
        patch: serde_json::Value::Null,
    })
}
