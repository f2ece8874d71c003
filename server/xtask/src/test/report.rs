//! Counting and the closing table. The last line is read by programs: `N passed, N failed`.

#[derive(Debug, Default, PartialEq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    /// One line per failure, as far as the part can name them.
    pub failures: Vec<String>,
}

impl Count {
    pub fn failure(name: impl Into<String>) -> Self {
        Self { passed: 0, failed: 1, failures: vec![name.into()] }
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
    }
}

pub struct Phase {
    pub name: String,
    pub count: Count,
    pub seconds: f64,
}

pub fn print(phases: &[Phase]) {
    println!("\n{:<16} {:>8} {:>8} {:>9}", "phase", "passed", "failed", "seconds");
    for Phase { name, count, seconds } in phases {
        println!("{name:<16} {:>8} {:>8} {seconds:>9.1}", count.passed, count.failed);
    }
    for Phase { name, count, .. } in phases {
        for failure in &count.failures {
            println!("failed: {name}: {failure}");
        }
    }
    println!("{}", last_line(phases));
}

fn last_line(phases: &[Phase]) -> String {
    let sum = |of: fn(&Count) -> u64| phases.iter().map(|phase| of(&phase.count)).sum::<u64>();
    format!("{} passed, {} failed", sum(|count| count.passed), sum(|count| count.failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_sums_all_phases() {
        let phase = |passed, failed| Phase { name: "x".into(), count: Count { passed, failed, failures: vec![] }, seconds: 0.0 };
        assert_eq!(last_line(&[phase(3, 0), phase(4, 1)]), "7 passed, 1 failed");
    }
}
