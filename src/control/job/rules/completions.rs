//! `completions`: a Job with as many successes as wanted, and no active pod, is Complete.
//!
//! J28. A work queue (no completions) is done when one pod has succeeded and all have ended.

use super::{Case, Rule, Verdict};
use crate::model::{Cause, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::Completions,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let enough = match case.spec().completions {
        Some(completions) => case.succeeded >= completions,
        None => case.succeeded > 0,
    };
    let interim = case.api.behavior().interim_conditions;
    let why = if interim {
        Cause::CompletionsReached
    } else {
        Cause::Plain
    };
    (enough && case.active == 0).then_some(Verdict::Succeed(why))
}
