//! Trees become types without a detour: the numbers, texts and places stay where they are.

use serde::Deserialize;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::node::{Kind, Node};

/// Reads a tree as a type. What its words for an error are does not matter much: the schema has
/// told of wrong types before.
pub(super) fn typed<'de, T: Deserialize<'de>>(node: &'de Node) -> Result<T, String> {
    T::deserialize(Tree(node)).map_err(|error| error.to_string())
}

#[derive(Clone, Copy)]
struct Tree<'de>(&'de Node);

impl<'de> IntoDeserializer<'de> for Tree<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Int(n) => visitor.visit_i64(*n),
            Kind::Uint(n) => visitor.visit_u64(*n),
            Kind::Float(x) => visitor.visit_f64(*x),
            Kind::Text(text) => visitor.visit_borrowed_str(text),
            Kind::List(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Tree))),
            Kind::Map(map) => {
                let pair = map.entries.iter();
                let pairs = pair.map(|entry| (entry.key.as_str(), Tree(&entry.value)));
                visitor.visit_map(MapDeserializer::new(pairs))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
