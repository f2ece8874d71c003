//! Accepting a payload at a valid key: read it, commit what could be read, keep the body for people to look at.
//!
//! Whatever happens at a valid key is visible: a rejection opens one deduplicated incident for the owning team, and the next
//! good payload resolves it.

use std::sync::Arc;

use domain::{
    Problem,
    alert::SignalStatus,
    integration::{EnqueueEvent, Kind, Reading, read_alertmanager, read_generic, read_pagerduty},
};

use super::{
    keys::Found,
    payload::{self, Body},
};
use crate::{
    App, Result,
    alert::{Delivery, Source, rejects},
};

/// Why nothing of a payload was stored.
#[derive(Debug)]
pub enum Rejected {
    /// Nothing was readable: what was expected.
    Unreadable(Vec<String>),
    /// Nothing was stored; the sender should come again.
    Fault(crate::Error),
}

impl From<crate::Error> for Rejected {
    fn from(e: crate::Error) -> Self {
        Self::Fault(e)
    }
}

impl From<Problem> for Rejected {
    fn from(problem: Problem) -> Self {
        Self::Fault(problem.into())
    }
}

/// Accepts a payload of an integration's own kind; answers what of it could not be read.
pub async fn accept(app: &Arc<App>, found: &Found, content_type: &str, body: &[u8]) -> Result<Vec<String>, Rejected> {
    found.check_open()?;
    let kind = found.source.kind.unwrap_or(Kind::Generic);
    let reading = match kind {
        Kind::Alertmanager => read_alertmanager(body, &found.settings),
        Kind::Generic if content_type.starts_with("application/x-www-form-urlencoded") => match domain::integration::form_to_json(body) {
            Ok(json) => read_generic(&json),
            Err(fault) => Reading::rejected(fault),
        },
        Kind::Generic => read_generic(body),
        Kind::Pagerduty => match read_pagerduty(body, &made_key()) {
            Ok(event) => Reading { signals: vec![event.signal], ..Reading::default() },
            Err((message, errors)) => Reading { faults: if errors.is_empty() { vec![message] } else { errors }, ..Reading::default() },
        },
    };
    if reading.truncated > 0 {
        tracing::info!(integration = %found.id, left_out = reading.truncated, "the source truncated its payload; what is missing is never closed");
    }
    if reading.is_rejected() {
        reject(app, found, content_type, body, 400, &reading.faults).await;
        return Err(Rejected::Unreadable(reading.faults));
    }
    commit(app, found, reading.signals).await?;
    let error = (!reading.faults.is_empty()).then(|| reading.faults.join("\n"));
    payload::keep(app, found.id, Body { content_type, body, status: 202, error });
    Ok(reading.faults)
}

/// Accepts a PagerDuty event that was read already; its routing key is the integration's key.
pub async fn accept_pagerduty(app: &Arc<App>, found: &Found, event: EnqueueEvent, body: &[u8]) -> Result<(), Rejected> {
    found.check_open()?;
    commit(app, found, vec![event.signal]).await?;
    payload::keep(app, found.id, Body { content_type: "application/json", body, status: 202, error: None });
    Ok(())
}

/// A dedup key for an event that brings none.
pub fn made_key() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

async fn commit(app: &Arc<App>, found: &Found, mut signals: Vec<domain::alert::Signal>) -> Result<(), Rejected> {
    if found.rejecting {
        signals.push(rejects(&found.name, found.id, SignalStatus::Resolved, ""));
        app.keys.forget();
    }
    if signals.is_empty() {
        return Ok(());
    }
    Ok(app.ingest.accept(Delivery { source: found.source.clone(), signals }).await?)
}

/// Makes a rejection visible: in the integration's error list, and as an incident of the owning team.
pub async fn reject(app: &Arc<App>, found: &Found, content_type: &str, body: &[u8], status: u16, faults: &[String]) {
    payload::keep(app, found.id, Body { content_type, body, status, error: Some(faults.join("\n")) });
    if found.rejecting {
        return;
    }
    let detail = format!("A payload was refused with status {status}: {}", faults.join("; "));
    let signal = rejects(&found.name, found.id, SignalStatus::Firing, &detail);
    let source = Source { integration: None, service: found.source.service, kind: None };
    if let Err(e) = app.ingest.accept(Delivery { source, signals: vec![signal] }).await {
        tracing::error!(error = %e, integration = %found.id, "the incident about rejected payloads could not be opened");
    }
    app.keys.forget();
}
