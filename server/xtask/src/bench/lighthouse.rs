//! Lighthouse's verdict on the first page, signed in and with demo data, as a mid phone on a slow network.
//!
//! The phone is simulated from what this machine measures, and a machine that is busy for a moment blocks the page for four
//! times as long: hence the median of several runs, and their range.

use std::path::Path;

use serde_json::Value;

use super::figures::{Bar, Figures};
use super::percentile::median;
use super::subject::{Database, Home};
use crate::test::browser::chromium;
use crate::{Result, npm, process, workspace};

const FOLDER: &str = "end2end/lighthouse";
const RUNS: usize = 5;

pub fn run(binary: &Path) -> Result<Figures> {
    npm::ensure(FOLDER)?;
    let home = Home::new(binary, Database::Sqlite)?;
    drop(home.serve(&[])?);
    process::run_quietly(home.command(process::free_port()?).arg("seed-demo"))?;
    let subject = home.serve(&[])?;
    let session = subject.sign_in()?;
    let mut audit = process::command("node");
    audit.current_dir(workspace::root().join(FOLDER)).env("CHROMIUM", chromium()?);
    let audit = audit.args(["audit.mjs", &format!("http://{}/", subject.address), &session.cookie, &RUNS.to_string()]);
    let runs: Vec<Value> = process::run_quietly(audit)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let of = |name: &str| runs.iter().filter_map(|run| run[name].as_f64()).collect::<Vec<_>>();
    let mut figures = Figures::default();
    for (what, name, unit, bar) in [
        ("performance", "performance", "", Bar::AtLeast(90.0)),
        ("largest contentful paint", "lcp", "ms", Bar::AtMost(2500.0)),
        ("total blocking time", "tbt", "ms", Bar::None),
        ("cumulative layout shift", "cls", "", Bar::None),
        ("accessibility", "accessibility", "", Bar::None),
        ("best practices", "practices", "", Bar::None),
        ("machine: Lighthouse's index of its speed", "benchmark", "", Bar::None),
    ] {
        let values = of(name);
        let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), v| (v.min(least), v.max(most)));
        figures.noted(what, median(&values), unit, bar, format!("median of {}: {least:.0} to {most:.0}", values.len()));
    }
    Ok(figures)
}
