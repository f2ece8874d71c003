//! Percentiles of measured durations, in milliseconds. Nearest rank: always a value that really occurred.

use std::time::Duration;

/// The value in the middle; NaN of none.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

pub struct Latencies {
    sorted_ms: Vec<f64>,
}

impl Latencies {
    pub fn new(samples: impl IntoIterator<Item = Duration>) -> Self {
        let mut sorted_ms: Vec<f64> = samples.into_iter().map(|sample| sample.as_secs_f64() * 1000.0).collect();
        sorted_ms.sort_by(f64::total_cmp);
        Self { sorted_ms }
    }

    /// NaN when nothing was measured, so that no bar is met by an empty run.
    pub fn percentile(&self, percent: f64) -> f64 {
        let rank = (percent / 100.0 * self.sorted_ms.len() as f64).ceil() as usize;
        self.sorted_ms.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
    }

    pub fn len(&self) -> usize {
        self.sorted_ms.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(samples: &[u64], percent: f64, expected: f64) {
        let latencies = Latencies::new(samples.iter().map(|ms| Duration::from_millis(*ms)));
        assert_eq!(latencies.percentile(percent), expected);
    }

    #[test]
    fn nearest_rank() {
        let hundred: Vec<u64> = (1..=100).rev().collect();
        check(&hundred, 50.0, 50.0);
        check(&hundred, 99.0, 99.0);
        check(&hundred, 100.0, 100.0);
        check(&[7], 1.0, 7.0);
        check(&[1, 2], 50.0, 1.0);
    }

    #[test]
    fn the_middle_is_a_value_that_occurred() {
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[2.0, 1.0])), (2.0, 1.0));
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn nothing_measured_meets_no_bar() {
        assert!(Latencies::new([]).percentile(99.0).is_nan());
    }
}
