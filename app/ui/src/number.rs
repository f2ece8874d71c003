//! Numbers as people read them. Fixed formatting: the server and the browser write the same text.

/// Digits in groups of three: `1,234,567`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A total that may be a lower bound: `842`, or `10,000+` where counting stopped.
pub fn total(value: u64, is_exact: bool) -> String {
    let text = grouped(value);
    if is_exact { text } else { text + "+" }
}

/// At most two decimals, without trailing zeros: `12`, `0.5`, `99.98`. Not a number reads `-`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let text = decimal::<2>(value);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number with that many decimals, at least one: `-3.50`. Rounded by integers, because the standard library's exact
/// printing of fractions is 16 kB of wasm.
pub fn decimal<const DECIMALS: u32>(value: f64) -> String {
    let unit = 10_u64.pow(DECIMALS);
    let units = (value.abs() * unit as f64).round() as u64;
    let sign = if value < 0.0 && units > 0 { "-" } else { "" };
    let fraction = (units % unit + unit).to_string();
    format!("{sign}{}.{}", units / unit, &fraction[1..])
}

/// A count for a badge: at most `99+`.
pub fn badge(value: u32) -> String {
    if value > 99 { "99+".to_owned() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        for (value, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (10_000, "10,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(value), text);
        }
    }

    #[test]
    fn a_lower_bound_says_so() {
        assert_eq!(total(842, true), "842");
        assert_eq!(total(10_000, false), "10,000+");
    }

    #[test]
    fn decimals_are_short() {
        for (value, text) in [(12.0, "12"), (0.5, "0.5"), (99.984, "99.98"), (-0.001, "0"), (f64::NAN, "-")] {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn decimals_are_rounded_and_padded() {
        for (value, text) in [(0.0, "0.0"), (24.04, "24.0"), (24.06, "24.1"), (-3.52, "-3.5"), (-0.04, "0.0"), (9.96, "10.0")] {
            assert_eq!(decimal::<1>(value), text);
        }
        assert_eq!(decimal::<2>(1_234.5), "1234.50");
    }

    #[test]
    fn a_badge_stays_narrow() {
        assert_eq!(badge(99), "99");
        assert_eq!(badge(100), "99+");
    }
}
