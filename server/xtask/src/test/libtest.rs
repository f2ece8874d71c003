//! Reads the output of Rust's test harness as it scrolls by: its machine format is not stable, these lines are.

use super::report::Count;

#[derive(Default)]
pub struct Tally {
    count: Count,
}

impl Tally {
    pub fn see(&mut self, line: &str) {
        if let Some((passed, failed, ignored)) = summary(line) {
            self.count.passed += passed;
            // A test that nobody runs proves nothing.
            self.count.failed += failed + ignored;
        } else if let Some(name) = named(line, "FAILED") {
            self.count.failures.push(name.to_owned());
        } else if let Some(name) = named(line, "ignored") {
            self.count.failures.push(format!("{name} (ignored)"));
        }
    }

    pub fn count(self) -> Count {
        self.count
    }
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s`
fn summary(line: &str) -> Option<(u64, u64, u64)> {
    let line = line.strip_prefix("test result: ")?;
    let number = |word: &str| line.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok());
    Some((number("passed")?, number("failed")?, number("ignored")?))
}

/// `test name ... FAILED`, `test name ... ignored, because`
fn named<'a>(line: &'a str, outcome: &str) -> Option<&'a str> {
    let (name, said) = line.strip_prefix("test ")?.split_once(" ... ")?;
    said.starts_with(outcome).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, expected: (u64, u64, &[&str])) {
        let mut tally = Tally::default();
        output.lines().for_each(|line| tally.see(line));
        let count = tally.count();
        let failures: Vec<&str> = count.failures.iter().map(String::as_str).collect();
        assert_eq!((count.passed, count.failed, &failures[..]), expected);
    }

    #[test]
    fn sums_over_binaries() {
        let ok = "test a ... ok\ntest result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.01s\n";
        check(&format!("{ok}noise\n{ok}"), (10, 0, &[]));
    }

    #[test]
    fn failures_and_ignored_tests_both_fail() {
        check(
            "test m::a ... FAILED\ntest b ... ignored, slow\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            (1, 2, &["m::a", "b (ignored)"]),
        );
    }

    #[test]
    fn other_lines_say_nothing() {
        check("test result is pending\nthe test result: ok. 1 passed; 0 failed; 0 ignored", (0, 0, &[]));
    }
}
