//! The two halves of a build: the site (wasm, css, public files) and the server that carries it.
//!
//! `cargo leptos build` makes both in one go; split, each half is skipped or cached by what it really reads.
//! The site is hashed and precompressed before the server is compiled, because release builds embed it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, process, stamp, tools, workspace};

/// What the site is made from. The server's own files are not among them.
const SITE_INPUTS: [&str; 7] = ["app", "frontend", "style", "public", "Cargo.lock", "Cargo.toml", ".cargo/config.toml"];

/// The wasm's standard library is built anew, without what prints panics: a tenth less to fetch before a page comes
/// alive. A panic is then an `unreachable` in the console, without words; `OPSGUARD_SITE_PANICS=1` builds a site that has
/// them. Cargo takes these options from the compiler's unstable ones, hence the first line.
const SMALL_STD: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    // Instead of what .cargo/config.toml says for all targets, so that has to be said again.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "--cfg erase_components -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none",
    ),
];

/// Smaller files gain nothing from compression.
const COMPRESS_FROM_BYTES: u64 = 1024;

pub fn run(args: &[String]) -> Result<()> {
    if let Some(unknown) = args.iter().find(|arg| !["--debug-server", "--seams", "--force"].contains(&arg.as_str())) {
        return Err(format!("build knows --debug-server, --seams and --force, not `{unknown}`"));
    }
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--seams") && !has("--debug-server") {
        return Err("--seams goes with --debug-server: a release build never has test seams".into());
    }
    site(has("--force"))?;
    let binary = if has("--debug-server") { debug_server(has("--seams"))? } else { release_server()? };
    println!("build: {}", binary.display());
    Ok(())
}

/// Everything for `serve`, `dist` and `bench`.
pub fn release() -> Result<PathBuf> {
    site(false)?;
    release_server()
}

/// target/site, rebuilt when one of its inputs changed or somebody else (a `dev` session) wrote there.
pub fn site(force: bool) -> Result<()> {
    let root = workspace::root();
    workspace::create_dir(&root.join("target"))?;
    let lock = fs::File::create(root.join("target/site.lock")).map_err(|error| format!("cannot lock the site: {error}"))?;
    lock.lock().map_err(|error| format!("cannot lock the site: {error}"))?;

    let inputs: Vec<PathBuf> = SITE_INPUTS.iter().map(|path| root.join(path)).collect();
    let small = env::var_os("OPSGUARD_SITE_PANICS").is_none() && tools::ensure_std_sources()?;
    let inputs = format!("{} {} {small}", stamp::of_contents(&inputs)?, rustc_version()?);
    let held = root.join("target/site.stamp");
    let site = workspace::site();
    if !force && site.join("pkg").is_dir() && stamp::matches(&held, &format!("{inputs} {}", stamp::of_listing(&site)?)) {
        println!("build: site - unchanged");
        return Ok(());
    }
    let tools = tools::ensure()?;
    println!("build: site - wasm, styles, compression");
    let _ = fs::remove_file(&held);
    let mut leptos = process::command(&tools.cargo_leptos);
    leptos.env("PATH", process::path_with(&tools.folders));
    leptos.args(["build", "--release", "--precompress", "--frontend-only", "--split"]);
    if small {
        leptos.envs(SMALL_STD);
    } else {
        println!("build: site - a tenth larger than need be: panics are kept, or `rustup component add rust-src` could not be done");
    }
    process::run(&mut leptos)?;
    check_compressed(&site)?;
    stamp::write(&held, &format!("{inputs} {}", stamp::of_listing(&site)?))
}

/// The binary people run: optimised, with the site inside.
pub fn release_server() -> Result<PathBuf> {
    println!("build: server - release");
    process::run(process::command("cargo").args(["build", "--release", "-p", "server", "--bin", "opsguard"]))?;
    Ok(workspace::target().join("release/opsguard"))
}

/// The binary that browser tests drive. Built over the same packages as `cargo test`, so that both use the same
/// features of every dependency and share the compiled crates.
pub fn debug_server(seams: bool) -> Result<PathBuf> {
    println!("build: server - debug");
    let mut cargo = process::command("cargo");
    cargo.args(["build", "--workspace", "--exclude", "frontend", "--bin", "opsguard"]);
    if seams {
        cargo.args(["--features", "server/test-seams"]);
    }
    process::run(&mut cargo)?;
    Ok(workspace::target().join("debug/opsguard"))
}

/// The server only ever serves what stands beside the file: a missing .br would quietly triple the first load.
fn check_compressed(site: &Path) -> Result<()> {
    let files = stamp::files_below(site)?;
    let missing: Vec<String> = files.iter().filter(|file| needs_compression(file)).flat_map(|file| missing_beside(file)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("cargo-leptos left these out of target/site: {}", missing.join(", "))) }
}

fn needs_compression(file: &Path) -> bool {
    let compressed = file.extension().is_some_and(|extension| extension == "br" || extension == "gz");
    !compressed && fs::metadata(file).is_ok_and(|meta| meta.len() > COMPRESS_FROM_BYTES)
}

fn missing_beside(file: &Path) -> Vec<String> {
    [".br", ".gz"].iter().map(|suffix| format!("{}{suffix}", file.display())).filter(|path| !Path::new(path).is_file()).collect()
}

fn rustc_version() -> Result<String> {
    process::run_quietly(process::command("rustc").arg("--version")).map(|version| version.trim().to_owned())
}
