//! npm packages of a folder (style/ and end2end/): installed when its lock file is not the one last installed.

use std::path::Path;

use crate::{Result, process, stamp, workspace};

/// Oldest Node that Tailwind 4 and Playwright run on.
const NODE_MAJOR: u32 = 20;

/// `npm ci` in `<checkout>/<folder>`, unless node_modules already holds this lock file's packages.
pub fn ensure(folder: &str) -> Result<()> {
    let place = workspace::root().join(folder);
    let lock = place.join("package-lock.json");
    if !lock.is_file() {
        return Err(format!("{folder}/package-lock.json is missing: run `npm install` in {folder}/ and commit the file"));
    }
    let wanted = stamp::of_contents(&[place.join("package.json"), lock])?;
    let installed = place.join("node_modules/.installed-lock");
    if stamp::matches(&installed, &wanted) {
        println!("tools: npm packages of {folder}/ - ready");
        return Ok(());
    }
    check_node()?;
    println!("tools: npm packages of {folder}/ - installing, under a minute");
    process::run_quietly(
        process::command("npm")
            .current_dir(&place)
            // The tests drive the system's Chromium; Playwright must not fetch browsers of its own.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
    )
    .map_err(|error| {
        format!("{error}\nnpm could not install the packages of {folder}/: it needs the npm registry or a filled npm cache")
    })?;
    stamp::write(Path::new(&installed), &wanted)
}

fn check_node() -> Result<()> {
    let remedy = format!("install Node.js {NODE_MAJOR} or newer with npm (Debian: apt install nodejs npm; macOS: brew install node)");
    let version = process::run_quietly(process::command("node").arg("--version")).map_err(|_| format!("Node.js is missing: {remedy}"))?;
    if process::on_path("npm").is_none() {
        return Err(format!("npm is missing: {remedy}"));
    }
    match major(&version) {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        _ => Err(format!("Node.js {} is too old: {remedy}", version.trim())),
    }
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_the_major_version() {
        assert_eq!(super::major("v20.11.1\n"), Some(20));
        assert_eq!(super::major("unknown"), None);
    }
}
