//! Where things are: the checkout, the build results, and the cache that all checkouts of this user share.
//!
//! The site always lands in `<checkout>/target/site`, because cargo-leptos resolves its site-root against the
//! checkout; compiled crates follow CARGO_TARGET_DIR as everywhere.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// The checkout. Cargo sets the variable at run time; the compiled-in value serves a directly started xtask.
pub fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.ancestors().nth(2).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Compiled crates of plain cargo commands.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The built site, embedded by release builds and read by debug builds.
pub fn site() -> PathBuf {
    root().join("target/site")
}

/// Tools, virtual environments and CI builds: too slow to make for each checkout.
pub fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("OPSGUARD_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|dir| dir.join("opsguard")))
        .or_else(|| set("HOME").map(|dir| dir.join(".cache/opsguard")))
        .ok_or_else(|| "no cache folder: set OPSGUARD_CACHE to a folder that may grow to some GB".into())
}

/// The version all packages share.
pub fn version() -> Result<String> {
    let manifest = read(&root().join("Cargo.toml"))?;
    quoted_value(&manifest, "[workspace.package]", "version").ok_or_else(|| "Cargo.toml has no workspace version".into())
}

/// The version of a dependency that Cargo.lock holds.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = read(&root().join("Cargo.lock"))?;
    quoted_value(&lock, &format!("name = \"{package}\""), "version").ok_or_else(|| format!("Cargo.lock does not hold {package}"))
}

pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

pub fn create_dir(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|error| format!("cannot create {}: {error}", path.display()))
}

/// The first `key = "value"` after the line `after`. Enough TOML for files that we write ourselves.
fn quoted_value(text: &str, after: &str, key: &str) -> Option<String> {
    text.lines().skip_while(|line| line.trim() != after).find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::quoted_value;

    #[test]
    fn reads_the_value_that_follows_its_heading() {
        let lock = "[[package]]\nname = \"wasm\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(quoted_value(lock, "name = \"wasm-bindgen\"", "version").as_deref(), Some("0.2.130"));
        assert_eq!(quoted_value(lock, "name = \"absent\"", "version"), None);
    }
}
