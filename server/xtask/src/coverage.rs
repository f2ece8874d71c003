//! `cargo xtask coverage`: how many lines of `domain` and `services` the Rust tests run.
//!
//! Only our own packages are instrumented (a wrapper around rustc that cargo calls for workspace members), so that the
//! compiled dependencies of plain builds serve here, too. LLVM's tools come with the toolchain (component `llvm-tools`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::postgres::Postgres;
use crate::{Result, process, workspace};

/// What must be covered (done.md), in percent of lines.
const AT_LEAST: f64 = 85.0;

/// The packages, by the folder of their sources.
const MEASURED: [(&str, &str); 2] = [("domain", "app/domain/src/"), ("services", "server/services/src/")];

const WRAPPER: &str = "#!/bin/sh\nrustc=$1\nshift\nexec \"$rustc\" -C instrument-coverage \"$@\"\n";

pub fn run() -> Result<()> {
    let postgres = Postgres::start()?;
    let covered = measure(&postgres.url())?;
    for package in &covered {
        println!("{package}");
    }
    let missed: Vec<&str> = covered.iter().filter(|package| package.percent() < AT_LEAST).map(|package| package.name).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("less than {AT_LEAST} % of the lines of {} are covered", missed.join(" and "))) }
}

/// Lines of one package, and how many of them ran.
struct Covered {
    name: &'static str,
    lines: u64,
    ran: u64,
}

impl Covered {
    fn percent(&self) -> f64 {
        self.ran as f64 / self.lines.max(1) as f64 * 100.0
    }
}

impl std::fmt::Display for Covered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "coverage of {}: {:.1} % ({} of {} lines)", self.name, self.percent(), self.ran, self.lines)
    }
}

fn measure(postgres: &str) -> Result<Vec<Covered>> {
    let tools = llvm_tools()?;
    let folder = workspace::target().join("coverage");
    let _ = fs::remove_dir_all(&folder);
    workspace::create_dir(&folder)?;
    let binaries = tested(&folder, postgres)?;

    let profile = folder.join("all.profdata");
    let raw: Vec<PathBuf> = crate::stamp::files_below(&folder.join("raw"))?;
    process::run_quietly(process::command(tools.join("llvm-profdata")).args(["merge", "-sparse", "-o"]).arg(&profile).args(&raw))?;
    let mut export = process::command(tools.join("llvm-cov"));
    export.args(["export", "-summary-only", "-instr-profile"]).arg(&profile);
    for binary in &binaries {
        export.arg("-object").arg(binary);
    }
    read(&process::run_quietly(&mut export)?)
}

/// Runs the tests under instrumentation; the test binaries.
fn tested(folder: &Path, postgres: &str) -> Result<Vec<PathBuf>> {
    let wrapper = folder.join("rustc");
    fs::write(&wrapper, WRAPPER)
        .and_then(|()| fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)))
        .map_err(|error| format!("cannot write {}: {error}", wrapper.display()))?;
    let cargo = |args: &[&str]| {
        let mut cargo = process::command("cargo");
        cargo.args(["test", "--workspace", "--exclude", "frontend", "--exclude", "xtask"]).args(args);
        cargo.env("RUSTC_WORKSPACE_WRAPPER", &wrapper).env("OPSGUARD_TEST_POSTGRES", postgres);
        // One file for each process and binary: several run at once.
        cargo.env("LLVM_PROFILE_FILE", folder.join("raw/%p-%m.profraw"));
        cargo
    };
    let built = process::run_quietly(&mut cargo(&["--no-run", "--message-format=json"]))?;
    process::run_quietly(&mut cargo(&["--no-fail-fast", "--", "--quiet"])).map_err(|error| format!("the tests failed: {error}"))?;
    Ok(built.lines().filter_map(executable).collect())
}

/// The test binary that a line of cargo's messages tells of.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    (message["profile"]["test"] == true).then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
}

/// The sums of each package from llvm-cov's export.
fn read(export: &str) -> Result<Vec<Covered>> {
    let export: Value = serde_json::from_str(export).map_err(|error| format!("llvm-cov's export cannot be read: {error}"))?;
    let files = export["data"][0]["files"].as_array().ok_or("llvm-cov's export has no files")?;
    let of = |(name, folder): (&'static str, &str)| {
        let own = files.iter().filter(|file| file["filename"].as_str().is_some_and(|path| path.contains(folder)));
        let sum = |what: &str| own.clone().filter_map(|file| file["summary"]["lines"][what].as_u64()).sum();
        Covered { name, lines: sum("count"), ran: sum("covered") }
    };
    Ok(MEASURED.into_iter().map(of).collect())
}

/// The folder of llvm-cov and llvm-profdata of this toolchain.
fn llvm_tools() -> Result<PathBuf> {
    let libdir = process::run_quietly(process::command("rustc").args(["--print", "target-libdir"]))?;
    let bin = Path::new(libdir.trim()).parent().unwrap_or(Path::new("/")).join("bin");
    if !bin.join("llvm-cov").is_file() {
        println!("tools: llvm-tools - fetching, once");
        process::run_quietly(process::command("rustup").args(["component", "add", "llvm-tools"]))
            .map_err(|error| format!("{error}\nllvm-cov is missing: run `rustup component add llvm-tools` where the network is open"))?;
    }
    Ok(bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_summed_by_package() {
        let export = r#"{"data":[{"files":[
            {"filename":"/x/app/domain/src/a.rs","summary":{"lines":{"count":10,"covered":9}}},
            {"filename":"/x/app/domain/src/b/c.rs","summary":{"lines":{"count":10,"covered":8}}},
            {"filename":"/x/server/services/tests/it/main.rs","summary":{"lines":{"count":50,"covered":50}}},
            {"filename":"/x/server/services/src/a.rs","summary":{"lines":{"count":4,"covered":1}}}]}]}"#;
        let said: Vec<String> = read(export).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["coverage of domain: 85.0 % (17 of 20 lines)", "coverage of services: 25.0 % (1 of 4 lines)"]);
        assert!(read("{}").is_err());
    }
}
