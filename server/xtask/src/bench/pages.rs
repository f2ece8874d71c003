//! The incident list as a signed-in person loads it: 100,000 incidents, of which the default filter shows 5,000.
//!
//! At 200 requests a second in an open loop, and then as many as go in a closed one.

use std::path::Path;
use std::time::Duration;

use super::figures::{Bar, Figures};
use super::http::Session;
use super::ingest::{alert, fire, total};
use super::subject::{BOTH, Database, Home};
use super::{limits, load};
use crate::Result;

const INCIDENTS: usize = 100_000;
const OPEN: usize = 5_000;
const RATE: u32 = 200;
const PATH: &str = "/incidents";

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
    println!("{name}: seeding {INCIDENTS} incidents, {OPEN} of them open");
    let (_, path) = subject.alert_source(&session, "bench")?;
    let fired = fire(&subject, &path, INCIDENTS, |number| number)?;
    let resolved =
        load::closed(&subject, &Session::default(), 8, INCIDENTS - OPEN, &|client, number| client.post(&path, &alert(number, "resolved")))?;
    if fired.failed + resolved.failed > 0 || total(&subject, &session, "incidents")? < INCIDENTS as f64 {
        return Err(format!("{name}: seeding failed: {} and {} alerts refused", fired.failed, resolved.failed));
    }

    home.settle()?;
    let page = subject.connect(&session)?.get(PATH).map_err(|error| format!("{PATH}: {error}"))?;
    if !page.is_success() || !page.text().contains("Disk of host") {
        return Err(format!("{PATH} does not show the incidents ({}), so its speed says nothing", page.status));
    }
    let session = Session { gzip: true, ..session };
    let sent = subject.connect(&session)?.get(PATH).map_err(|error| format!("{PATH}: {error}"))?;
    let note = format!("{:.0} kB before compression", page.body.len() as f64 / 1000.0);
    figures.noted(format!("{name}: page size"), sent.body.len() as f64 / 1000.0, "kB", Bar::None, note);
    let steady = load::open(&subject, &session, 16, RATE, Duration::from_secs(10), &|client, _| client.get(PATH))?;
    let note = format!("{RATE}/s for 10 s, {} failed", steady.failed);
    figures.add(format!("{name}: list p50"), steady.latencies.percentile(50.0), "ms", Bar::None);
    figures.noted(format!("{name}: list p99"), steady.latencies.percentile(99.0), "ms", Bar::AtMost(20.0), note);
    let full = load::closed_for(&subject, &session, 8, Duration::from_secs(5), &|client, _| client.get(PATH))?;
    figures.noted(format!("{name}: list, as many as go"), full.per_second(), "/s", Bar::None, format!("aim 1,500; {} failed", full.failed));
    limits::livez_rate(figures, &subject, name)
}
