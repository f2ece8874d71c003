//! The live channel: 2,000 sockets, 10 alerts a second, each to be seen by all.
//!
//! Measured from the moment an alert's 2xx was read to the moment its frame was read, for every socket. One blocked
//! thread per socket (small stacks) costs nothing while it waits and wakes at once; polling thousands of sockets
//! from a few threads would take the very cores that the server needs.

use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::figures::{Bar, Figures};
use super::http::Session;
use super::percentile::Latencies;
use super::subject::{BOTH, Database, Home, Subject, expect};
use super::websocket::Socket;
use crate::{Result, process, workspace};

const SOCKETS: usize = 2_000;
const ALERTS: usize = 100;
const PERIOD: Duration = Duration::from_millis(100);
const SUBSCRIBE: &str = r#"{"t":"sub","topics":["incidents"],"after":0}"#;
/// In each alert's title, and so in the row that the frame carries.
const MARKER: &str = "bench-live-";

pub fn run(binary: &Path) -> Result<Figures> {
    raise_descriptor_limit()?;
    let mut figures = Figures::default();
    for database in BOTH {
        measure(binary, database, &mut figures)?;
    }
    Ok(figures)
}

/// 2,000 sockets need more descriptors than the usual 1,024. The server inherits the limit.
fn raise_descriptor_limit() -> Result<()> {
    let limits = workspace::read(Path::new("/proc/self/limits"))?;
    let hard = hard_limit(&limits).ok_or("/proc/self/limits does not tell the open files")?;
    if hard < SOCKETS as u64 + 100 {
        return Err(format!("{SOCKETS} sockets need more open files than the hard limit of {hard}: raise it (ulimit -Hn)"));
    }
    let pid = std::process::id().to_string();
    process::run_quietly(process::command("prlimit").args(["--pid", &pid, &format!("--nofile={hard}:")])).map(drop)
}

/// `Max open files  1024  524288  files`: the second number, which may be `unlimited`.
fn hard_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let hard = line.split_whitespace().nth(1)?;
    if hard == "unlimited" { Some(65_536) } else { hard.parse().ok() }
}

fn measure(binary: &Path, database: Database, figures: &mut Figures) -> Result<()> {
    let name = database.name();
    let home = Home::new(binary, database)?;
    let subject = home.serve(&[])?;
    let session = subject.sign_in()?;
    let (_, path) = subject.alert_source(&session, "bench live")?;
    let before = subject.rss_mb()?;
    let run = Run::default();
    let (seen, connected) = thread::scope(|scope| -> Result<_> {
        let mut readers = Vec::with_capacity(SOCKETS);
        for number in 0..SOCKETS {
            let (run, session, subject) = (&run, &session, &subject);
            let reader = thread::Builder::new().stack_size(128 * 1024).spawn_scoped(scope, move || run.read(subject, session));
            readers.push(reader.map_err(|error| format!("cannot start reader {number}: {error}"))?);
            // The kernel's accept queue is short; a storm of connections is not what is measured here.
            if number % 50 == 49 {
                run.wait_for(number + 1);
            }
        }
        run.wait_for(SOCKETS);
        let connected = subject.rss_mb()?;
        let sent = run.send_alerts(&subject, &path);
        run.done.store(true, Ordering::Release);
        let seen: Vec<_> = readers.into_iter().map(|reader| reader.join().unwrap_or_default()).collect();
        sent.map(|()| (seen, connected))
    })?;
    let failed = run.failed.load(Ordering::Acquire);
    let since = |moments: &[OnceLock<Instant>; ALERTS]| {
        let samples = seen.iter().flatten().filter_map(|(alert, at)| Some(at.saturating_duration_since(*moments.get(*alert)?.get()?)));
        Latencies::new(samples)
    };
    let (latencies, from_sending) = (since(&run.accepted), since(&run.sent));
    let expected = (SOCKETS - failed.min(SOCKETS)) * ALERTS;
    figures.add(format!("{name}: accepted -> received p50"), latencies.percentile(50.0), "ms", Bar::None);
    let note = format!("{SOCKETS} sockets, 10 alerts/s; {failed} sockets failed");
    figures.noted(format!("{name}: accepted -> received p99"), latencies.percentile(99.0), "ms", Bar::AtMost(100.0), note);
    figures.add(format!("{name}: sent -> received p99"), from_sending.percentile(99.0), "ms", Bar::None);
    let missing = expected.abs_diff(latencies.len()) + failed * ALERTS;
    figures.add(format!("{name}: frames missing"), missing as f64, "", Bar::AtMost(0.0));
    figures.noted(
        format!("{name}: server memory per socket"),
        (connected - before) * 1000.0 / SOCKETS as f64,
        "kB",
        Bar::AtMost(25.0),
        "aim with 10,000 sockets",
    );
    Ok(())
}

struct Run {
    ready: AtomicUsize,
    failed: AtomicUsize,
    done: AtomicBool,
    sent: [OnceLock<Instant>; ALERTS],
    accepted: [OnceLock<Instant>; ALERTS],
}

impl Default for Run {
    fn default() -> Self {
        Self {
            ready: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
            done: AtomicBool::new(false),
            sent: [const { OnceLock::new() }; ALERTS],
            accepted: [const { OnceLock::new() }; ALERTS],
        }
    }
}

impl Run {
    /// One socket's life: which alert was first seen when.
    fn read(&self, subject: &Subject, session: &Session) -> Vec<(usize, Instant)> {
        let mut seen: Vec<(usize, Instant)> = Vec::with_capacity(ALERTS);
        if let Err(error) = self.follow(subject, session, &mut seen)
            && self.failed.fetch_add(1, Ordering::AcqRel) == 0
        {
            eprintln!("a socket failed: {error}");
        }
        seen
    }

    fn follow(&self, subject: &Subject, session: &Session, seen: &mut Vec<(usize, Instant)>) -> io::Result<()> {
        let mut socket = Socket::connect(subject.address, "/live", session)?;
        socket.send(SUBSCRIBE)?;
        socket.next()?.ok_or_else(|| io::Error::other("no hello within 30 s"))?;
        socket.set_patience(Duration::from_millis(500))?;
        self.ready.fetch_add(1, Ordering::AcqRel);
        while seen.len() < ALERTS {
            let Some(message) = socket.next()? else {
                if self.done.load(Ordering::Acquire) {
                    break;
                }
                continue;
            };
            let now = Instant::now();
            if is_ping(&message) {
                socket.send(r#"{"t":"pong"}"#)?;
            }
            for alert in markers(&message) {
                if seen.iter().all(|(known, _)| *known != alert) {
                    seen.push((alert, now));
                }
            }
        }
        Ok(())
    }

    fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.ready.load(Ordering::Acquire) + self.failed.load(Ordering::Acquire) < count && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn send_alerts(&self, subject: &Subject, path: &str) -> Result<()> {
        let mut client = subject.connect(&Session::default())?;
        let start = Instant::now();
        for (number, (sent, accepted)) in self.sent.iter().zip(&self.accepted).enumerate() {
            thread::sleep((start + PERIOD * number as u32).saturating_duration_since(Instant::now()));
            let body = format!(r#"{{"title":"{MARKER}{number:05}","severity":"high","dedup_key":"{MARKER}{number}","status":"firing"}}"#);
            sent.get_or_init(Instant::now);
            expect(client.post(path, &body), "an alert")?;
            accepted.get_or_init(Instant::now);
        }
        // The last frames are on their way.
        thread::sleep(Duration::from_secs(2));
        Ok(())
    }
}

fn is_ping(message: &[u8]) -> bool {
    message.len() < 200 && serde_json::from_slice::<serde_json::Value>(message).is_ok_and(|message| message["t"] == "ping")
}

/// The numbers of the alerts that a frame tells of; the hub may put several into one.
fn markers(message: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(message);
    let found = text.match_indices(MARKER).filter_map(|(at, _)| text.get(at + MARKER.len()..at + MARKER.len() + 5)?.parse().ok());
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_may_tell_of_several_alerts() {
        assert_eq!(markers(br#"[{"patch":{"title":"bench-live-00007"}},{"patch":{"title":"bench-live-00012"}}]"#), [7, 12]);
        assert!(markers(br#"{"t":"hello"}"#).is_empty());
    }

    #[test]
    fn reads_the_hard_limit() {
        let limits = "Max processes   100   200   processes\nMax open files            1024                 20000                files\n";
        assert_eq!(hard_limit(limits), Some(20_000));
    }

    #[test]
    fn pings_are_told_from_events() {
        assert!(is_ping(br#"{"t":"ping"}"#));
        assert!(!is_ping(br#"{"t":"event"}"#));
    }
}
