//! `cargo xtask bench`: measures the release binary over loopback, as `opsguard serve`, data on disk.
//!
//! The generator, the database and the server share this machine, so each table also shows what the machine itself
//! can do (fsync rate, requests to /livez) in the same run. It prints figures and never fails on a missed bar:
//! a benchmark is read by a person; loss, however, is an error.

mod figures;
mod first_load;
mod growth;
mod http;
mod ingest;
mod lighthouse;
mod limits;
mod live;
mod load;
mod pages;
mod percentile;
mod rss;
mod subject;
mod websocket;

use std::path::Path;

use crate::{Result, build, workspace};
use figures::Figures;

type Bench = fn(&Path) -> Result<Figures>;

const BENCHES: [(&str, Bench); 7] = [
    ("first-load", first_load::run),
    ("ingest", ingest::run),
    ("pages", pages::run),
    ("live", live::run),
    ("rss", rss::run),
    ("growth", growth::run),
    ("lighthouse", lighthouse::run),
];

pub fn run(args: &[String]) -> Result<()> {
    let (flags, names): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| arg.starts_with("--"));
    if let Some(unknown) = flags.iter().find(|flag| flag.as_str() != "--no-build") {
        return Err(format!("bench knows --no-build, not `{unknown}`"));
    }
    let wanted = names.first().map_or("all", |name| name.as_str());
    let chosen: Vec<_> = BENCHES.iter().filter(|(name, _)| wanted == "all" || wanted == *name).collect();
    if chosen.is_empty() || names.len() > 1 {
        return Err(format!("there is no benchmark `{wanted}`: ingest, pages, live, first-load, rss, growth, lighthouse or all"));
    }
    let binary = if flags.is_empty() { build::release()? } else { workspace::target().join("release/opsguard") };
    if !binary.is_file() {
        return Err(format!("{} is not there: leave --no-build out", binary.display()));
    }
    let mut broken = Vec::new();
    for (name, bench) in chosen {
        println!("\n== bench {name}");
        match bench(&binary) {
            Ok(figures) => figures.publish(name)?,
            Err(error) => {
                eprintln!("{error}");
                broken.push(*name);
            }
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("could not measure: {}", broken.join(", "))) }
}
