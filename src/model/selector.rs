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

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split_whitespace().filter_map(|it| it.split_once('='));
        pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    #[test]
    fn everything_that_a_selector_asks_has_to_hold() {
        let zone = |test| Requirement {
            key: "zone".to_owned(),
            test,
        };
        let check = |own: &str, tests: Vec<LabelTest>, want: [bool; 3]| {
            let selector = LabelSelector {
                expressions: tests.into_iter().map(zone).collect(),
                ..LabelSelector::of_labels(labels(own))
            };
            let got = ["app=a zone=x", "app=a zone=y", "app=a"];
            let got = got.map(|it| selector.matches(&labels(it)));
            assert_eq!(got, want, "{selector:?}");
        };
        let xz = || vec!["x".to_owned(), "z".to_owned()];
        check("", vec![], [true; 3]);
        check("app=a", vec![], [true; 3]);
        check("app=b", vec![], [false; 3]);
        check("app=a zone=y", vec![], [false, true, false]);
        check("", vec![LabelTest::In(xz())], [true, false, false]);
        check("", vec![LabelTest::NotIn(xz())], [false, true, true]);
        check("", vec![LabelTest::Exists], [true, true, false]);
        check("", vec![LabelTest::DoesNotExist], [false, false, true]);
        check("app=b", vec![LabelTest::Exists], [false; 3]);
        let both = vec![LabelTest::Exists, LabelTest::NotIn(xz())];
        check("app=a", both, [false, true, false]);
    }
}
