//! How long a failed job waits: exponential, with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog,
//! 2015), so that what failed together does not come back together.

use domain::{Millis, time::MINUTE};

/// The longest wait after the first failure.
const BASE: Millis = 1_000;
/// The longest wait at all.
const CAP: Millis = 15 * MINUTE;

/// The wait after this attempt (counted from 1), for a roll in `0.0..1.0`.
pub(super) fn wait(attempt: i64, roll: f64) -> Millis {
    let doublings = attempt.clamp(1, 20) - 1;
    let longest = (BASE << doublings).min(CAP);
    (longest as f64 * roll) as Millis
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_doubles_up_to_a_quarter_of_an_hour() {
        for (attempt, longest) in [(0, 1_000), (1, 1_000), (2, 2_000), (5, 16_000), (10, 512_000), (11, CAP), (1_000_000, CAP)] {
            assert_eq!(wait(attempt, 1.0), longest, "attempt {attempt}");
            assert_eq!(wait(attempt, 0.0), 0, "attempt {attempt}");
        }
    }
}
