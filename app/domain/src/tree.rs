//! JSON into our types, by way of one tree.
//!
//! Serde makes a copy of a type's code for each kind of input, and serde_json's readers are made for speed. The browser
//! has to fetch that code before a page comes alive, and reads a few kilobytes with it. So there is one reader, over a
//! borrowed tree, and each of its methods does one thing only.

use std::fmt;

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// Why a text or a tree is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(Box<str>);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self(words.to_string().into())
    }

    fn invalid_type(found: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("invalid type: {}, expected {expected}", named(&found)))
    }

    fn invalid_value(found: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("invalid value: {}, expected {expected}", named(&found)))
    }
}

/// What was found, as serde says it, but for fractions: printing those would be 16 kB of the wasm.
fn named(found: &de::Unexpected) -> String {
    match found {
        de::Unexpected::Unsigned(number) => format!("integer `{number}`"),
        de::Unexpected::Signed(number) => format!("integer `{number}`"),
        de::Unexpected::Bool(is) => format!("boolean `{is}`"),
        de::Unexpected::Str(text) => format!("string \"{text}\""),
        de::Unexpected::Float(_) => "a fraction".to_owned(),
        de::Unexpected::Unit => "null".to_owned(),
        _ => "something else".to_owned(),
    }
}

/// Reads JSON text.
///
/// # Errors
/// The text is not JSON, or does not have the shape of `T`.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    from_tree(&parsed(text)?)
}

/// Reads what is JSON already.
///
/// # Errors
/// The tree does not have the shape of `T`.
pub fn from_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, Unreadable> {
    T::deserialize(Node(tree))
}

fn parsed(text: &str) -> Result<Value, Unreadable> {
    serde_json::from_str(text).map_err(de::Error::custom)
}

/// A place in the tree.
struct Node<'de>(&'de Value);

#[cold]
#[inline(never)]
fn other_than(expected: &'static str, found: &Value) -> Unreadable {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Unreadable(["expected ", expected, ", found ", found].concat().into())
}

impl<'de> Node<'de> {
    fn text(&self) -> Result<&'de str, Unreadable> {
        self.0.as_str().ok_or_else(|| other_than("a text", self.0))
    }

    fn list(&self) -> Result<Items<'de>, Unreadable> {
        self.0.as_array().map(|items| Items(items.iter())).ok_or_else(|| other_than("a list", self.0))
    }

    fn object(&self) -> Result<Entries<'de>, Unreadable> {
        self.0.as_object().map(|map| Entries { rest: map.iter(), value: None }).ok_or_else(|| other_than("an object", self.0))
    }

    fn whole(&self) -> Result<i64, Unreadable> {
        self.0.as_i64().ok_or_else(|| other_than("a whole number", self.0))
    }

    fn natural(&self) -> Result<u64, Unreadable> {
        self.0.as_u64().ok_or_else(|| other_than("a number from 0 on", self.0))
    }
}

macro_rules! reads {
    ($($method:ident as $read:ident for $visit:ident),+ $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
            visitor.$visit(self.$read()?)
        })+
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Unreadable;

    reads! {
        deserialize_str as text for visit_borrowed_str,
        deserialize_string as text for visit_borrowed_str,
        deserialize_identifier as text for visit_borrowed_str,
        deserialize_seq as list for visit_seq,
        deserialize_map as object for visit_map,
        deserialize_i8 as whole for visit_i64,
        deserialize_i16 as whole for visit_i64,
        deserialize_i32 as whole for visit_i64,
        deserialize_i64 as whole for visit_i64,
        deserialize_u8 as natural for visit_u64,
        deserialize_u16 as natural for visit_u64,
        deserialize_u32 as natural for visit_u64,
        deserialize_u64 as natural for visit_u64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(is) => visitor.visit_bool(*is),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => visitor.visit_seq(Items(items.iter())),
            Value::Object(map) => visitor.visit_map(Entries { rest: map.iter(), value: None }),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_bool(self.0.as_bool().ok_or_else(|| other_than("true or false", self.0))?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_f64(self.0.as_f64().ok_or_else(|| other_than("a number", self.0))?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.list()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.object()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        let variant = match self.0 {
            Value::Object(map) if map.len() == 1 => map.iter().next().map(|(name, content)| Variant { name, content: Some(content) }),
            Value::String(name) => Some(Variant { name, content: None }),
            _ => None,
        };
        visitor.visit_enum(variant.ok_or_else(|| other_than("a name, or an object with one", self.0))?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple_struct }
}

impl<'de> IntoDeserializer<'de, Unreadable> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// The rest of a list.
struct Items<'de>(std::slice::Iter<'de, Value>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unreadable> {
        self.0.next().map(|item| seed.deserialize(Node(item))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The rest of an object, and the value of the name that was read last.
struct Entries<'de> {
    rest: serde_json::map::Iter<'de>,
    value: Option<(&'de str, &'de Value)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unreadable> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some((name, value));
        let name: StrDeserializer<'de, Unreadable> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unreadable> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        seed.deserialize(Node(value)).map_err(|fault| at(name, fault))
    }
}

#[cold]
#[inline(never)]
fn at(name: &str, fault: Unreadable) -> Unreadable {
    Unreadable([name, ": ", &*fault.0].concat().into())
}

/// A variant of an enum, alone or with what it holds.
struct Variant<'de> {
    name: &'de str,
    content: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Unreadable;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unreadable> {
        let name: StrDeserializer<'de, Unreadable> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> Variant<'de> {
    fn content(&self) -> Node<'de> {
        Node(self.content.unwrap_or(&Value::Null))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Unreadable;

    fn unit_variant(self) -> Result<(), Unreadable> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unreadable> {
        seed.deserialize(self.content())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_seq(self.content().list()?)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.content().object()?)
    }
}

/// An object whose fields are taken one by one: for types that serde's derive reads only by way of a copy of the whole
/// object (flattened structs, enums with a tag inside).
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// The object that `from` holds.
    pub(crate) fn of<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(from).map(Self)
    }

    /// A field; an absent one reads as null.
    pub(crate) fn take<T: DeserializeOwned, E: de::Error>(&self, name: &'static str) -> Result<T, E> {
        from_tree(self.0.get(name).unwrap_or(&Value::Null)).map_err(|fault| E::custom(at(name, fault)))
    }

    /// The whole object as one thing that ignores the other fields.
    pub(crate) fn rest<T: DeserializeOwned, E: de::Error>(self) -> Result<T, E> {
        from_tree(&Value::Object(self.0)).map_err(E::custom)
    }
}

/// `Deserialize` for a struct with one flattened field: the others are read by their names, it gets the whole.
macro_rules! flattened {
    ($name:ident { $($field:ident),+ ; ..$rest:ident }) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let fields = crate::tree::Fields::of(from)?;
                Ok(Self { $($field: fields.take(stringify!($field))?,)+ $rest: fields.rest()? })
            }
        }
    };
}
pub(crate) use flattened;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::{live::ServerFrame, service::Grouping};

    #[track_caller]
    fn reads_what_it_wrote<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: T) {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(from_json::<T>(&text).as_ref(), Ok(&value), "{text}");
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Unit,
        New(i8),
        Pair(u32, String),
        Named { at: Option<f64>, is: bool },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Newtype(u64);

    #[test]
    fn every_shape_that_serde_writes_is_read_again() {
        reads_what_it_wrote(vec![Shape::Unit, Shape::New(-3), Shape::Pair(7, "é\"".into()), Shape::Named { at: Some(0.5), is: true }]);
        reads_what_it_wrote(Shape::Named { at: None, is: false });
        reads_what_it_wrote((Newtype(u64::MAX), i64::MIN, Some("x".to_owned()), ()));
        reads_what_it_wrote(BTreeMap::from([("job".to_owned(), vec![1, 2])]));
        reads_what_it_wrote(serde_json::json!({ "a": [1, -2, 0.25, null, true, "x", {}] }));
        reads_what_it_wrote(vec![Grouping::None, Grouping::Labels { labels: vec!["job".into()] }, Grouping::Window { minutes: 5 }]);
        reads_what_it_wrote(ServerFrame::Hello { build: "b".into(), epoch: "e".into(), seq: 1, ping_s: 25 });
        reads_what_it_wrote(ServerFrame::Presence { entity: "incident:1".into(), viewers: Vec::new() });
        reads_what_it_wrote(ServerFrame::Ping);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_way_to_it() {
        let said = |text: &str| from_json::<BTreeMap<String, Vec<u8>>>(text).unwrap_err().to_string();
        assert_eq!(said(r#"{"a":[1],"b":[1,"2"]}"#), "b: expected a number from 0 on, found a text");
        assert_eq!(said("[]"), "expected an object, found a list");
        assert!(said(r#"{"a":[256]}"#).starts_with("a: invalid value: integer `256`"), "{}", said(r#"{"a":[256]}"#));
        assert!(said("{").contains("EOF"), "{}", said("{"));
        let frame = |text: &str| from_json::<ServerFrame>(text).unwrap_err().to_string();
        assert_eq!(frame(r#"{"t":"resync","seq":"7"}"#), "seq: expected a whole number, found a text");
        assert!(frame(r#"{"t":"later"}"#).contains("later"));
        assert!(from_json::<Shape>(r#"{"Unit":null,"New":1}"#).is_err());
    }

    #[test]
    fn unknown_fields_are_passed_over_and_absent_options_are_none() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Small {
            a: u8,
            b: Option<u8>,
        }
        assert_eq!(from_json::<Small>(r#"{"a":1,"later":{"x":[1]}}"#), Ok(Small { a: 1, b: None }));
        assert!(from_json::<Small>("{}").unwrap_err().to_string().contains("missing field `a`"));
    }
}
