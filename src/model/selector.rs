//! Which objects are meant, by their labels.

use std::collections::BTreeMap;

/// A label selector: all of it has to hold. One that asks nothing matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// `matchLabels`
    pub labels: BTreeMap<String, String>,
    /// `matchExpressions`
    pub expressions: Vec<Requirement>,
}

/// One of `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// `key`
    pub key: String,
    /// `operator` with its `values`.
    pub test: LabelTest,
}

/// What is asked of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelTest {
    /// It is there with one of the values.
    In(Vec<String>),
    /// It is not there, or with none of the values.
    NotIn(Vec<String>),
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

impl LabelSelector {
    /// The selector of objects with all these labels.
    #[must_use]
    pub fn of_labels(labels: BTreeMap<String, String>) -> Self {
        Self {
            labels,
            expressions: Vec::new(),
        }
    }

    /// Whether an object with those labels is meant.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let has = |(key, value)| labels.get(key) == Some(value);
        self.labels.iter().all(has) && self.expressions.iter().all(|one| one.matches(labels))
    }
}

impl Requirement {
    /// Whether it holds for those labels.
    #[must_use]
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let own = labels.get(&self.key);
        match &self.test {
            LabelTest::In(values) => own.is_some_and(|own| values.contains(own)),
            LabelTest::NotIn(values) => own.is_none_or(|own| !values.contains(own)),
            LabelTest::Exists => own.is_some(),
            LabelTest::DoesNotExist => own.is_none(),
        }
    }
}
