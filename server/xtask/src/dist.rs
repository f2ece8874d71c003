//! `cargo xtask dist`: the tarball that an administrator unpacks on a bare machine.
//!
//! One binary holds the whole product; beside it stand a hardened systemd unit and an example configuration.

use std::env::consts::ARCH;
use std::fs;
use std::path::Path;

use crate::{Result, build, process, workspace};

/// Source in the checkout, name in the tarball.
const ALONGSIDE: [(&str, &str); 4] = [
    ("server/xtask/dist/opsguard.service", "opsguard.service"),
    ("server/xtask/dist/opsguard.toml", "opsguard.toml"),
    ("LICENSE", "LICENSE"),
    ("README.md", "README.md"),
];

pub fn run() -> Result<()> {
    let root = workspace::root();
    let binary = build::release()?;
    let name = format!("opsguard-{}-{ARCH}", workspace::version()?);
    let dist = root.join("target/dist");
    let folder = dist.join(&name);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("cannot empty {}: {error}", folder.display()))?;
    }
    workspace::create_dir(&folder)?;
    copy(&binary, &folder.join("opsguard"))?;
    for (from, to) in ALONGSIDE {
        copy(&root.join(from), &folder.join(to))?;
    }
    let archive = dist.join(format!("{name}.tar.gz"));
    // Sorted and without owners: the same inputs give the same list of entries everywhere.
    process::run_quietly(
        process::command("tar")
            .arg("-C")
            .arg(&dist)
            .args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-czf"])
            .arg(&archive)
            .arg(&name),
    )?;
    println!("dist: {} ({}; binary {})", archive.display(), megabytes(&archive), megabytes(&binary));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).map_err(|error| format!("cannot copy {} into the tarball: {error}", from.display()))
}

fn megabytes(file: &Path) -> String {
    let bytes = fs::metadata(file).map_or(0, |meta| meta.len());
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}
