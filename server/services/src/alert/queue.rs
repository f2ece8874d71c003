//! The queue of alerts on their way in: group commit.
//!
//! One task takes what is queued when the previous commit ends, applies it as one transaction, and answers each sender after
//! the commit. Senders that were just answered mostly come again at once: for two milliseconds it waits for them, so that one
//! commit stores what two halves would alternate over. Who sends alone never waits. A batch that fails is run again request by
//! request, so that one bad request fails alone. The queue is bounded: above it senders get a 503 and come again.

use std::{sync::Arc, time::Duration};

use domain::{
    Id, Problem,
    alert::Signal,
    integration::{Integration, Kind},
    service::Service,
};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::{Instant, timeout_at},
};

use super::apply;
use crate::{Actor, App, Cx, Error, Request, Result};

/// Requests that may wait.
const BOUND: usize = 4096;
/// Requests in one commit.
const BATCH: usize = 256;

/// Where alerts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The integration; absent for OpsGuard's own alerts.
    pub integration: Option<Id<Integration>>,
    /// The service that gets them.
    pub service: Id<Service>,
    /// The contract; absent for OpsGuard's own alerts.
    pub kind: Option<Kind>,
}

impl Source {
    /// The word for the explanation.
    pub fn rule(&self) -> &'static str {
        self.kind.map_or("opsguard", Kind::as_str)
    }
}

/// How long after a commit those it answered are waited for.
const REGROUP: Duration = Duration::from_millis(2);

/// The alerts of one request.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where they come from.
    pub source: Source,
    /// In order.
    pub signals: Vec<Signal>,
}

struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Result<()>>,
}

/// The queue. Its state is memory: nobody was told "accepted" before the commit.
pub struct Queue {
    sender: mpsc::Sender<Waiting>,
    /// Outlives the loop that takes from it: what is queued while that begins again is not lost.
    receiver: Mutex<mpsc::Receiver<Waiting>>,
}

impl Default for Queue {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(BOUND);
        Self { sender, receiver: Mutex::new(receiver) }
    }
}

impl Queue {
    /// Returns when the alerts are committed.
    pub async fn accept(&self, delivery: Delivery) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let full = |_| Problem::unavailable("More alerts wait than can be stored right now; send again in a moment.");
        self.sender.try_send(Waiting { delivery, answer }).map_err(full)?;
        answered.await.unwrap_or(Err(Error::CutOff))
    }
}

/// Commits what is queued until the process ends; then what is queued still, and no more.
pub(crate) async fn run(app: Arc<App>) {
    let mut queue = app.ingest.receiver.lock().await;
    let cx = Cx::new(app.clone(), Actor::system(), Request::inside("integration"));
    // How many the next commit may hold if everybody comes again, and since when.
    let (mut expected, mut committed) = (0, Instant::now());
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
            () = app.stopping.cancelled() => {
                queue.close();
                queue.recv().await
            }
        };
        let Some(first) = first else { return };
        let mut batch = vec![first];
        while batch.len() < BATCH {
            let next = match queue.try_recv() {
                Ok(next) => Some(next),
                Err(_) if batch.len() < expected => timeout_at(committed + REGROUP, queue.recv()).await.ok().flatten(),
                Err(_) => None,
            };
            match next {
                Some(next) => batch.push(next),
                None => break,
            }
        }
        let answered = batch.len();
        commit(&cx, batch).await;
        (expected, committed) = ((queue.len() + answered).min(BATCH), Instant::now());
    }
}

async fn commit(cx: &Cx, batch: Vec<Waiting>) {
    let (deliveries, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|w| (w.delivery, w.answer)).unzip();
    let deliveries = Arc::new(deliveries);
    match apply::apply(cx, deliveries.clone()).await {
        Ok(()) => {
            for answer in answers {
                // A sender that went away has its alert stored all the same.
                let _ = answer.send(Ok(()));
            }
        }
        // Running each alone against a database that is away would only make everybody wait longer.
        Err(e) if e.is_unavailable() || deliveries.len() == 1 => {
            tracing::error!(error = %e, requests = deliveries.len(), "alerts could not be stored");
            let problem = e.problem();
            for answer in answers {
                let _ = answer.send(Err(problem.clone().into()));
            }
        }
        Err(e) => {
            tracing::warn!(error = %e, requests = deliveries.len(), "a batch of alerts failed; trying each alone");
            for (delivery, answer) in deliveries.iter().zip(answers) {
                let _ = answer.send(apply::apply(cx, Arc::new(vec![delivery.clone()])).await);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::service;

    #[tokio::test]
    async fn alerts_that_came_while_their_loop_was_down_are_stored_by_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let app = App::at_rest(folder.path()).await.unwrap();
        // A loop that ends in the middle, as by a panic.
        drop(tokio::time::timeout(Duration::ZERO, run(app.clone())).await);
        let source = Source { integration: None, service: domain::service::UNSORTED, kind: None };
        let accepting = {
            let app = app.clone();
            tokio::spawn(async move { app.ingest.accept(Delivery { source, signals: Vec::new() }).await })
        };
        app.keep("alerts on their way in", run);
        accepting.await.unwrap().unwrap();
        assert!(service::ensure_unsorted(&app).await.is_ok(), "the writer is free again");
        app.stop().await.unwrap();
    }
}
