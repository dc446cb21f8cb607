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
    pub succeeded_indexes: Option<IndexList>,
    /// How many of them are enough; `None` for all.
    pub succeeded_count: Option<u32>,
}

/// A list of completion indexes, as written and as understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexList {
    /// Such as `0-2,5`.
    pub text: String,
    /// The indexes it names.
    pub set: IndexSet,
}

/// What the API server finds when it counts the indexes of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexCount {
    /// How many indexes the list names.
    pub total: i64,
    /// The largest of them; -1 if there is none.
    pub largest: i64,
}

impl IndexList {
    /// Reads a list as the API server does when it validates one: numbers and intervals, strictly
    /// increasing, each below `completions`.
    ///
    /// # Errors
    ///
    /// What the API server says is wrong with it.
    pub fn count(text: &str, completions: i64) -> Result<IndexCount, String> {
        let mut read = IndexCount {
            total: 0,
            largest: -1,
        };
        let mut previous: Option<i64> = None;
        for fragment in text.split(',').filter(|_| !text.is_empty()) {
            let parts: Vec<&str> = fragment.split('-').collect();
            if parts.len() > 2 {
                return Err(format!(
                    "the fragment {fragment:?} violates the requirement that an index interval \
                     can have at most two parts separated by '-'"
                ));
            }
            let first = index(parts[0], completions)?;
            if let Some(previous) = previous.filter(|previous| *previous >= first) {
                return Err(format!(
                    "non-increasing order, previous: {previous}, current: {first}"
                ));
            }
            let last = match parts.get(1) {
                Some(end) => index(end, completions)?,
                None => first,
            };
            if parts.len() == 2 && first >= last {
                return Err(format!(
                    "non-increasing order, previous: {first}, current: {last}"
                ));
            }
            read.total += last - first + 1;
            read.largest = last;
            previous = Some(last);
        }
        Ok(read)
    }
}

fn index(text: &str, completions: i64) -> Result<i64, String> {
    let number = text
        .parse::<i64>()
        .map_err(|_| format!("cannot convert string to integer for index: {text:?}"))?;
    if number >= completions {
        return Err(format!("too large index: {text:?}"));
    }
    Ok(number)
}
