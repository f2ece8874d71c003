//! Load on a fixed number of keep-alive connections: closed loop (as fast as answers come) and open loop (at a
//! fixed rate, whatever the answers do).
//!
//! Open-loop latency counts from the moment a request was due, not from when a busy connection got round to it:
//! otherwise a server that stalls for a second would be asked less and look fast.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::http::{Client, Session};
use super::percentile::Latencies;
use super::subject::Subject;
use crate::Result;

/// What a run found. Answers other than 2xx are failures and have no latency.
pub struct Outcome {
    pub latencies: Latencies,
    pub failed: usize,
    pub seconds: f64,
}

impl Outcome {
    pub fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.seconds
    }
}

/// One request; the number tells requests apart.
pub type Request<'a> = &'a (dyn Fn(&mut Client, usize) -> std::io::Result<super::http::Response> + Sync);

/// `count` requests over `connections`, each sending its next when the answer is there.
pub fn closed(subject: &Subject, session: &Session, connections: usize, count: usize, request: Request<'_>) -> Result<Outcome> {
    let next = AtomicUsize::new(0);
    run(subject, session, connections, &|client, samples| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            samples.measure(client, Instant::now(), number, request);
        }
    })
}

/// As many requests as fit into a duration.
pub fn closed_for(subject: &Subject, session: &Session, connections: usize, duration: Duration, request: Request<'_>) -> Result<Outcome> {
    let next = AtomicUsize::new(0);
    let end = Instant::now() + duration;
    run(subject, session, connections, &|client, samples| {
        while Instant::now() < end {
            samples.measure(client, Instant::now(), next.fetch_add(1, Ordering::Relaxed), request);
        }
    })
}

/// `rate` requests a second for a duration, each at its own moment.
pub fn open(
    subject: &Subject,
    session: &Session,
    connections: usize,
    rate: u32,
    duration: Duration,
    request: Request<'_>,
) -> Result<Outcome> {
    let next = AtomicUsize::new(0);
    let start = Instant::now() + Duration::from_millis(50);
    let count = (f64::from(rate) * duration.as_secs_f64()) as usize;
    run(subject, session, connections, &|client, samples| {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let due = start + Duration::from_secs_f64(number as f64 / f64::from(rate));
            thread::sleep(due.saturating_duration_since(Instant::now()));
            samples.measure(client, due, number, request);
        }
    })
}

#[derive(Default)]
struct Samples {
    latencies: Vec<Duration>,
    failed: usize,
}

impl Samples {
    fn measure(&mut self, client: &mut Client, from: Instant, number: usize, request: Request<'_>) {
        match request(client, number) {
            Ok(answer) if answer.is_success() => self.latencies.push(from.elapsed()),
            Ok(_) => self.failed += 1,
            Err(_) => {
                self.failed += 1;
                // The connection is gone; without a new one all later requests would fail for the same reason.
                let _ = client.reconnect();
            }
        }
    }
}

fn run(subject: &Subject, session: &Session, connections: usize, work: &(dyn Fn(&mut Client, &mut Samples) + Sync)) -> Result<Outcome> {
    let clients: Vec<Client> = (0..connections).map(|_| subject.connect(session)).collect::<Result<_>>()?;
    let start = Instant::now();
    let samples: Vec<Samples> = thread::scope(|scope| {
        let workers: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                scope.spawn(move || {
                    let mut samples = Samples::default();
                    work(&mut client, &mut samples);
                    samples
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_default()).collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    let failed = samples.iter().map(|samples| samples.failed).sum();
    Ok(Outcome { latencies: Latencies::new(samples.into_iter().flat_map(|samples| samples.latencies)), failed, seconds })
}
