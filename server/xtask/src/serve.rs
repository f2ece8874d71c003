//! `cargo xtask serve`: from a fresh checkout to a running OpsGuard, with the binary that a release ships.

use std::os::unix::process::CommandExt;

use crate::{Result, build, passed_through, process};

/// Never returns on success: this process becomes the server, so that signals and the exit code are its own.
pub fn run(args: &[String]) -> Result<()> {
    let binary = build::release()?;
    let error = process::command(&binary).arg("serve").args(passed_through(args)).exec();
    Err(format!("cannot start {}: {error}", binary.display()))
}
