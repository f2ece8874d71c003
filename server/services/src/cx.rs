//! The context of one call: who asks, in which request, of which node.

use std::sync::{Arc, atomic::AtomicBool};

use domain::{
    Id, Instant, Problem,
    account::{Action, Caller, Scope, Session, Target, User},
};
use uuid::Uuid;

use crate::{
    App, Result,
    idempotency::IdempotencyKey,
    store::{Precedence, Reader},
};

/// Who acts, as the journal names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What they may do.
    pub caller: Caller,
    /// `user`, `token`, `integration`, `system`, `anonymous`.
    pub kind: &'static str,
    /// Which one.
    pub id: Option<Uuid>,
    /// The browser session, when it is one.
    pub session: Option<Id<Session>>,
}

impl Actor {
    /// Nobody is signed in.
    pub const fn anonymous() -> Self {
        Self { caller: Caller::Anonymous, kind: "anonymous", id: None, session: None }
    }

    /// OpsGuard itself.
    pub const fn system() -> Self {
        Self { caller: Caller::System, kind: "system", id: None, session: None }
    }

    /// An inbound source.
    pub const fn integration(id: Uuid) -> Self {
        Self { caller: Caller::System, kind: "integration", id: Some(id), session: None }
    }
}

/// Where a call came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The request id, shown in errors and found in the log.
    pub id: Option<String>,
    /// `web`, `api`, `integration`, `engine`, `job`, `cli`.
    pub source: &'static str,
    /// The client's address, from trusted proxies only.
    pub address: Option<String>,
    /// As sent.
    pub user_agent: Option<String>,
    /// When the person acted, for what waited offline; never in the future.
    pub acted_at: Option<Instant>,
}

impl Request {
    /// A call from inside.
    pub const fn inside(source: &'static str) -> Self {
        Self { id: None, source, address: None, user_agent: None, acted_at: None }
    }
}

/// The context of one call. Cheap to clone.
#[derive(Clone)]
pub struct Cx {
    /// The node.
    pub app: Arc<App>,
    /// Who asks.
    pub actor: Arc<Actor>,
    /// In which request.
    pub request: Arc<Request>,
    /// The key under which the effect happens once, when one was sent.
    pub idempotency: Option<Arc<IdempotencyKey>>,
    /// Set when the outcome was not made now but kept from the first time.
    pub replayed: Arc<AtomicBool>,
    /// See [`Cx::at`].
    pub(crate) at: Option<Instant>,
    /// See [`Cx::bulk`].
    pub(crate) bulk: bool,
    /// See [`Cx::read`].
    pub(crate) snapshot: Option<Reader>,
}

impl Cx {
    /// A context for an actor and a request.
    pub fn new(app: Arc<App>, actor: Actor, request: Request) -> Self {
        Self {
            app,
            actor: Arc::new(actor),
            request: Arc::new(request),
            idempotency: None,
            replayed: Arc::default(),
            at: None,
            bulk: false,
            snapshot: None,
        }
    }

    /// The same call under an idempotency key.
    pub fn with_idempotency(mut self, key: Option<IdempotencyKey>) -> Self {
        self.idempotency = key.map(Arc::new);
        self
    }

    /// The same call as if it were made then: its writes carry that instant, in rows, ids and journal. Only demo data, whose
    /// history has to lie in the past, is written so; it cannot be set from outside this package, and rights, rules and the
    /// order of the journal are those of any other call. The clock of the node, and with it the engine, stays where it is.
    pub(crate) fn at(&self, at: Instant) -> Self {
        Self { at: Some(at), ..self.clone() }
    }

    /// The same call for many rows that nobody waits for: retention, demo data, files of a build. Its writes come last.
    pub fn bulk(&self) -> Self {
        Self { bulk: true, ..self.clone() }
    }

    /// Whose turn to write comes first.
    pub fn precedence(&self) -> Precedence {
        match self.request.source {
            _ if self.bulk => Precedence::Bulk,
            "engine" | "integration" | "job" => Precedence::Engine,
            _ => Precedence::People,
        }
    }

    /// Now.
    pub fn now(&self) -> Instant {
        self.at.unwrap_or_else(|| self.app.clock.now())
    }

    /// The person, or the refusal when nobody is signed in.
    pub fn user(&self) -> Result<Id<User>> {
        self.actor.caller.user().ok_or_else(|| Problem::unauthenticated().into())
    }

    /// Whether the caller may do this to the target; call it after the load, in the same transaction.
    pub fn authorize(&self, action: Action, target: &Target, noun: &str) -> Result<()> {
        Ok(domain::account::authorize(&self.actor.caller, action, target, noun)?)
    }

    /// What the caller may read of an area; the first argument of every read.
    pub fn scope(&self, area: &str) -> Result<Scope> {
        Ok(self.actor.caller.scope(area)?)
    }
}
