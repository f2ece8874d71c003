//! Reads Playwright's JSON report: the sums from `stats`, the names from the tree of suites.

use serde_json::Value;

use super::report::Count;
use crate::Result;

/// Flaky and skipped count as failed: the first hides a race, the second proves nothing.
pub fn parse(json: &str) -> Result<Count> {
    let report: Value = serde_json::from_str(json).map_err(|error| format!("Playwright's report cannot be read: {error}"))?;
    let stat = |name: &str| report["stats"][name].as_u64().ok_or_else(|| format!("Playwright's report has no stats.{name}"));
    let mut count =
        Count { passed: stat("expected")?, failed: stat("unexpected")? + stat("flaky")? + stat("skipped")?, failures: Vec::new() };
    collect(&report, "", &mut count.failures);
    // Errors outside a test: a spec that does not compile, a failed global set-up.
    for error in report["errors"].as_array().into_iter().flatten() {
        let message = error["message"].as_str().unwrap_or("error outside a test");
        count.add(Count::failure(message.lines().next().unwrap_or_default()));
    }
    Ok(count)
}

fn collect(suite: &Value, path: &str, failures: &mut Vec<String>) {
    for spec in suite["specs"].as_array().into_iter().flatten() {
        for test in spec["tests"].as_array().into_iter().flatten() {
            let status = test["status"].as_str().unwrap_or("unknown");
            if status != "expected" {
                let (title, project) = (spec["title"].as_str().unwrap_or("?"), test["projectName"].as_str().unwrap_or(""));
                failures.push(format!("{path}{title} [{project}] {status}"));
            }
        }
    }
    for inner in suite["suites"].as_array().into_iter().flatten() {
        collect(inner, &format!("{path}{} > ", inner["title"].as_str().unwrap_or("?")), failures);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaky_and_skipped_are_failures_with_their_names() {
        let report = r#"{"suites":[{"title":"incident.spec.ts","specs":[],"suites":[{"title":"list","specs":[
            {"title":"opens","tests":[{"projectName":"phone","status":"flaky"},{"projectName":"desk","status":"expected"}]},
            {"title":"closes","tests":[{"projectName":"desk","status":"skipped"}]}]}]}],
            "errors":[],"stats":{"expected":1,"unexpected":0,"flaky":1,"skipped":1}}"#;
        let count = parse(report).unwrap();
        assert_eq!((count.passed, count.failed), (1, 2));
        assert_eq!(count.failures, ["incident.spec.ts > list > opens [phone] flaky", "incident.spec.ts > list > closes [desk] skipped"]);
    }

    #[test]
    fn an_error_outside_tests_fails() {
        let report =
            r#"{"suites":[],"errors":[{"message":"SyntaxError: x\nat y"}],"stats":{"expected":0,"unexpected":0,"flaky":0,"skipped":0}}"#;
        assert_eq!(parse(report).unwrap(), Count::failure("SyntaxError: x"));
    }

    #[test]
    fn a_report_of_another_shape_is_an_error() {
        assert!(parse("{}").is_err());
        assert!(parse("").is_err());
    }
}
