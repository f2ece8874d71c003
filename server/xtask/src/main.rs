//! `cargo xtask <command>`: everything a developer, the CI or a first-time user runs.
//!
//! It stands in front of cargo, so it must be ready in seconds: the standard library and serde_json, nothing else.
//! One file per command; each command either returns or fails with one sentence that names the remedy.

mod architecture;
mod bench;
mod build;
mod ci;
mod coverage;
mod dev;
mod dist;
mod npm;
mod postgres;
mod process;
mod serve;
mod stamp;
mod test;
mod tools;
mod torture;
mod workspace;

use std::process::ExitCode;

/// A failure is a sentence for the person at the terminal; nobody matches on it.
type Result<T> = std::result::Result<T, String>;

const USAGE: &str = "\
usage: cargo xtask <command>

  serve [-- ARGS]       build everything and start OpsGuard (ARGS go to `opsguard serve`, e.g. --demo)
  test [FILTER..]       every check and test; --only arch|rust|e2e|python runs one part
  dev [-- ARGS]         rebuild and restart on change
  build                 release build; --debug-server [--seams] builds the server for tests; --force rebuilds the site
  bench [NAME]          ingest, pages, live, first-load, rss, growth, lighthouse or all; --no-build uses the binary that is there
  torture               the fault tests in their long form (200 rounds of kill -9)
  nightly               test, coverage, torture and bench, one after the other
  ci                    the architecture checks alone
  coverage              lines of domain and services that the Rust tests run
  tools                 fetch what the build needs, once for all checkouts
  postgres              a private PostgreSQL in the foreground
  dist                  target/dist/opsguard-<version>-<arch>.tar.gz";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let outcome = match command.as_str() {
        "serve" => serve::run(rest),
        "test" => return test::run(rest),
        "torture" => return torture::run(),
        "nightly" => return torture::nightly(),
        "dev" => dev::run(rest),
        "build" => build::run(rest),
        "bench" => bench::run(rest),
        "ci" => ci::run(),
        "coverage" => coverage::run(),
        "tools" => tools::ensure().map(drop),
        "postgres" => postgres::run(),
        "dist" => dist::run(),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => Err(format!("there is no command `{other}`\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What stands after a leading `--`: cargo keeps it, the program behind us must not see it.
fn passed_through(args: &[String]) -> &[String] {
    match args.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => args,
    }
}
