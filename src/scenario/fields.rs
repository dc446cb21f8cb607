//! The fields of a mapping that has been held against its table, read one by one.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::check::below;
use super::leaf::{self, Ranges};
use super::times::When;
use crate::base::{Chance, Law, Span};
use crate::manifest::Flaw;
use crate::model::{Amount, Quantity, Resources};
use crate::sim::PodLabel;

/// What is found to be wrong while fields are read.
#[derive(Debug, Default)]
pub(super) struct Flaws(RefCell<Vec<Flaw>>);

impl Flaws {
    pub(super) fn push(&self, flaw: Flaw) {
        self.0.borrow_mut().push(flaw);
    }

    pub(super) fn take(&self) -> Vec<Flaw> {
        self.0.take()
    }
}

/// A mapping, and where it stands.
///
/// Its values fit the table, so that `None` means that a field is not there.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    map: Option<&'a Mapping>,
    path: String,
    flaws: &'a Flaws,
}

/// A value that may be a mapping, or one value in its place.
#[derive(Debug)]
pub(super) enum Either<'a> {
    Short(&'a Value),
    Long(Fields<'a>),
}

impl<'a> Fields<'a> {
    pub(super) fn new(value: &'a Value, path: impl Into<String>, flaws: &'a Flaws) -> Self {
        Self {
            map: value.as_mapping(),
            path: path.into(),
            flaws,
        }
    }

    /// Where the mapping stands.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Where a field stands.
    pub(super) fn at(&self, name: &str) -> String {
        below(&self.path, name)
    }

    /// Says what is wrong with a field; `""` is the whole mapping.
    pub(super) fn flaw(&self, name: &str, words: impl Into<String>) {
        self.tell(Flaw::new(self.place(name), words));
    }

    fn place(&self, name: &str) -> String {
        match name {
            "" => self.path.clone(),
            name => self.at(name),
        }
    }

    /// Says what is wrong, with its place.
    pub(super) fn tell(&self, flaw: Flaw) {
        self.flaws.push(flaw);
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.and_then(|map| map.get(name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// All fields as they are.
    pub(super) fn mapping(&self) -> Mapping {
        self.map.cloned().unwrap_or_default()
    }

    fn read<T>(&self, name: &str, read: impl Fn(&'a Value) -> Result<T, String>) -> Option<T> {
        match read(self.value(name)?) {
            Ok(value) => Some(value),
            Err(words) => {
                self.flaw(name, words);
                None
            }
        }
    }

    pub(super) fn time(&self, name: &str) -> Option<Span> {
        self.read(name, leaf::decode::<super::times::Time>)
            .map(|it| it.0)
    }

    /// `None` if it is not told, `Some(None)` for never.
    #[allow(clippy::option_option)] // not told, never, and a time
    pub(super) fn when(&self, name: &str) -> Option<Option<Span>> {
        match self.read(name, leaf::decode::<When>)? {
            When::Untold => None,
            When::Never => Some(None),
            When::After(span) => Some(Some(span)),
        }
    }

    pub(super) fn law(&self, name: &str) -> Option<Law> {
        self.read(name, leaf::law)
    }

    pub(super) fn chance(&self, name: &str) -> Option<Chance> {
        self.read(name, leaf::chance)
    }

    pub(super) fn quantity(&self, name: &str) -> Option<Quantity> {
        self.read(name, leaf::quantity)
    }

    /// Whole units of an amount, such as bytes, rounded up.
    pub(super) fn units(&self, name: &str) -> Option<u64> {
        let units = self.quantity(name)?.units();
        Some(u64::try_from(units).unwrap_or(0))
    }

    pub(super) fn amount(&self, name: &str) -> Option<Amount> {
        self.read(name, leaf::amount)
    }

    pub(super) fn ranges(&self, name: &str) -> Option<Ranges> {
        self.read(name, leaf::ranges)
    }

    pub(super) fn whole<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        T::try_from(self.value(name)?.as_i64()?).ok()
    }

    /// Whether it is told, and true.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.value(name)?.as_str()
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn pod(&self, name: &str) -> Option<PodLabel> {
        self.read(name, leaf::label)
    }

    pub(super) fn table(&self, name: &str) -> Option<Fields<'a>> {
        let value = self.value(name)?;
        Some(Self::new(value, self.at(name), self.flaws))
    }

    /// A mapping that stands somewhere in this one.
    pub(super) fn below(&self, value: &'a Value, path: String) -> Fields<'a> {
        Self::new(value, path, self.flaws)
    }

    /// One value or a mapping.
    pub(super) fn either(&self, name: &str) -> Option<Either<'a>> {
        let value = self.value(name)?;
        Some(self.sides(value, self.at(name)))
    }

    fn sides(&self, value: &'a Value, path: String) -> Either<'a> {
        if value.is_mapping() {
            Either::Long(Self::new(value, path, self.flaws))
        } else {
            Either::Short(value)
        }
    }

    /// The values of a list, or the one value in its place, with their places.
    pub(super) fn values(&self, name: &str) -> Vec<(&'a Value, String)> {
        let path = self.at(name);
        match self.value(name) {
            None => Vec::new(),
            Some(Value::Sequence(items)) => {
                let items = items.iter().enumerate();
                items
                    .map(|(at, it)| (it, format!("{path}[{at}]")))
                    .collect()
            }
            Some(one) => vec![(one, path)],
        }
    }

    /// The mappings of a list, or the one in its place.
    pub(super) fn tables(&self, name: &str) -> Vec<Fields<'a>> {
        let values = self.values(name).into_iter();
        values
            .map(|(value, path)| Self::new(value, path, self.flaws))
            .collect()
    }

    /// The texts of a list, or the one in its place.
    pub(super) fn texts(&self, name: &str) -> Vec<&'a str> {
        let values = self.values(name).into_iter();
        values.filter_map(|(value, _)| value.as_str()).collect()
    }

    /// What names lead to.
    pub(super) fn by_name(&self, name: &str) -> Vec<(&'a str, &'a Value)> {
        let map = self.value(name).and_then(Value::as_mapping);
        let pairs = map.into_iter().flatten();
        pairs
            .filter_map(|(key, value)| Some((key.as_str()?, value)))
            .collect()
    }

    /// The values or mappings that names lead to.
    pub(super) fn sides_by_name(&self, name: &str) -> Vec<(&'a str, Either<'a>)> {
        let side = |(key, value)| {
            let path = format!("{}[{key}]", self.at(name));
            (key, self.sides(value, path))
        };
        self.by_name(name).into_iter().map(side).collect()
    }

    /// Labels, and other texts by name.
    pub(super) fn labels(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.by_name(name).into_iter();
        pairs
            .filter_map(|(key, value)| Some((key.to_owned(), value.as_str()?.to_owned())))
            .collect()
    }

    /// Amounts of resources by name.
    pub(super) fn resources(&self, name: &str) -> Resources {
        let pairs = self.by_name(name).into_iter();
        pairs
            .filter_map(|(key, value)| Some((key, leaf::quantity(value).ok()?)))
            .collect()
    }
}
