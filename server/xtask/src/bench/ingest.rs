//! Alerts in: one alert per POST over 8 keep-alive connections, accepted means committed.
//!
//! Once all keys differ (each opens an incident), once 1,000 keys repeat (each raises a count). Afterwards the
//! server is asked what it has: every accepted alert must be there.

use std::path::Path;

use serde_json::Value;

use super::figures::{Bar, Figures};
use super::http::Session;
use super::limits;
use super::load::{self, Outcome};
use super::subject::{BOTH, Database, Home, Subject};
use crate::Result;

const CONNECTIONS: usize = 8;
const ALERTS: usize = 20_000;
const KEYS: usize = 1_000;
const MUST_PER_SECOND: f64 = 2_000.0;

pub fn run(binary: &Path) -> Result<Figures> {
    let mut figures = Figures::default();
    for database in BOTH {
        measure(binary, database, &mut figures)?;
    }
    Ok(figures)
}

fn measure(binary: &Path, database: Database, figures: &mut Figures) -> Result<()> {
    let name = database.name();
    let home = Home::new(binary, database)?;
    let subject = home.serve(&[])?;
    let session = subject.sign_in()?;
    let aim = if database == Database::Sqlite { "aim 8,000" } else { "aim 5,000" };

    let (_, unique_path) = subject.alert_source(&session, "bench unique")?;
    let unique = fire(&subject, &unique_path, ALERTS, |number| number)?;
    report(figures, &format!("{name}: all unique"), &unique, aim);
    let lost = unique.latencies.len() as f64 - rows(&subject, &session, "alerts")?;
    figures.noted(format!("{name}: all unique: lost alerts"), lost, "", Bar::AtMost(0.0), format!("{} refused", unique.failed));
    let lost = unique.latencies.len() as f64 - total(&subject, &session, "incidents")?;
    figures.add(format!("{name}: all unique: lost incidents"), lost, "", Bar::AtMost(0.0));

    let (service, duplicate_path) = subject.alert_source(&session, "bench duplicates")?;
    let duplicates = fire(&subject, &duplicate_path, ALERTS, |number| number % KEYS)?;
    report(figures, &format!("{name}: {KEYS} keys"), &duplicates, aim);
    let lost = duplicates.latencies.len() as f64 - counted(&subject, &session, &service)?;
    figures.noted(format!("{name}: {KEYS} keys: lost"), lost, "", Bar::AtMost(0.0), format!("{} refused", duplicates.failed));

    limits::livez_rate(figures, &subject, name)?;
    limits::fsync_rate(figures, &home.folder)
}

/// Fires alerts; `key` maps the request's number to its dedup key.
pub fn fire(subject: &Subject, path: &str, count: usize, key: impl Fn(usize) -> usize + Sync) -> Result<Outcome> {
    load::closed(subject, &Session::default(), CONNECTIONS, count, &|client, number| client.post(path, &alert(key(number), "firing")))
}

pub fn alert(key: usize, status: &str) -> String {
    let severity = ["critical", "high", "medium", "low"][key % 4];
    format!(r#"{{"title":"Disk of host {key} is filling up","severity":"{severity}","dedup_key":"disk-{key}","status":"{status}"}}"#)
}

fn report(figures: &mut Figures, name: &str, outcome: &Outcome, aim: &str) {
    figures.noted(name, outcome.per_second(), "/s", Bar::AtLeast(MUST_PER_SECOND), aim);
    figures.add(format!("{name}: p50"), outcome.latencies.percentile(50.0), "ms", Bar::None);
    figures.add(format!("{name}: p99"), outcome.latencies.percentile(99.0), "ms", Bar::None);
}

/// How many rows the export of a list has: each one is read, none is estimated.
fn rows(subject: &Subject, session: &Session, list: &str) -> Result<f64> {
    let csv = subject.text(session, &format!("/api/v1/{list}.csv"))?;
    Ok(csv.lines().count().saturating_sub(1) as f64)
}

/// The exact number of rows of an unfiltered list.
pub fn total(subject: &Subject, session: &Session, list: &str) -> Result<f64> {
    let page = subject.read(session, &format!("/api/v1/{list}?page_size=1"))?;
    if page["total_is_exact"].as_bool() == Some(false) {
        return Err(format!("the unfiltered total of {list} is not exact, so loss cannot be ruled out: {page}"));
    }
    page["total"].as_f64().ok_or_else(|| format!("the list of {list} has no total: {page}"))
}

/// The sum of `count` over the alerts of one service: how many firings were taken in.
fn counted(subject: &Subject, session: &Session, service: &str) -> Result<f64> {
    let mut sum = 0.0;
    for page in 1..=KEYS.div_ceil(200) {
        let list = subject.read(session, &format!("/api/v1/alerts?service_id={service}&page_size=200&page={page}"))?;
        sum += list["items"].as_array().into_iter().flatten().filter_map(|alert: &Value| alert["count"].as_f64()).sum::<f64>();
    }
    Ok(sum)
}
