//! `cargo xtask test`: everything that must hold, in one command, with one count at the end.
//!
//! Nothing is skipped: a tool that is missing, an ignored test, a flaky test and a part that cannot start all count
//! as failed. The last line is always `N passed, N failed`.

pub mod browser;
mod libtest;
mod playwright;
mod python;
mod report;
mod rust;
mod scripts;
mod static_checks;

use std::process::ExitCode;
use std::time::Instant;

use crate::postgres::Postgres;
use crate::{Result, build};
use report::{Count, Phase};

/// What the parts share. An absent value means that its phase failed, which is on record already.
pub struct Context {
    pub filters: Vec<String>,
    pub postgres_url: Option<String>,
    /// Told to tests from outside, beside what every one of them gets.
    pub env: Vec<(&'static str, &'static str)>,
}

pub fn run(args: &[String]) -> ExitCode {
    run_with(args, Vec::new())
}

/// The same, with variables for the tests from outside.
pub fn run_with(args: &[String], env: Vec<(&'static str, &'static str)>) -> ExitCode {
    let (only, filters) = match parse(args) {
        Ok(parsed) => parsed,
        Err(message) => {
            eprintln!("xtask: {message}");
            return ExitCode::from(2);
        }
    };
    let phases = phases(only.as_deref(), filters, env);
    report::print(&phases);
    if phases.iter().all(|phase| phase.count.failed == 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn phases(only: Option<&str>, filters: Vec<String>, env: Vec<(&'static str, &'static str)>) -> Vec<Phase> {
    let wants = |part: &str| only.is_none_or(|only| only == part);
    let mut phases = Vec::new();
    // A filter names tests; the static checks have none to choose from.
    if wants("arch") && (filters.is_empty() || only.is_some()) {
        phases.extend(static_checks::phases());
    }
    if only == Some("arch") {
        return phases;
    }
    let mut postgres = None;
    phases.push(timed("postgres", || {
        postgres = Some(Postgres::start()?);
        Ok(Count::default())
    }));
    let context = Context { filters, postgres_url: postgres.as_ref().map(Postgres::url), env };
    if wants("rust") {
        phases.push(timed("rust", || rust::run(&context)));
    }
    if wants("scripts") {
        phases.push(timed("scripts", || scripts::run(&context)));
    }
    if wants("e2e") || wants("python") {
        phases.push(timed("site", || build::site(false).map(|()| Count::default())));
        let mut binary = None;
        phases.push(timed("server for e2e", || {
            binary = Some(build::debug_server(true)?);
            Ok(Count::default())
        }));
        // Browser tests against a build that failed would only repeat the failure some hundred times.
        let built = phases.iter().rev().take(2).all(|phase| phase.count.failed == 0);
        if let (Some(binary), true) = (binary, built) {
            if wants("e2e") {
                phases.push(timed("e2e", || browser::run(&context, &binary)));
            }
            if wants("python") {
                phases.push(timed("python", || python::run(&context, &binary)));
            }
        }
    }
    phases
}

/// Runs one phase. One that cannot run at all counts as one failure under its name.
fn timed(name: &str, work: impl FnOnce() -> Result<Count>) -> Phase {
    println!("\n== {name}");
    let start = Instant::now();
    let count = work().unwrap_or_else(|error| {
        eprintln!("{error}");
        Count::failure(error.lines().next().unwrap_or(name))
    });
    Phase { name: name.into(), count, seconds: start.elapsed().as_secs_f64() }
}

fn parse(args: &[String]) -> Result<(Option<String>, Vec<String>)> {
    let mut only = None;
    let mut filters = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--only" => only = Some(args.next().cloned().unwrap_or_default()),
            flag if flag.starts_with('-') => {
                return Err(format!("test knows --only and filters, not `{flag}`"));
            }
            filter => filters.push(filter.to_owned()),
        }
    }
    match only.as_deref() {
        None | Some("arch" | "rust" | "scripts" | "e2e" | "python") => Ok((only, filters)),
        Some(other) => Err(format!("--only takes arch, rust, scripts, e2e or python, not `{other}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).into()).collect()
    }

    #[test]
    fn filters_and_one_part_are_told_apart() {
        assert_eq!(parse(&args(&["acknowledge", "--only", "e2e"])), Ok((Some("e2e".into()), args(&["acknowledge"]))));
        assert!(parse(&args(&["--only", "everything"])).is_err());
        assert!(parse(&args(&["--onyl", "e2e"])).is_err());
    }

    #[test]
    fn a_phase_that_cannot_start_is_a_failure() {
        let phase = timed("x", || Err("no such tool".into()));
        assert_eq!((phase.count.passed, phase.count.failed), (0, 1));
    }
}
