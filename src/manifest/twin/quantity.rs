//! Quantities, which are texts or plain numbers.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// A quantity as it is written; empty for a `null`, which means 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::manifest) struct Quantity(pub(in crate::manifest) String);

/// Amounts by resource.
pub(in crate::manifest) type Quantities = BTreeMap<String, Option<Quantity>>;

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Written;

        impl Visitor<'_> for Written {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity")
            }

            fn visit_str<E>(self, text: &str) -> Result<Quantity, E> {
                Ok(Quantity(text.to_owned()))
            }

            fn visit_i64<E>(self, n: i64) -> Result<Quantity, E> {
                Ok(Quantity(n.to_string()))
            }

            fn visit_u64<E>(self, n: u64) -> Result<Quantity, E> {
                Ok(Quantity(n.to_string()))
            }

            fn visit_f64<E>(self, x: f64) -> Result<Quantity, E> {
                Ok(Quantity(format!("{x:?}")))
            }
        }

        from.deserialize_any(Written)
    }
}
