//! Figures over incidents, as the first page shows them.

use serde::{Deserialize, Serialize};

use crate::Millis;

/// How quickly people take what comes, and what is bad now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Live incidents of the worst severity.
    pub critical: u64,
    /// Median of detected to first acknowledged, over incidents detected in the last seven days that have both.
    pub ack_median_ms: Option<Millis>,
    /// The same over the seven days before.
    pub ack_median_before_ms: Option<Millis>,
    /// How many incidents were detected in the last seven days.
    pub week: u64,
}

/// The middle of the values; of an even number, the mean of the two in the middle.
pub fn median(mut values: Vec<Millis>) -> Option<Millis> {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle() {
        for (values, expected) in [(vec![], None), (vec![5], Some(5)), (vec![9, 1, 5], Some(5)), (vec![4, 1, 2, 9], Some(3))] {
            assert_eq!(median(values), expected);
        }
    }
}
