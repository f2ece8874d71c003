//! Instants as the database and the wire know them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A length of time in milliseconds.
pub type Millis = i64;

/// One minute.
pub const MINUTE: Millis = 60_000;
/// One hour.
pub const HOUR: Millis = 60 * MINUTE;
/// One day.
pub const DAY: Millis = 24 * HOUR;

/// An instant: milliseconds since 1970-01-01T00:00:00Z. On the wire RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// Milliseconds since the epoch, as stored.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This much later.
    pub const fn plus(self, by: Millis) -> Self {
        Self(self.0.saturating_add(by))
    }

    /// From `earlier` to this; negative when it is the other way round.
    pub const fn since(self, earlier: Self) -> Millis {
        self.0 - earlier.0
    }

    /// `2026-11-20T21:04:02.000Z`. Years beyond 0 to 9999 have no text: `0001-01-01T00:00:00.000Z` stands for them.
    pub fn rfc3339(self) -> String {
        let (days, ms) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let (year, month, day) = civil_from_days(days);
        if !(0..=9999).contains(&year) {
            return "0001-01-01T00:00:00.000Z".into();
        }
        let (hour, minute, second, ms) = (ms / HOUR, ms / MINUTE % 60, ms / 1000 % 60, ms % 1000);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }

    /// Reads RFC 3339 with any offset (section 5.6; a leap second is the second before it); `None` when it is not one.
    /// What is finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = digits(text, 4)?;
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (hour, rest) = digits(rest.strip_prefix(['T', 't', ' '])?, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (ms, rest) = fraction(rest)?;
        let offset_min = offset(rest)?;
        let is_time = hour < 24 && minute < 60 && second <= 60;
        if !is_time || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
            return None;
        }
        let seconds = hour * 3600 + minute * 60 + second.min(59) - offset_min * 60;
        Some(Self(days_from_civil(year, month, day) * DAY + seconds * 1000 + ms))
    }
}

/// The number that `text` begins with, in exactly `count` digits, and what follows.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten().map(|number| (number, rest))
}

/// Milliseconds of `.123456`, and what follows; 0 without a point.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (fine, rest) = text.split_at_checked(length).filter(|_| length > 0)?;
    let ms = fine.bytes().chain(*b"00").take(3).fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
    Some((ms, rest))
}

/// Minutes east of Greenwich: `Z`, `+02:00`, and ISO 8601's `+0200`, which some senders write.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = if let Some(rest) = text.strip_prefix('+') { (1, rest) } else { (-1, text.strip_prefix('-')?) };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The date of a day since 1970-01-01: the same, `civil_from_days`.
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as i64;
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

impl From<i64> for Instant {
    fn from(ms: i64) -> Self {
        Self(ms)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("an RFC 3339 instant such as 2026-11-20T21:04:02Z"))
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Instant {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}
#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Instant {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_survives_text() {
        for at in [0, 1_763_672_642_123, 253_402_200_799_000] {
            assert_eq!(Instant::parse(&Instant(at).rfc3339()), Some(Instant(at)));
        }
        assert_eq!(Instant(1_763_672_642_000).rfc3339(), "2025-11-20T21:04:02.000Z");
    }

    #[test]
    fn rfc_3339_is_read_with_offsets_fractions_and_leap_days() {
        let table = [
            ("2025-11-20T22:04:02+01:00", Some(1_763_672_642_000)),
            ("2025-11-20t16:34:02-04:30", Some(1_763_672_642_000)),
            ("2025-11-20 21:04:02.5z", Some(1_763_672_642_500)),
            ("2025-11-20T21:04:02.123456789Z", Some(1_763_672_642_123)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("1969-12-31T23:59:60Z", Some(-1000)),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800_000)),
            ("yesterday", None),
            ("2025-02-29T00:00:00Z", None),
            ("1900-02-29T00:00:00Z", None),
            ("2025-13-01T00:00:00Z", None),
            ("2025-00-01T00:00:00Z", None),
            ("2025-11-20T24:00:00Z", None),
            ("2025-11-20T21:04:02", None),
            ("2025-11-20T21:04:02.Z", None),
            ("2025-11-20T21:04Z", None),
            ("2025-11-20T22:04:02+0100", Some(1_763_672_642_000)),
            ("2025-11-20T22:04:02+01:", None),
            ("2025-11-20T21:04:02+24:00", None),
            ("2025-11-20T21:04:02Zulu", None),
            ("2025-11-20T21:0\u{e9}:02Z", None),
            ("+025-11-20T21:04:02Z", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Instant::parse(text), expected.map(Instant), "{text}");
        }
    }

    #[test]
    fn each_day_of_four_centuries_has_one_date() {
        for day in -146_097..=146_097 {
            let (year, month, of_month) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, of_month), day);
            assert!((1..=days_in_month(year, month)).contains(&of_month));
        }
    }
}
