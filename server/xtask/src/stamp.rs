//! Stamps: a step is skipped when a fingerprint of what it reads (and wrote) is the one of its last success.
//!
//! The fingerprint is over contents, not times: a fresh clone has new times everywhere. SipHash with fixed keys
//! is enough; nobody attacks a build cache, and another hash after a toolchain update costs one rebuild.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::Result;

/// Fingerprint of the contents of files and folders (recursively, without node_modules).
pub fn of_contents(paths: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        for file in files_below(path)? {
            let bytes = fs::read(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            file.strip_prefix(path).unwrap_or(&file).hash(&mut hasher);
            bytes.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Fingerprint of names and sizes below a folder: tells whether a result is still the one that was made.
pub fn of_listing(folder: &Path) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files_below(folder)? {
        file.strip_prefix(folder).unwrap_or(&file).hash(&mut hasher);
        fs::metadata(&file).map_or(0, |meta| meta.len()).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// Whether `file` holds exactly this stamp.
pub fn matches(file: &Path, stamp: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|held| held == stamp)
}

pub fn write(file: &Path, stamp: &str) -> Result<()> {
    fs::write(file, stamp).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// All files at or below a path, sorted; none when the path does not exist.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_file() {
            found.push(path);
        } else if path.is_dir() && path.file_name().is_none_or(|name| name != "node_modules") {
            let entries = fs::read_dir(&path).map_err(|error| format!("cannot list {}: {error}", path.display()))?;
            open.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_changes_the_stamp_and_node_modules_do_not() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        fs::write(folder.join("a"), "1").unwrap();
        let first = of_contents(std::slice::from_ref(&folder)).unwrap();
        fs::write(folder.join("node_modules/b"), "1").unwrap();
        let same = of_contents(std::slice::from_ref(&folder)).unwrap();
        fs::write(folder.join("a"), "2").unwrap();
        let other = of_contents(std::slice::from_ref(&folder)).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(first, same);
        assert_ne!(first, other);
    }
}
