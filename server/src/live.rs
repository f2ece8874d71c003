//! `GET /live`: one websocket per tab (spec: the live channel). Frames are serialised once, in the feed, and shared.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{
        Request, State as Extract,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    response::{IntoResponse, Response},
};
use domain::{
    Id, Problem,
    live::{ClientFrame, ServerFrame},
};
use services::{
    Cx,
    event::{FeedEvent, feed::ANYWHERE},
};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::http::{State, context::Call, csrf, refusal::Refusal};

/// Open sockets of this node.
pub static OPEN: AtomicI64 = AtomicI64::new(0);

const PING: Duration = Duration::from_secs(25);
const IDLE: Duration = Duration::from_secs(60);
/// A send that takes longer closes the socket.
const SEND: Duration = Duration::from_secs(5);
/// Missed events that are replayed at most; above it the client fetches its page's data again.
const REPLAY: u64 = 1_000;
/// Topics of one subscription.
const TOPICS: usize = 32;

/// Upgrades, when the page is ours and somebody is signed in.
pub async fn upgrade(Extract(state): Extract<State>, Call(cx): Call, upgrade: WebSocketUpgrade, request: Request) -> Response {
    if !csrf::is_ours(request.headers(), request.method(), state.config.public_host()) {
        return Refusal(Problem::forbidden("This socket was opened by another site; it was refused.")).into_response();
    }
    if let Err(e) = cx.user() {
        return Refusal::from(e).into_response();
    }
    let build = state.assets.build.clone();
    upgrade
        .read_buffer_size(8 * 1024)
        .write_buffer_size(8 * 1024)
        .max_write_buffer_size(256 * 1024)
        .max_message_size(64 * 1024)
        .on_failed_upgrade(|e| tracing::debug!(error = %e, "live upgrade"))
        .on_upgrade(move |socket| async move {
            OPEN.fetch_add(1, Ordering::Relaxed);
            let connection = Uuid::new_v4();
            let mut live = Live { socket, cx: cx.clone(), topics: Vec::new(), sent: 0, connection };
            if let Err(close) = live.run(build).await {
                let _ = tokio::time::timeout(SEND, live.socket.send(Message::Close(close))).await;
            }
            if let Err(e) = Box::pin(services::live::viewing(&cx, connection, None, false)).await {
                tracing::debug!(error = %e, "presence ends by itself");
            }
            OPEN.fetch_sub(1, Ordering::Relaxed);
        })
        .into_response()
}

struct Live {
    socket: WebSocket,
    cx: Cx,
    topics: Vec<String>,
    /// The newest seq that this client has.
    sent: i64,
    connection: Uuid,
}

/// The area of rights that a topic's events belong to.
fn area(topic: &str) -> &str {
    match topic {
        "alerts" => "incidents",
        topic => topic,
    }
}

/// Why a socket is closed; `None` when the other side did.
type Closed = Option<CloseFrame>;

fn close(code: u16, reason: &'static str) -> Closed {
    Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
}

impl Live {
    async fn run(&mut self, build: String) -> Result<(), Closed> {
        let app = self.cx.app.clone();
        let mut feed = app.feed.listen();
        let mut presence = app.feed.presence.subscribe();
        let mut ended = app.sessions.ended();
        let own_session = self.cx.actor.session;
        self.sent = app.feed.seq();
        let hello = ServerFrame::Hello { build, epoch: app.epoch.clone(), seq: self.sent, ping_s: PING.as_secs() as u32 };
        self.frame(&hello).await?;
        let mut ping = tokio::time::interval(PING);
        ping.reset();
        let mut heard = tokio::time::Instant::now();
        // Boxed is what asks the database: its state would be part of every socket that rests.
        loop {
            tokio::select! {
                event = feed.recv() => match event {
                    Ok(event) => {
                        if self.changes_rights(&event) {
                            Box::pin(self.still_allowed()).await?;
                        }
                        self.event(&event).await?;
                    }
                    Err(RecvError::Lagged(_)) => {
                        Box::pin(self.still_allowed()).await?;
                        Box::pin(self.resync()).await?;
                    }
                    Err(RecvError::Closed) => return Err(close(1012, "restarting")),
                },
                message = self.socket.recv() => {
                    heard = tokio::time::Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => Box::pin(self.command(&text)).await?,
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
                        Some(Ok(_)) => {}
                    }
                },
                entity = presence.recv() => match entity.as_deref().map(|entity| entity.trim_start_matches('!')) {
                    Ok(ANYWHERE) | Err(RecvError::Lagged(_)) => Box::pin(self.all_presence()).await?,
                    Ok(entity) => Box::pin(self.presence(entity)).await?,
                    Err(RecvError::Closed) => return Err(close(1012, "restarting")),
                },
                session = ended.recv() => match session {
                    Ok(session) if Some(session) == own_session => return Err(close(4401, "signed out")),
                    Ok(_) => {}
                    Err(_) => Box::pin(self.still_allowed()).await?,
                },
                _ = ping.tick() => {
                    if heard.elapsed() > IDLE {
                        return Err(close(4408, "idle"));
                    }
                    Box::pin(self.still_allowed()).await?;
                    self.frame(&ServerFrame::Ping).await?;
                },
                () = app.stopping.cancelled() => return Err(close(1012, "restarting")),
            }
        }
    }

    async fn send(&mut self, text: Utf8Bytes) -> Result<(), Closed> {
        match tokio::time::timeout(SEND, self.socket.send(Message::Text(text))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(close(4008, "too slow")),
        }
    }

    async fn frame(&mut self, frame: &ServerFrame) -> Result<(), Closed> {
        self.send(serde_json::to_string(frame).unwrap_or_default().into()).await
    }

    async fn event(&mut self, event: &Arc<FeedEvent>) -> Result<(), Closed> {
        if event.seq <= self.sent {
            return Ok(());
        }
        self.sent = event.seq;
        if self.topics.iter().any(|t| event.matches(t)) && self.cx.scope(area(&event.topic)).is_ok_and(|scope| event.visible(&scope)) {
            self.send(Utf8Bytes::from(&*event.frame)).await?;
        }
        Ok(())
    }

    async fn resync(&mut self) -> Result<(), Closed> {
        self.sent = self.cx.app.feed.seq();
        self.frame(&ServerFrame::Resync { seq: self.sent }).await
    }

    async fn command(&mut self, text: &str) -> Result<(), Closed> {
        match serde_json::from_str(text) {
            Ok(ClientFrame::Sub { topics, after, epoch }) => {
                self.topics = topics.into_iter().filter(|t| t.len() <= 100).take(TOPICS).collect();
                self.catch_up(after, epoch).await?;
                self.all_presence().await
            }
            Ok(ClientFrame::Unsub) => {
                self.topics.clear();
                Ok(())
            }
            Ok(ClientFrame::Viewing { entity, writing }) => {
                let entity = match entity {
                    Some(entity) if self.may_see(&entity).await => Some(entity),
                    _ => None,
                };
                if let Err(e) = services::live::viewing(&self.cx, self.connection, entity.as_deref(), writing).await {
                    tracing::debug!(error = %e, "presence");
                }
                Ok(())
            }
            Ok(ClientFrame::Pong) => Ok(()),
            Err(_) => Err(close(1003, "a frame that is not known")),
        }
    }

    /// Replays what came after `after`, in order: subscribed first, then read; what the feed sends again is dropped by seq.
    async fn catch_up(&mut self, after: Option<i64>, epoch: Option<String>) -> Result<(), Closed> {
        let Some(after) = after else { return Ok(()) };
        let app = self.cx.app.clone();
        let now = self.sent.max(app.feed.seq());
        if epoch.is_some_and(|e| e != app.epoch) || after > now {
            return self.resync().await;
        }
        if after >= now {
            return Ok(());
        }
        match services::event::feed::after(&app.store, after, REPLAY + 1).await {
            Ok(missed) if missed.len() as u64 <= REPLAY => {
                self.sent = after;
                for event in missed {
                    self.event(&Arc::new(event)).await?;
                }
                self.sent = self.sent.max(now);
                Ok(())
            }
            _ => self.resync().await,
        }
    }

    /// Who looks at each of the things that are followed.
    async fn all_presence(&mut self) -> Result<(), Closed> {
        for entity in self.topics.clone() {
            if entity.contains(':') {
                self.presence(&entity).await?;
            }
        }
        Ok(())
    }

    async fn presence(&mut self, entity: &str) -> Result<(), Closed> {
        if !self.topics.iter().any(|t| t == entity) || !self.may_see(entity).await {
            return Ok(());
        }
        match services::live::viewers(&self.cx.app, entity).await {
            Ok(viewers) => self.frame(&ServerFrame::Presence { entity: entity.to_owned(), viewers }).await,
            Err(_) => Ok(()),
        }
    }

    /// Who looks at a thing is told to those who may see it. Incidents have presence, nothing else does.
    async fn may_see(&mut self, entity: &str) -> bool {
        match entity.strip_prefix("incident:").and_then(|id| id.parse().ok()) {
            Some(id) => services::incident::get(&self.cx, id).await.is_ok(),
            None => false,
        }
    }

    /// Whether the event may change what this caller may do: it is about them, their token, or somebody's place in a team.
    fn changes_rights(&self, event: &FeedEvent) -> bool {
        let about = |prefix: &str, id: Option<Uuid>| {
            let found = event.entity.strip_prefix(prefix).map(Uuid::try_parse);
            id.is_some_and(|id| found == Some(Ok(id)))
        };
        let user = self.cx.actor.caller.user().map(Id::uuid);
        event.topic == "accounts" && (event.entity.starts_with("team:") || about("user:", user) || about("token:", self.cx.actor.id))
    }

    /// Roles and sessions may have changed since the subscription.
    async fn still_allowed(&mut self) -> Result<(), Closed> {
        match services::account::renew(&self.cx.app, &self.cx.actor).await {
            Ok(Some(actor)) => {
                self.cx.actor = Arc::new(actor);
                Ok(())
            }
            Ok(None) => Err(close(4401, "signed out")),
            // A database that is away is no reason to sign anybody out.
            Err(_) => Ok(()),
        }
    }
}
