//! `cargo xtask ci`: runs the architecture rules over this checkout and says where each one is broken.

use std::path::Path;

use crate::architecture::{self, RULES, Source};
use crate::{Result, process, stamp, workspace};

/// One rule's outcome.
pub struct Check {
    pub name: String,
    pub violations: Vec<String>,
}

pub fn run() -> Result<()> {
    let broken = report(&checks()?);
    if broken == 0 { Ok(()) } else { Err(format!("{broken} architecture rules are broken")) }
}

/// Prints each check; answers how many failed.
pub fn report(checks: &[Check]) -> usize {
    for check in checks {
        println!("{} {}", if check.violations.is_empty() { "ok  " } else { "FAIL" }, check.name);
        for violation in &check.violations {
            println!("     {violation}");
        }
    }
    checks.iter().filter(|check| !check.violations.is_empty()).count()
}

pub fn checks() -> Result<Vec<Check>> {
    let root = workspace::root();
    let sources = sources(&root)?;
    let mut checks: Vec<Check> = RULES
        .iter()
        .map(|rule| Check { name: format!("{}: {}", rule.folder, rule.reason), violations: architecture::forbidden_words(&sources, rule) })
        .collect();
    checks.push(Check {
        name: "app/src: cfg(feature = \"ssr\") only in app/src/server.rs".into(),
        violations: architecture::ssr_outside_glue(&sources),
    });
    checks.push(Check {
        name: "app/src: nothing that people read is printed with {:?}".into(),
        violations: architecture::debug_words(&sources),
    });
    checks.push(Check {
        name: "app/src: services and leptos_axum only in api.rs and server.rs".into(),
        violations: architecture::server_side_outside_api(&sources),
    });
    checks.push(Check {
        name: "frontend: only app and the browser's crates".into(),
        violations: architecture::frontend_dependencies(&workspace::read(&root.join("frontend/Cargo.toml"))?),
    });
    checks.push(Check { name: "frontend: nothing native in the wasm".into(), violations: architecture::forbidden_crates(&wasm_tree()?) });
    Ok(checks)
}

fn wasm_tree() -> Result<String> {
    let mut cargo = process::command("cargo");
    cargo.args(["tree", "-p", "frontend", "--target", "wasm32-unknown-unknown"]);
    cargo.args(["-e", "normal,no-proc-macro", "--no-dedupe", "--prefix", "depth", "--format", " {p}"]);
    process::run_quietly(&mut cargo)
}

/// Code and manifests of the packages that have rules.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for folder in ["app/src", "app/domain", "app/ui", "server/services"] {
        for file in stamp::files_below(&root.join(folder))? {
            let relative = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            if relative.ends_with(".rs") || relative.ends_with("Cargo.toml") {
                sources.push(Source { path: relative, text: workspace::read(&file)? });
            }
        }
    }
    Ok(sources)
}
