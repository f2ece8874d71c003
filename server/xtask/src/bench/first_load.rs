//! What a browser fetches before a page works: the compressed sizes of wasm, glue and styles.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::figures::{Bar, Figures};
use crate::{Result, stamp, workspace};

/// Budgets in kB of brotli (ui.md).
const WASM_KB: f64 = 220.0;
const JS_KB: f64 = 15.0;
const CSS_KB: f64 = 20.0;

pub fn run(_binary: &Path) -> Result<Figures> {
    let files = Files(stamp::files_below(&workspace::site().join("pkg"))?);
    let first = files.named("opsguard.", ".wasm")?;
    let mut figures = Figures::default();
    // Home is where people land, and is in the first file; the others are told beside it.
    let note = format!("{:.0} kB raw", size(first, "")?);
    figures.noted("wasm of home, brotli", size(first, ".br")?, "kB", Bar::AtMost(WASM_KB), note);
    for (area, parts) in files.areas()? {
        let parts = parts.iter().map(|part| files.named(part, ".wasm")).collect::<Result<Vec<_>>>()?;
        let all: Vec<&Path> = std::iter::once(first).chain(parts).collect();
        let note = format!("{} files, {:.0} kB raw, {:.0} kB of it on every page", all.len(), sum(&all, "")?, size(first, ".br")?);
        figures.noted(format!("wasm of {area}, brotli"), sum(&all, ".br")?, "kB", Bar::None, note);
    }
    let scripts = [files.named("opsguard.", ".js")?, files.named("__wasm_split.", ".js")?];
    figures.noted("js, brotli", sum(&scripts, ".br")?, "kB", Bar::AtMost(JS_KB), format!("{:.0} kB raw", sum(&scripts, "")?));
    let styles = files.named("opsguard.", ".css")?;
    figures.noted("css, brotli", size(styles, ".br")?, "kB", Bar::AtMost(CSS_KB), format!("{:.0} kB raw", size(styles, "")?));
    Ok(figures)
}

/// The files of the site's `pkg`.
struct Files(Vec<PathBuf>);

impl Files {
    /// The file whose name begins and ends so.
    fn named(&self, beginning: &str, ending: &str) -> Result<&Path> {
        let fits = |path: &&PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(beginning) && name.ends_with(ending) && !name.ends_with(".d.ts")
        };
        self.0.iter().find(fits).map(PathBuf::as_path).ok_or_else(|| format!("target/site/pkg holds no {beginning}*{ending}"))
    }

    /// The names of the files of each area beside the first one.
    fn areas(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let manifest = workspace::read(self.named("__wasm_split_manifest.", ".json")?)?;
        let parts: BTreeMap<String, Vec<String>> =
            serde_json::from_str(&manifest).map_err(|error| format!("the list of the wasm's parts cannot be read: {error}"))?;
        Ok(parts
            .into_iter()
            .map(|(name, files)| (name.rsplit_once('_').map_or(name.clone(), |(area, _)| area.to_owned()), files))
            .collect())
    }
}

fn sum(files: &[&Path], suffix: &str) -> Result<f64> {
    files.iter().map(|file| size(file, suffix)).sum()
}

/// In kB. What is too small to be compressed has no compressed file beside it.
fn size(path: &Path, suffix: &str) -> Result<f64> {
    let compressed = PathBuf::from(format!("{}{suffix}", path.display()));
    let file = if compressed.is_file() { compressed } else { path.to_owned() };
    fs::metadata(&file).map(|meta| meta.len() as f64 / 1000.0).map_err(|error| format!("{}: {error}", file.display()))
}
