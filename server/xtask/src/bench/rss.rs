//! Memory and work at rest, and time to ready: what the product costs on the small machine it should run on.

use std::path::Path;
use std::time::Duration;

use super::figures::{Bar, Figures};
use super::percentile::Latencies;
use super::subject::{BOTH, Database, Home};
use crate::{Result, process};

const STARTS: usize = 5;
const REST: Duration = Duration::from_secs(60);

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
    let first = home.serve(&[])?.ready_after;
    process::run_quietly(home.command(process::free_port()?).arg("seed-demo"))?;
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(home.serve(&[])?.ready_after);
    }
    let starts = Latencies::new(starts);
    figures.noted(format!("{name}: start to ready"), starts.percentile(50.0), "ms", Bar::AtMost(1000.0), "aim 300; median of 5, demo data");
    figures.noted(
        format!("{name}: first start to ready"),
        first.as_secs_f64() * 1000.0,
        "ms",
        Bar::None,
        "migrations, first administrator",
    );

    let subject = home.serve(&[])?;
    let session = subject.sign_in()?;
    let mut client = subject.connect(&session)?;
    super::subject::expect(client.get("/incidents"), "/incidents")?;
    println!("{name}: resting for {} s", REST.as_secs());
    let before = subject.cpu_seconds()?;
    std::thread::sleep(REST);
    let used = (subject.cpu_seconds()? - before) / REST.as_secs_f64() * 100.0;
    figures.noted(format!("{name}: work at rest"), used, "% of a core", Bar::AtMost(1.0), "over these 60 s");
    figures.noted(format!("{name}: RSS 60 s after start"), subject.rss_mb()?, "MB", Bar::AtMost(120.0), "aim 60; demo data, one session");
    Ok(())
}
