//! `opsguard doctor`: looks at what a running OpsGuard depends on and changes nothing. It may run beside the server.

mod address;
mod certificate;
mod disk;
mod store;

use std::path::Path;

use anyhow::bail;
use domain::{Instant, time::DAY};
use services::Clock;

use crate::config::Config;

/// What one look found.
enum Finding {
    Ok,
    /// It works, but not for long or not for all.
    Warn,
    /// It does not work.
    Fail,
}

/// The report, printed while it is made.
#[derive(Default)]
struct Report {
    failed: usize,
}

impl Report {
    fn say(&mut self, finding: Finding, about: &str, words: impl AsRef<str>) {
        let mark = match finding {
            Finding::Ok => "ok  ",
            Finding::Warn => "warn",
            Finding::Fail => "FAIL",
        };
        self.failed += usize::from(matches!(finding, Finding::Fail));
        println!("{mark}  {about:<15}{}", words.as_ref());
    }

    fn ok(&mut self, about: &str, words: impl AsRef<str>) {
        self.say(Finding::Ok, about, words);
    }

    fn warn(&mut self, about: &str, words: impl AsRef<str>) {
        self.say(Finding::Warn, about, words);
    }

    fn fail(&mut self, about: &str, words: impl AsRef<str>) {
        self.say(Finding::Fail, about, words);
    }
}

/// Looks at everything; fails when anything does not work.
pub(super) async fn run(config: &Config) -> anyhow::Result<()> {
    let mut report = Report::default();
    let now = Clock::default().now();
    report.ok("configuration", format!("address {}, public URL {}", config.addr, config.public_url));
    clock(&mut report, now);
    disk::look(&mut report, &config.data_dir);
    store::look(&mut report, config, now).await;
    if let Some((cert, _)) = &config.tls {
        match certificate_file(cert) {
            Ok(end) => expiry(&mut report, "certificate", end, now),
            Err(words) => report.fail("certificate", words),
        }
    }
    address::look(&mut report, config, now).await;
    match report.failed {
        0 => Ok(()),
        1 => bail!("1 thing does not work; the line above that begins with FAIL says what to do"),
        n => bail!("{n} things do not work; the lines above that begin with FAIL say what to do"),
    }
}

/// 2025-01-01: a machine that believes to live before has no clock.
const BUILT_AFTER: Instant = Instant(1_735_689_600_000);

fn clock(report: &mut Report, now: Instant) {
    if now < BUILT_AFTER {
        report.fail("clock", format!("this machine says {}; right: set the clock, and run NTP (timedatectl set-ntp true)", now.rfc3339()));
    } else {
        report.ok("clock", now.rfc3339());
    }
}

/// The end of the first certificate of a PEM file.
fn certificate_file(path: &Path) -> Result<Instant, String> {
    let pem =
        std::fs::read(path).map_err(|e| format!("OPSGUARD_TLS_CERT: {}: {e}; right: the path of a readable PEM file", path.display()))?;
    let first = rustls_pemfile::certs(&mut pem.as_slice()).next().and_then(Result::ok);
    let wrong = || format!("OPSGUARD_TLS_CERT: {} holds no certificate; right: a PEM file with the whole chain", path.display());
    certificate::not_after(&first.ok_or_else(wrong)?).ok_or_else(wrong)
}

fn expiry(report: &mut Report, about: &str, end: Instant, now: Instant) {
    let days = end.since(now).div_euclid(DAY);
    let date = end.rfc3339();
    match days {
        ..0 => report.fail(about, format!("expired on {date}; right: renew it (the files are read again when they change)")),
        0..14 => report.warn(about, format!("expires in {days} days ({date}); renew it")),
        _ => report.ok(about, format!("valid for {days} days")),
    }
}
