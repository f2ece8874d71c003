//! What a benchmark found: a table for people, a JSON file for comparisons over time.

use std::fs;

use serde_json::{Value, json};

use crate::{Result, process, workspace};

/// The promise a figure is held against, in the figure's unit.
#[derive(Clone, Copy)]
pub enum Bar {
    AtLeast(f64),
    AtMost(f64),
    /// A fact for comparison: the machine's own limit, a size.
    None,
}

struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    bar: Bar,
    note: String,
}

#[derive(Default)]
pub struct Figures {
    figures: Vec<Figure>,
}

impl Figures {
    pub fn add(&mut self, name: impl Into<String>, value: f64, unit: &'static str, bar: Bar) {
        self.noted(name, value, unit, bar, "");
    }

    pub fn noted(&mut self, name: impl Into<String>, value: f64, unit: &'static str, bar: Bar, note: impl Into<String>) {
        self.figures.push(Figure { name: name.into(), value, unit, bar, note: note.into() });
    }

    /// Prints the table and writes `target/bench/<name>.json`.
    pub fn publish(&self, name: &str) -> Result<()> {
        println!("\n{:<44} {:>14} {:>16} {:>7}  note", name, "value", "bar", "verdict");
        for figure in &self.figures {
            let value = format!("{} {}", rounded(figure.value), figure.unit);
            println!(
                "{:<44} {value:>14} {:>16} {:>7}  {}",
                figure.name,
                figure.bar.text(figure.unit),
                figure.bar.verdict(figure.value),
                figure.note
            );
        }
        let folder = workspace::root().join("target/bench");
        workspace::create_dir(&folder)?;
        let file = folder.join(format!("{name}.json"));
        let report = json!({ "bench": name, "commit": commit(), "cores": cores(), "figures": self.figures.iter().map(Figure::json).collect::<Vec<_>>() });
        fs::write(&file, format!("{report:#}\n")).map_err(|error| format!("cannot write {}: {error}", file.display()))
    }
}

impl Figure {
    fn json(&self) -> Value {
        let (at_least, at_most) = match self.bar {
            Bar::AtLeast(bar) => (Some(bar), None),
            Bar::AtMost(bar) => (None, Some(bar)),
            Bar::None => (None, None),
        };
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "at_least": at_least, "at_most": at_most,
            "verdict": self.bar.verdict(self.value), "note": self.note })
    }
}

impl Bar {
    fn text(self, unit: &str) -> String {
        match self {
            Self::AtLeast(bar) => format!(">= {} {unit}", rounded(bar)),
            Self::AtMost(bar) => format!("<= {} {unit}", rounded(bar)),
            Self::None => String::new(),
        }
    }

    fn verdict(self, value: f64) -> &'static str {
        let met = match self {
            Self::AtLeast(bar) => value >= bar,
            Self::AtMost(bar) => value <= bar,
            Self::None => return "",
        };
        if met { "met" } else { "MISSED" }
    }
}

/// Three significant digits for small numbers, none after the point for large ones.
fn rounded(value: f64) -> String {
    if value.fract() == 0.0 || value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn commit() -> String {
    process::run_quietly(process::command("git").args(["describe", "--always", "--dirty"])).unwrap_or_default().trim().to_owned()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_can_be_missed() {
        assert_eq!(Bar::AtLeast(2000.0).verdict(1999.0), "MISSED");
        assert_eq!(Bar::AtMost(20.0).verdict(20.0), "met");
        assert_eq!(Bar::AtMost(20.0).verdict(20.1), "MISSED");
        assert_eq!((rounded(0.1234), rounded(1234.5), rounded(3.0)), ("0.12".into(), "1234".into(), "3".into()));
    }
}
