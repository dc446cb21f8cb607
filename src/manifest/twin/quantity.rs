//! Quantities, which are texts or plain numbers, and ports, which are numbers or names.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Map;
use crate::model::{self, WrittenQuantity};

/// A quantity as it is written; empty for a `null`, which means 0.
#[derive(Clone, Debug, Default)]
pub(in crate::manifest) struct Quantity(pub(in crate::manifest) String);

impl Quantity {
    /// Its value.
    pub(in crate::manifest) fn exact(&self) -> model::Quantity {
        model::Quantity::parse(&self.0).unwrap_or_default()
    }

    /// The form in which Kubernetes writes it.
    pub(in crate::manifest) fn canonical(&self) -> String {
        let written = self.0.parse::<WrittenQuantity>();
        written.map_or_else(|_| "0".to_owned(), |it| it.to_string())
    }

    /// Whether it is not a whole number, as Go finds it: what has more digits than it keeps in a
    /// machine word is counted in thousandths all the same, and the upper digits are lost.
    pub(in crate::manifest) fn is_fractional(&self) -> bool {
        let milli = self.exact().milli();
        if milli.abs() < i64::MAX {
            return milli % 1000 != 0;
        }
        let whole = self.canonical().parse::<i128>();
        let lost = |n: i128| {
            let bytes = n.wrapping_mul(1000).to_le_bytes();
            bytes
                .first_chunk()
                .map_or(0, |low| i64::from_le_bytes(*low))
        };
        whole.is_ok_and(|n| n.abs() >= 10_i128.pow(18) && lost(n) % 1000 != 0)
    }

    /// Thousandths are the smallest amounts that pods know.
    pub(in crate::manifest) fn round_up_to_milli(&mut self) {
        if let Ok(written) = self.0.parse::<WrittenQuantity>() {
            self.0 = written.rounded_up_to_milli().to_string();
        }
    }

    /// The sum of amounts that are no finer than thousandths, in the form of this one, or of the
    /// other where this is nothing.
    pub(in crate::manifest) fn plus(&self, other: &Self) -> Self {
        let (one, two) = (self.exact(), other.exact());
        if two == model::Quantity::ZERO {
            return self.clone();
        } else if one == model::Quantity::ZERO {
            return other.clone();
        }
        let milli = one.milli().saturating_add(two.milli());
        let binary = self.canonical().ends_with('i');
        let kibi = 1024 * 1000;
        Self(if binary && milli % kibi == 0 {
            format!("{}Ki", milli / kibi)
        } else {
            format!("{milli}m")
        })
    }
}

/// Two texts of the same amount are equal.
impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        let amount = |it: &Self| model::Quantity::parse(if it.0.is_empty() { "0" } else { &it.0 });
        self.0 == other.0 || amount(self).is_some() && amount(self) == amount(other)
    }
}

/// Amounts by resource.
pub(in crate::manifest) type Quantities = Map<Quantity>;

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

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.canonical())
    }
}

/// A number, or the name of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum IntOrString {
    Int(i32),
    Text(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = IntOrString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<IntOrString, E> {
                Ok(IntOrString::Text(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<IntOrString, E> {
                let n = i32::try_from(n).map_err(|_| E::custom("more than 32 bits"))?;
                Ok(IntOrString::Int(n))
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<IntOrString, E> {
                let n = i32::try_from(n).map_err(|_| E::custom("more than 32 bits"))?;
                Ok(IntOrString::Int(n))
            }
        }

        from.deserialize_any(Either)
    }
}

impl Serialize for IntOrString {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(n) => to.serialize_i32(*n),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}
