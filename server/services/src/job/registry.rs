//! What carries out the jobs: one handler for each kind.

use std::{collections::HashMap, fmt, future::Future, pin::Pin, sync::Arc};

use domain::Millis;
use serde_json::Value;

use crate::{Cx, Error};

/// Why a job did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    /// For the list of dead letters: no secrets.
    pub message: String,
    /// Not before this time has passed, when the other side said so.
    pub retry_after_ms: Option<Millis>,
    /// Trying again cannot help.
    pub hopeless: bool,
}

impl JobError {
    /// Worth another attempt.
    pub fn again(message: impl Into<String>) -> Self {
        Self { message: message.into(), retry_after_ms: None, hopeless: false }
    }

    /// Worth another attempt, but not before.
    pub fn after(message: impl Into<String>, retry_after_ms: Millis) -> Self {
        Self { retry_after_ms: Some(retry_after_ms), ..Self::again(message) }
    }

    /// Not worth another attempt: a dead letter at once.
    pub fn hopeless(message: impl Into<String>) -> Self {
        Self { hopeless: true, ..Self::again(message) }
    }
}

impl From<Error> for JobError {
    fn from(e: Error) -> Self {
        Self::again(e.to_string())
    }
}

type Running = Pin<Box<dyn Future<Output = Result<(), JobError>> + Send>>;
pub(super) type Handler = Arc<dyn Fn(Cx, Value) -> Running + Send + Sync>;

/// The handlers of a node, by kind. A node takes only jobs whose kind it knows, so that during an upgrade the old version
/// leaves the new kinds to the new one.
#[derive(Clone, Default)]
pub struct Registry(HashMap<&'static str, Handler>);

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Registry {
    /// Carries out jobs of this kind with `handler`, which gets the input that the job was asked for with. It may run more
    /// than once for one job.
    pub fn on<F, Fut>(mut self, kind: &'static str, handler: F) -> Self
    where
        F: Fn(Cx, Value) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        self.0.insert(kind, Arc::new(move |cx, input| Box::pin(handler(cx, input))));
        self
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    pub(super) fn handler(&self, kind: &str) -> Option<Handler> {
        self.0.get(kind).cloned()
    }
}
