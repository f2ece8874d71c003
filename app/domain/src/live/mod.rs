//! The frames of the live channel `GET /live` (spec: the live channel). Text frames, one JSON object each.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use crate::{Instant, tree::Fields};

/// Browser to server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Replaces the subscription; replays what came after `after`.
    Sub {
        /// `incidents`, `incident:<uuid>`, `services`, `me`, ...
        topics: Vec<String>,
        /// The last seq that the client has; absent for "from now on".
        #[serde(default)]
        after: Option<i64>,
        /// The epoch that `after` belongs to.
        #[serde(default)]
        epoch: Option<String>,
    },
    /// Ends the subscription.
    Unsub,
    /// What the person looks at; null when nothing.
    Viewing {
        /// `incident:<uuid>`.
        entity: Option<String>,
        /// True while a note is being written.
        #[serde(default)]
        writing: bool,
    },
    /// Answer to a ping.
    Pong,
}

/// A person who looks at something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Viewer {
    /// Who.
    pub user_id: uuid::Uuid,
    /// The name to show.
    pub name: String,
    /// Writing a note right now.
    pub writing: bool,
}

/// Server to browser.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame.
    Hello {
        /// The server's build; another than ours offers the update.
        build: String,
        /// New after each restore; another than ours means resync.
        epoch: String,
        /// The newest seq.
        seq: i64,
        /// Seconds between pings.
        ping_s: u32,
    },
    /// Something happened.
    Event {
        /// Commit order.
        seq: i64,
        /// When.
        at: Instant,
        /// The topic that it belongs to.
        topic: String,
        /// `incident.acknowledged`, ...
        kind: String,
        /// `incident:<uuid>`.
        entity: String,
        /// The entity's `rev` after it.
        rev: i64,
        /// RFC 7396 over the noun's list row; applied only when `rev` is the next one.
        patch: serde_json::Value,
    },
    /// Who looks at an entity now.
    Presence {
        /// `incident:<uuid>`.
        entity: String,
        /// Everyone but nobody twice.
        viewers: Vec<Viewer>,
    },
    /// Too much was missed: fetch the page's data again.
    Resync {
        /// The seq to go on from.
        seq: i64,
    },
    /// Are you there?
    Ping,
}

impl<'de> Deserialize<'de> for ServerFrame {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let frame = Fields::of(from)?;
        match frame.take::<String, _>("t")?.as_str() {
            "hello" => Ok(Self::Hello {
                build: frame.take("build")?,
                epoch: frame.take("epoch")?,
                seq: frame.take("seq")?,
                ping_s: frame.take("ping_s")?,
            }),
            "event" => Ok(Self::Event {
                seq: frame.take("seq")?,
                at: frame.take("at")?,
                topic: frame.take("topic")?,
                kind: frame.take("kind")?,
                entity: frame.take("entity")?,
                rev: frame.take("rev")?,
                patch: frame.take("patch")?,
            }),
            "presence" => Ok(Self::Presence { entity: frame.take("entity")?, viewers: frame.take("viewers")? }),
            "resync" => Ok(Self::Resync { seq: frame.take("seq")? }),
            "ping" => Ok(Self::Ping),
            other => Err(D::Error::unknown_variant(other, &["hello", "event", "presence", "resync", "ping"])),
        }
    }
}
