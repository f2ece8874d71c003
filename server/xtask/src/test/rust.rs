//! The Rust tests of all packages but the wasm entry point, on SQLite and on the private PostgreSQL.

use super::Context;
use super::libtest::Tally;
use super::report::Count;
use crate::{Result, process};

pub fn run(context: &Context) -> Result<Count> {
    let mut cargo = process::command("cargo");
    cargo.args(["test", "--workspace", "--exclude", "frontend", "--no-fail-fast"]);
    if let Some(url) = &context.postgres_url {
        cargo.env("OPSGUARD_TEST_POSTGRES", url);
    }
    cargo.arg("--").args(&context.filters);
    let mut tally = Tally::default();
    let status = process::run_and_watch(&mut cargo, |line| tally.see(line))?;
    let mut count = tally.count();
    if !status.success() && count.failed == 0 {
        // A compile error, or a test binary that died before it could say so.
        count.add(Count::failure("cargo test: did not compile, or a test binary died"));
    }
    if context.filters.is_empty() && count.passed + count.failed == 0 {
        count.add(Count::failure("cargo test: no test ran"));
    }
    Ok(count)
}
