//! `cargo xtask dev`: rebuild and reload while files change.
//!
//! cargo-leptos builds with flags of its own; in the folder of plain cargo each would throw the other's work away, hence
//! a target folder of its own.

use crate::{Result, passed_through, process, tools, workspace};

pub fn run(args: &[String]) -> Result<()> {
    let tools = tools::ensure()?;
    process::run(
        process::command(&tools.cargo_leptos)
            .env("PATH", process::path_with(&tools.folders))
            .env("CARGO_TARGET_DIR", workspace::root().join("target/dev"))
            // It takes the package's name for the binary's.
            .env("LEPTOS_BIN_EXE_NAME", "opsguard")
            .args(["watch", "--split", "--", "serve"])
            .args(passed_through(args)),
    )
}
