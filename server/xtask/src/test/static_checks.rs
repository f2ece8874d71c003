//! What can be said without running anything: architecture, formatting, lints. Each check counts as one test.

use super::report::{Count, Phase};
use super::timed;
use crate::{Result, ci, process};

pub fn phases() -> Vec<Phase> {
    vec![timed("architecture", architecture), timed("format", format), timed("clippy", clippy)]
}

fn architecture() -> Result<Count> {
    let checks = ci::checks()?;
    ci::report(&checks);
    let mut count = Count::default();
    for check in checks {
        count.add(if check.violations.is_empty() { Count { passed: 1, ..Count::default() } } else { Count::failure(check.name) });
    }
    Ok(count)
}

fn format() -> Result<Count> {
    process::run(process::command("cargo").args(["fmt", "--all", "--check"]))
        .map(|()| one())
        .map_err(|error| format!("{error}: run `cargo fmt --all`"))
}

/// Over the default members, natively: the frontend package would mix hydrate and ssr.
fn clippy() -> Result<Count> {
    process::run(process::command("cargo").args(["clippy", "--all-targets", "--quiet", "--", "-D", "warnings"])).map(|()| one())
}

fn one() -> Count {
    Count { passed: 1, ..Count::default() }
}
