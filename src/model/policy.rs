//! The rules of a pod failure policy and of a success policy.

use crate::base::IndexSet;

/// A rule of `spec.podFailurePolicy`: the first that matches a failed pod decides (J58).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRule {
    /// What the match leads to.
    pub action: FailureAction,
    /// What it matches.
    pub on: FailureMatch,
}

/// `action` of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureAction {
    /// The Job fails at once.
    FailJob,
    /// The pod's index fails at once.
    FailIndex,
    /// The failure does not count against a limit.
    Ignore,
    /// The failure counts, as without a policy.
    Count,
}

/// What a failure rule looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FailureMatch {
    /// `onExitCodes`: exit codes other than 0 of terminated containers.
    ExitCodes {
        /// The one container it is about; `None` for any.
        container: Option<String>,
        /// In or not in.
        operator: Operator,
        /// The codes, none of them 0 with [`Operator::In`].
        values: Vec<i32>,
    },
    /// `onPodConditions`: a condition's type and status, any of these.
    PodConditions(Vec<(String, String)>),
}

/// `onExitCodes.operator`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
}

/// A rule of `spec.successPolicy` (J27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuccessRule {
    /// The indexes it is about; `None` for any.
    pub succeeded_indexes: Option<IndexSet>,
    /// How many of them are enough; `None` for all.
    pub succeeded_count: Option<u32>,
}
