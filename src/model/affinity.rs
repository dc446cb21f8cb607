//! Where pods want to be: on which nodes, near which other pods or far from them, and how evenly
//! spread.

use super::selector::LabelSelector;
use std::collections::BTreeMap;

/// `affinity` of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affinity {
    /// `nodeAffinity`, required: one of these has to hold; `None` asks for nothing.
    pub required: Option<Vec<NodeTerm>>,
    /// `nodeAffinity`, preferred.
    pub preferred: Vec<PreferredNodes>,
    /// `podAffinity`, required: all of these have to hold.
    pub near: Vec<PodTerm>,
    /// `podAffinity`, preferred.
    pub rather_near: Vec<PreferredPods>,
    /// `podAntiAffinity`, required: none of these may hold.
    pub apart: Vec<PodTerm>,
    /// `podAntiAffinity`, preferred.
    pub rather_apart: Vec<PreferredPods>,
}

/// What a node has to be like: everything here has to hold, and a term that asks nothing matches
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeTerm {
    /// `matchExpressions`: what is asked of the node's labels.
    pub labels: Vec<NodeRequirement>,
    /// `matchFields`: what is asked of its name.
    pub fields: Vec<NodeRequirement>,
}

/// A term that makes a node more welcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferredNodes {
    /// `weight`, from 1 to 100.
    pub weight: u32,
    /// `preference`
    pub term: NodeTerm,
}

/// One thing that is asked of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRequirement {
    /// `key`
    pub key: String,
    /// `operator` with its `values`.
    pub test: NodeTest,
}

/// What is asked of a node's label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeTest {
    /// It is there with one of the values.
    In(Vec<String>),
    /// It is not there, or with none of the values.
    NotIn(Vec<String>),
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
    /// It is a whole number above this one; `None` is no number, and nothing is above it.
    Gt(Option<i64>),
    /// It is a whole number below this one; `None` is no number, and nothing is below it.
    Lt(Option<i64>),
    /// An operator that does not exist: nothing passes.
    Unknown,
}

/// Pods near which a pod has to be, or may not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodTerm {
    /// `topologyKey`: near is where this label of the nodes has the same value.
    pub topology_key: String,
    /// `labelSelector`; `None` means no pod.
    pub selector: Option<LabelSelector>,
    /// `namespaces`
    pub namespaces: Vec<String>,
    /// `namespaceSelector`; if neither is there, the pod's own namespace is meant.
    pub namespace_selector: Option<LabelSelector>,
    /// `matchLabelKeys`: labels that these pods have in common with this one.
    pub match_label_keys: Vec<String>,
    /// `mismatchLabelKeys`: labels that these pods do not have in common with this one.
    pub mismatch_label_keys: Vec<String>,
}

/// Pods near which a pod would rather be, or rather not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferredPods {
    /// `weight`, from 1 to 100.
    pub weight: u32,
    /// `podAffinityTerm`
    pub term: PodTerm,
}

/// One of `topologySpreadConstraints`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpreadConstraint {
    /// `maxSkew`: by how many pods the places may differ, at least 1.
    pub max_skew: u32,
    /// `topologyKey`: a place is where this label of the nodes has the same value.
    pub topology_key: String,
    /// `whenUnsatisfiable: DoNotSchedule`; else it is only a wish.
    pub hard: bool,
    /// `labelSelector`: which pods are counted; `None` means none.
    pub selector: Option<LabelSelector>,
    /// `minDomains`: with fewer places than these the emptiest counts as empty.
    pub min_domains: u32,
    /// `nodeAffinityPolicy: Honor`: nodes that the pod cannot choose do not count.
    pub honors_affinity: bool,
    /// `nodeTaintsPolicy: Honor`: nodes whose taints the pod does not bear do not count.
    pub honors_taints: bool,
    /// `matchLabelKeys`: labels that the counted pods have in common with this one.
    pub match_label_keys: Vec<String>,
}

/// A port of the node that a container takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// `hostPort`
    pub port: u16,
    /// `protocol`: `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// `hostIP`; empty or `0.0.0.0` for all addresses.
    pub ip: String,
}

impl HostPort {
    /// Whether both cannot be had at once.
    #[must_use]
    pub fn collides_with(&self, other: &Self) -> bool {
        let everywhere = |it: &Self| it.ip.is_empty() || it.ip == "0.0.0.0";
        let meet = everywhere(self) || everywhere(other) || self.ip == other.ip;
        meet && self.port == other.port && self.protocol == other.protocol
    }
}

impl NodeTerm {
    /// The field that tells a node's name, the only one that can be asked for.
    pub const NAME: &'static str = "metadata.name";

    /// Whether a node of that name and with those labels is meant.
    #[must_use]
    pub fn matches(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        let asks = !(self.labels.is_empty() && self.fields.is_empty());
        let field = |it: &NodeRequirement| {
            let value = (it.key == Self::NAME).then_some(name);
            it.test.holds(value)
        };
        let label = |it: &NodeRequirement| it.test.holds(labels.get(&it.key).map(String::as_str));
        asks && self.labels.iter().all(label) && self.fields.iter().all(field)
    }

    /// The names to which the term limits nodes, if it does.
    #[must_use]
    pub fn names(&self) -> Option<Vec<&str>> {
        let mut names: Option<Vec<&str>> = None;
        for field in self.fields.iter().filter(|it| it.key == Self::NAME) {
            if let NodeTest::In(values) = &field.test {
                let these = values.iter().map(String::as_str);
                names = Some(match names {
                    None => these.collect(),
                    Some(earlier) => these.filter(|it| earlier.contains(it)).collect(),
                });
            }
        }
        names
    }
}

impl NodeTest {
    /// Whether a label of that value, or the lack of one, passes.
    #[must_use]
    pub fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|it| it.parse::<i64>().ok());
        match self {
            Self::In(values) => value.is_some_and(|it| values.iter().any(|one| one == it)),
            Self::NotIn(values) => value.is_none_or(|it| !values.iter().any(|one| one == it)),
            Self::Exists => value.is_some(),
            Self::DoesNotExist => value.is_none(),
            Self::Gt(bound) => bound.zip(number()).is_some_and(|(bound, it)| it > bound),
            Self::Lt(bound) => bound.zip(number()).is_some_and(|(bound, it)| it < bound),
            Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S13, Q4 of the scheduler's rules.
    #[test]
    fn operators_say_what_passes() {
        let some = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for (test, want) in [
            (NodeTest::In(some(&["7", "x"])), [true, true, false, false]),
            (NodeTest::NotIn(some(&["7"])), [false, true, true, true]),
            (NodeTest::Exists, [true, true, true, false]),
            (NodeTest::DoesNotExist, [false, false, false, true]),
            (NodeTest::Gt(Some(6)), [true, false, false, false]),
            (NodeTest::Lt(Some(7)), [false, false, true, false]),
            (NodeTest::Lt(None), [false; 4]),
            (NodeTest::Unknown, [false; 4]),
        ] {
            let got = [Some("7"), Some("x"), Some("-1"), None].map(|it| test.holds(it));
            assert_eq!(got, want, "{test:?}");
        }
    }

    #[test]
    fn a_term_that_asks_nothing_matches_nothing() {
        let labels = BTreeMap::new();
        assert!(!NodeTerm::default().matches("a", &labels));
        let named = |names: &[&str]| NodeRequirement {
            key: NodeTerm::NAME.to_owned(),
            test: NodeTest::In(names.iter().map(|it| (*it).to_owned()).collect()),
        };
        let term = NodeTerm {
            fields: vec![named(&["a", "b"]), named(&["b", "c"])],
            ..NodeTerm::default()
        };
        assert!(term.matches("b", &labels) && !term.matches("a", &labels));
        assert_eq!(term.names(), Some(vec!["b"]));
    }

    #[test]
    fn ports_collide_on_a_common_address() {
        let port = |ip: &str, protocol: &str| HostPort {
            port: 80,
            protocol: protocol.to_owned(),
            ip: ip.to_owned(),
        };
        for (one, other, want) in [
            (port("", "TCP"), port("10.0.0.1", "TCP"), true),
            (port("10.0.0.1", "TCP"), port("10.0.0.2", "TCP"), false),
            (port("10.0.0.1", "TCP"), port("10.0.0.1", "TCP"), true),
            (port("0.0.0.0", "TCP"), port("", "UDP"), false),
        ] {
            assert_eq!(one.collides_with(&other), want, "{one:?} {other:?}");
        }
    }
}
