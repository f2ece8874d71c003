//! Tests that need other people's clients (official SDKs, protocol checkers): pytest in a virtual environment of
//! the cache, one per content of requirements.txt.

use std::fs;
use std::path::{Path, PathBuf};

use super::Context;
use super::browser::environment;
use super::report::Count;
use crate::{Result, process, stamp, workspace};

/// pytest's exit code when no test matched.
const NOTHING_COLLECTED: i32 = 5;

pub fn run(context: &Context, binary: &Path) -> Result<Count> {
    let folder = workspace::root().join("end2end/python");
    if !folder.is_dir() {
        println!("there is no end2end/python");
        return Ok(Count::default());
    }
    let python = interpreter()?;
    let results = workspace::target().join("pytest.xml");
    let _ = fs::remove_file(&results);
    let mut command = process::command(python);
    command.args(["-m", "pytest", "-p", "no:cacheprovider"]).arg(format!("--junitxml={}", results.display())).arg(&folder);
    if !context.filters.is_empty() {
        command.args(["-k", &context.filters.join(" or ")]);
    }
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    environment(&mut command, context, binary)?;
    let status = command.status().map_err(|error| format!("cannot start pytest: {error}"))?;
    if status.code() == Some(NOTHING_COLLECTED) && !context.filters.is_empty() {
        return Ok(Count::default());
    }
    let mut count = parse(&workspace::read(&results)?)?;
    if !status.success() && count.failed == 0 {
        count.add(Count::failure(format!("pytest ended with {status}")));
    }
    Ok(count)
}

/// Python with other people's clients.
pub fn interpreter() -> Result<PathBuf> {
    virtual_environment(&workspace::root().join("end2end/python/requirements.txt"))
}

fn virtual_environment(requirements: &Path) -> Result<PathBuf> {
    let key = stamp::of_contents(&[requirements.to_path_buf()])?;
    let folder = workspace::cache()?.join(format!("python-{key}"));
    let (python, complete) = (folder.join("bin/python"), folder.join("complete"));
    if complete.is_file() {
        return Ok(python);
    }
    println!("tools: python packages - installing, about a minute, once");
    let remedy =
        |error| format!("{error}\nthe Python tests need python3 with venv (Debian: apt install python3-venv) and the package index");
    process::run_quietly(process::command("python3").args(["-m", "venv", "--clear"]).arg(&folder)).map_err(remedy)?;
    process::run_quietly(process::command(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements)).map_err(remedy)?;
    stamp::write(&complete, &key)?;
    Ok(python)
}

/// The sums of a JUnit report: `<testsuite errors="0" failures="1" skipped="0" tests="7" ..>`.
fn parse(xml: &str) -> Result<Count> {
    let unreadable = || "pytest's report cannot be read".to_owned();
    let suite = xml.split("<testsuite ").nth(1).and_then(|rest| rest.split('>').next()).ok_or_else(unreadable)?;
    let number = |name: &str| attribute(suite, name).and_then(|value| value.parse::<u64>().ok()).ok_or_else(unreadable);
    let failed = number("failures")? + number("errors")? + number("skipped")?;
    let failures = xml.split("<testcase ").skip(1).filter(|case| ["<failure", "<error", "<skipped"].iter().any(|tag| case.contains(tag)));
    let failures = failures.filter_map(|case| Some(format!("{}::{}", attribute(case, "classname")?, attribute(case, "name")?)));
    Ok(Count { passed: number("tests")?.saturating_sub(failed), failed, failures: failures.collect() })
}

/// The value of ` name="..."`.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.strip_prefix(&format!("{name}=\"")).or_else(|| tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest))?;
    tag.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_tests_fail_and_failures_have_names() {
        let xml = r#"<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="4" time="0.1">
            <testcase classname="test_a" name="test_one" time="0.0" /><testcase classname="test_a" name="test_two"><failure message="x">y</failure></testcase>
            <testcase classname="test_b" name="test_three"><skipped message="z" /></testcase><testcase classname="test_b" name="test_four" /></testsuite></testsuites>"#;
        let count = parse(xml).unwrap();
        assert_eq!((count.passed, count.failed), (2, 2));
        assert_eq!(count.failures, ["test_a::test_two", "test_b::test_three"]);
    }

    #[test]
    fn anything_else_is_an_error() {
        assert!(parse("<html>").is_err());
    }
}
