//! What a browser fetches before the first page works: the compressed sizes of wasm, glue and styles.

use std::fs;
use std::path::Path;

use super::figures::{Bar, Figures};
use crate::{Result, stamp, workspace};

/// Extension and budget in kB of brotli (ui.md).
const BUDGETS: [(&str, f64); 3] = [("wasm", 220.0), ("js", 15.0), ("css", 20.0)];

pub fn run(_binary: &Path) -> Result<Figures> {
    let files = stamp::files_below(&workspace::site().join("pkg"))?;
    let mut figures = Figures::default();
    for (extension, budget_kb) in BUDGETS {
        let suffix = format!(".{extension}");
        let raw: Vec<_> = files.iter().filter(|file| file.to_string_lossy().ends_with(&suffix)).collect();
        if raw.is_empty() {
            return Err(format!("target/site/pkg holds no {suffix} file"));
        }
        let sum = |suffix: &str| raw.iter().map(|file| size(&format!("{}{suffix}", file.display()))).sum::<Result<f64>>();
        let note = format!("{:.0} kB raw, {:.0} kB gzip", sum("")?, sum(".gz")?);
        figures.noted(format!("{extension}, brotli"), sum(".br")?, "kB", Bar::AtMost(budget_kb), note);
    }
    Ok(figures)
}

fn size(path: &str) -> Result<f64> {
    fs::metadata(path).map(|meta| meta.len() as f64 / 1000.0).map_err(|error| format!("{path}: {error}"))
}
