//! `cargo xtask torture` and `cargo xtask nightly`: what takes too long for every change.

use std::process::ExitCode;

use crate::{Result, bench, coverage, test};

/// Rounds of kill -9 that must lose nothing (spec: promises).
const ROUNDS: &str = "200";

/// The fault tests of the test command in their long form: kill -9, outages, several nodes.
pub fn run() -> ExitCode {
    test::run_with(&["--only", "python", "kill", "outage", "two_nodes"].map(String::from), vec![("OPSGUARD_KILL_ROUNDS", ROUNDS)])
}

/// Everything: the test command, coverage, torture, benchmarks. Goes on after a failure, so that one night tells all.
pub fn nightly() -> ExitCode {
    let failed = |name: &str, outcome: Result<()>| outcome.err().map(|error| format!("{name}: {error}"));
    let told = |code: ExitCode| if code == ExitCode::SUCCESS { Ok(()) } else { Err("failed".to_owned()) };
    let failures: Vec<String> = [
        failed("test", told(test::run(&[]))),
        failed("coverage", coverage::run()),
        failed("torture", told(run())),
        failed("bench", bench::run(&[])),
    ]
    .into_iter()
    .flatten()
    .collect();
    failures.iter().for_each(|failure| eprintln!("nightly: {failure}"));
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
