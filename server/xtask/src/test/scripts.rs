//! The unit tests of the plain scripts in public/ (outbox, service worker, page glue): Node's own test runner.

use super::Context;
use super::report::Count;
use crate::{Result, npm, process, workspace};

const FOLDER: &str = "end2end/unit";

pub fn run(context: &Context) -> Result<Count> {
    npm::ensure(FOLDER)?;
    let mut command = process::command("node");
    command.current_dir(workspace::root().join(FOLDER)).args(["--test", "--test-reporter=tap"]);
    for filter in &context.filters {
        command.arg(format!("--test-name-pattern={filter}"));
    }
    let output = command.output().map_err(|error| format!("node cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let count = parse(&text)?;
    if count.failed > 0 {
        println!("{text}");
    }
    Ok(count)
}

/// `# pass 5`, `# fail 0`, `# skipped 0`, and the names on `not ok` lines.
fn parse(tap: &str) -> Result<Count> {
    let number = |word: &str| {
        let prefix = format!("# {word} ");
        let found = tap.lines().rev().find_map(|line| line.strip_prefix(&prefix)?.trim().parse::<u64>().ok());
        found.ok_or_else(|| format!("node's report has no `# {word}`"))
    };
    let failures = tap.lines().filter_map(|line| line.trim_start().strip_prefix("not ok ")).map(str::to_owned).collect();
    Ok(Count { passed: number("pass")?, failed: number("fail")? + number("skipped")? + number("cancelled")?, failures })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_names_are_read_and_a_skipped_test_is_a_failure() {
        let tap = "not ok 2 - sends twice\nok 1 - sends\n# tests 3\n# pass 1\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n";
        let count = parse(tap).unwrap();
        assert_eq!((count.passed, count.failed), (1, 2));
        assert_eq!(count.failures, ["2 - sends twice"]);
        assert!(parse("").is_err());
    }
}
