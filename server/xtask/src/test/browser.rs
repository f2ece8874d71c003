//! The browser tests: Playwright drives the machine's Chromium against the debug server with test seams.
//!
//! Playwright starts the servers itself (fixtures in end2end/); it learns the binary and the database from the
//! environment.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::Context;
use super::playwright;
use super::python;
use super::report::Count;
use crate::{Result, npm, process, workspace};

pub fn run(context: &Context, binary: &Path) -> Result<Count> {
    npm::ensure("end2end")?;
    let folder = workspace::root().join("end2end");
    let results = workspace::target().join("playwright.json");
    let _ = std::fs::remove_file(&results);
    let reporter = if std::io::stdout().is_terminal() { "line,json" } else { "list,json" };
    let mut command = process::command(folder.join("node_modules/.bin/playwright"));
    command.current_dir(&folder).args(["test", &format!("--reporter={reporter}")]);
    if !context.filters.is_empty() {
        command.args(["--pass-with-no-tests", "-g", &context.filters.join("|")]);
    }
    command.env("PLAYWRIGHT_JSON_OUTPUT_NAME", &results).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &results);
    environment(&mut command, context, binary)?;
    command.env("OPSGUARD_TEST_PYTHON", python::interpreter()?);
    let outcome = process::run(&mut command);
    let mut count = playwright::parse(&workspace::read(&results)?)?;
    if let Err(error) = outcome
        && count.failed == 0
    {
        count.add(Count::failure(error));
    }
    if context.filters.is_empty() && count.passed + count.failed == 0 {
        count.add(Count::failure("no browser test ran"));
    }
    Ok(count)
}

/// What every test from outside gets told.
pub fn environment(command: &mut std::process::Command, context: &Context, binary: &Path) -> Result<()> {
    command.env("OPSGUARD_BIN", binary).env("CHROMIUM", chromium()?).envs(context.env.iter().copied());
    if let Some(url) = &context.postgres_url {
        command.env("OPSGUARD_TEST_POSTGRES", url);
    }
    Ok(())
}

/// The machine's Chromium.
pub fn chromium() -> Result<PathBuf> {
    if let Some(set) = std::env::var_os("CHROMIUM") {
        return Ok(set.into());
    }
    ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find_map(process::on_path)
        .ok_or_else(|| "no Chromium on PATH: install it (Debian: apt install chromium) or set CHROMIUM to its path".into())
}
