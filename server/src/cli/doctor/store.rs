//! The database: there, quick enough, of the right schema, sealed with the key that is given, and of the same time.

use domain::Instant;
use services::store::{
    Kind,
    probe::{self, Probe},
};

use super::Report;
use crate::config::Config;

/// Clocks of nodes may differ by this much.
const APART_MS: i64 = 1_000;

pub(super) async fn look(report: &mut Report, config: &Config, now: Instant) {
    let sqlite =
        config.database_url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//").split('?').next().unwrap_or_default());
    if sqlite.is_some_and(|file| !std::path::Path::new(file).exists()) {
        return report.warn("database", format!("{} is not there; the first start makes it", sqlite.unwrap_or_default()));
    }
    match probe::look(&config.options()).await {
        Err(e) => report.fail("database", format!("{}; right: OPSGUARD_DATABASE_URL names a database that this user may open", e.plain())),
        Ok(seen) => tell(report, &seen, now),
    }
}

fn tell(report: &mut Report, seen: &Probe, now: Instant) {
    let name = if seen.kind == Kind::Sqlite { "SQLite" } else { "PostgreSQL" };
    let commit = seen.commit.map(|took| format!(", a commit {took:.1?}")).unwrap_or_default();
    report.ok("database", format!("{name}; a question takes {:.1?}{commit}", seen.round_trip));
    match seen.known - seen.schema {
        0 => report.ok("schema", format!("version {}", seen.schema)),
        missing @ 1.. => report.warn(
            "schema",
            format!(
                "version {} of {}, {missing} to come; the next start, or `opsguard migrate`, brings it up to date",
                seen.schema, seen.known
            ),
        ),
        _ => report.fail("schema", "made by a newer OpsGuard; right: start that version, or restore a backup"),
    }
    match &seen.keys {
        Some(Ok(keys)) => report.ok("key ring", format!("{keys} of {keys} fit this database")),
        Some(Err(words)) => report.fail("key ring", words),
        None => {}
    }
    match seen.clock_ahead_ms {
        Some(ahead) if ahead.abs() > APART_MS => report.warn(
            "clocks",
            format!(
                "the database is {} s {} this machine; run NTP on both",
                ahead.abs() / 1_000,
                if ahead > 0 { "ahead of" } else { "behind" }
            ),
        ),
        Some(_) => report.ok("clocks", "this machine and the database agree"),
        None => {}
    }
    if let Some(ahead) = seen.newest_event.map(|at| at.since(now)).filter(|ahead| *ahead > APART_MS) {
        report.warn(
            "journal",
            format!(
                "its newest entry lies {} s in the future: the clock went back; OpsGuard goes on, slower, until it has caught up",
                ahead / 1_000
            ),
        );
    }
}
