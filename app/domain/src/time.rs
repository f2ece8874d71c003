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

    /// `2026-11-20T21:04:02.000Z`.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => format!("{t:.3}"),
            Err(_) => "0001-01-01T00:00:00.000Z".into(),
        }
    }

    /// Reads RFC 3339 with any offset; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }
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
        assert_eq!(Instant::parse("2025-11-20T22:04:02+01:00"), Some(Instant(1_763_672_642_000)));
        assert_eq!(Instant::parse("yesterday"), None);
    }
}
