//! Identity: a UUID v7 with the type of its noun, shown with a prefix (`inc_...`).
//!
//! Ids are minted where a thing is made, offline in the browser included, so the instant and the randomness are given.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A noun whose ids carry a prefix when people see them.
pub trait Prefixed {
    /// The letters before the underscore.
    const PREFIX: &'static str;
}

/// The id of a `T`. Ordered by the time it was minted.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// Takes a UUID that is known to name a `T`.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// A UUID v7 of this instant (unix milliseconds) and these random bytes.
    pub fn mint(at: i64, random: [u8; 10]) -> Self {
        Self::new(uuid::Builder::from_unix_timestamp_millis(at.max(0) as u64, &random).into_uuid())
    }

    /// The bare UUID, as stored.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T: Prefixed> Id<T> {
    /// `inc_0192…`: the form for people, links and logs.
    pub fn prefixed(self) -> String {
        format!("{}_{}", T::PREFIX, self.0.simple())
    }
}

/// The text was neither a UUID nor one with this noun's prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

impl<T: Prefixed> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let bare = match text.split_once('_') {
            Some((prefix, rest)) if prefix == T::PREFIX => rest,
            Some(_) => return Err(NotAnId),
            None => text,
        };
        Uuid::try_parse(bare).map(Self::new).map_err(|_| NotAnId)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}
impl<'de, T: Prefixed> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(|_| serde::de::Error::custom(format!("an id such as {}_0192…", T::PREFIX)))
    }
}

// `ComposeSchema` and not `PartialSchema`: it is what the derive asks of a field type with parameters.
#[cfg(feature = "openapi")]
impl<T> utoipa::__dev::ComposeSchema for Id<T> {
    fn compose(_: Vec<utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>>) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}
#[cfg(feature = "openapi")]
impl<T> utoipa::ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Incident;
    impl Prefixed for Incident {
        const PREFIX: &'static str = "inc";
    }

    #[test]
    fn an_id_reads_bare_and_prefixed_and_refuses_another_nouns_prefix() {
        let id = Id::<Incident>::mint(1_763_672_642_000, [7; 10]);
        assert_eq!(id.prefixed().parse(), Ok(id));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.prefixed().replace("inc_", "svc_").parse::<Id<Incident>>(), Err(NotAnId));
        assert_eq!("418".parse::<Id<Incident>>(), Err(NotAnId));
    }

    #[test]
    fn ids_sort_by_the_time_they_were_minted() {
        assert!(Id::<Incident>::mint(1, [255; 10]) < Id::<Incident>::mint(2, [0; 10]));
    }

    #[cfg(feature = "openapi")]
    #[test]
    fn the_schema_of_what_has_an_id_brings_that_of_the_id() {
        use utoipa::{PartialSchema, ToSchema};

        let schema = serde_json::to_value(crate::integration::Integration::schema()).unwrap();
        assert_eq!(schema["properties"]["service_id"]["$ref"], "#/components/schemas/Id_Service");
        let mut brought = Vec::new();
        crate::integration::Integration::schemas(&mut brought);
        let (_, id) = brought.iter().find(|(name, _)| name == "Id_Service").expect("the reference leads somewhere");
        assert_eq!(serde_json::to_value(id).unwrap(), serde_json::json!({"type": "string", "format": "uuid"}));
    }
}
