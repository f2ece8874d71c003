//! What the build needs and a fresh machine has not: the wasm target, cargo-leptos, wasm-bindgen and Tailwind.
//!
//! Each lands in a folder of the cache that carries its version, so that checkouts share it and an update never
//! breaks an older checkout. Prebuilt binaries are taken when cargo-binstall is there, else cargo builds them once.

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use crate::{Result, npm, process, workspace};

/// 0.3.11 needs a newer rustc than the one this workspace is pinned to.
const CARGO_LEPTOS: &str = "0.3.10";
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Where the tools ended up.
pub struct Tools {
    pub cargo_leptos: PathBuf,
    /// To be put in front of PATH: cargo-leptos prefers what it finds there to its own downloads.
    pub folders: Vec<PathBuf>,
}

struct CargoTool<'a> {
    package: &'a str,
    binary: &'a str,
    version: &'a str,
    /// wasm-bindgen-cli's lock file names a version that was withdrawn.
    locked: bool,
    duration: &'a str,
}

/// Makes sure of everything; quick when it is already there.
pub fn ensure() -> Result<Tools> {
    ensure_wasm_target()?;
    let leptos =
        CargoTool { package: "cargo-leptos", binary: "cargo-leptos", version: CARGO_LEPTOS, locked: true, duration: "about 8 min" };
    let leptos_bin = ensure_cargo_tool(&leptos)?;
    let bindgen_version = workspace::locked_version("wasm-bindgen")?;
    let bindgen = CargoTool {
        package: "wasm-bindgen-cli",
        binary: "wasm-bindgen",
        version: &bindgen_version,
        locked: false,
        duration: "about 2 min",
    };
    let bindgen_bin = ensure_cargo_tool(&bindgen)?;
    npm::ensure("style")?;
    let node_bin = workspace::root().join("style/node_modules/.bin");
    Ok(Tools { cargo_leptos: leptos_bin.join("cargo-leptos"), folders: vec![node_bin, bindgen_bin, leptos_bin] })
}

/// Whether the sources of the standard library are there, fetched if need be.
pub fn ensure_std_sources() -> Result<bool> {
    let there = || rustlib().map(|rustlib| rustlib.join("src/rust/library/std/Cargo.toml").is_file());
    if there()? {
        return Ok(true);
    }
    println!("tools: sources of the standard library - fetching, once");
    let _ = process::run_quietly(process::command("rustup").args(["component", "add", "rust-src"]));
    there()
}

fn rustlib() -> Result<PathBuf> {
    let sysroot = process::run_quietly(process::command("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib"))
}

fn ensure_wasm_target() -> Result<()> {
    if rustlib()?.join(WASM_TARGET).join("lib").is_dir() {
        println!("tools: rust target {WASM_TARGET} - ready");
        return Ok(());
    }
    println!("tools: rust target {WASM_TARGET} - fetching, about a minute, once");
    process::run_quietly(process::command("rustup").args(["target", "add", WASM_TARGET])).map(drop).map_err(|error| {
        format!("{error}\nthe rust target {WASM_TARGET} is missing: run `rustup target add {WASM_TARGET}` where the network is open, or install your distribution's package for it")
    })
}

/// The tool's bin folder, after an installation if need be. A lock keeps two checkouts from building the same thing.
fn ensure_cargo_tool(tool: &CargoTool<'_>) -> Result<PathBuf> {
    let name = format!("{} {}", tool.package, tool.version);
    let folder = workspace::cache()?.join("tools").join(format!("{}-{}", tool.package, tool.version));
    let bin = folder.join("bin");
    if is_installed(&bin, tool) {
        println!("tools: {name} - ready");
        return Ok(bin);
    }
    workspace::create_dir(&folder)?;
    let lock = fs::File::create(folder.join("lock")).map_err(|error| format!("cannot lock {}: {error}", folder.display()))?;
    if lock.try_lock().is_err() {
        println!("tools: {name} - another checkout is installing it, waiting");
        lock.lock().map_err(|error| format!("cannot lock {}: {error}", folder.display()))?;
        if is_installed(&bin, tool) {
            return Ok(bin);
        }
    }
    if process::on_path("cargo-binstall").is_some() {
        println!("tools: {name} - fetching a prebuilt binary");
        let _ = process::run_quietly(&mut install(tool, "binstall", &folder));
        if is_installed(&bin, tool) {
            return Ok(bin);
        }
    }
    check_c_compiler()?;
    println!("tools: {name} - building, {}, once", tool.duration);
    process::run(&mut install(tool, "install", &folder)).map_err(|error| {
        format!("{error}: {name} could not be built; see the message above, it needs the crate registry and a C compiler")
    })?;
    if is_installed(&bin, tool) {
        Ok(bin)
    } else {
        Err(format!("{name} was built but does not run: remove {} and try again", folder.display()))
    }
}

fn install(tool: &CargoTool<'_>, how: &str, folder: &Path) -> std::process::Command {
    let mut command = process::command("cargo");
    // Outside the checkout: its .cargo/config.toml is not meant for tools, nor is a shared target folder.
    command.current_dir(folder).env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
    command.arg(how).arg("--root").arg(folder).arg(format!("{}@{}", tool.package, tool.version));
    if how == "binstall" {
        command.arg("--no-confirm");
        return command;
    }
    command.arg("--force");
    if tool.locked {
        command.arg("--locked");
    }
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    // A tool that runs for seconds is not worth ten minutes of link-time optimisation.
    command
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2");
    command
}

fn is_installed(bin: &Path, tool: &CargoTool<'_>) -> bool {
    let binary = bin.join(tool.binary);
    binary.is_file() && process::run_quietly(process::command(binary).arg("--version")).is_ok_and(|said| says_version(&said, tool.version))
}

fn says_version(said: &str, version: &str) -> bool {
    said.split_whitespace().any(|word| word == version)
}

fn check_c_compiler() -> Result<()> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    process::run_quietly(process::command(&compiler).arg("--version")).map(drop).map_err(|_| {
        format!("no C compiler (`{compiler}`): install one (Debian: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install)")
    })
}

#[cfg(test)]
mod tests {
    use super::says_version;

    #[test]
    fn compares_whole_versions() {
        assert!(says_version("wasm-bindgen 0.2.130\n", "0.2.130"));
        assert!(!says_version("wasm-bindgen 0.2.13\n", "0.2.130"));
        assert!(!says_version("cargo-leptos 0.3.101\n", "0.3.10"));
    }
}
