//! `podFailurePolicy`: a failed pod that matches a FailJob rule fails the Job at once.
//!
//! J22, KEP-3329. Any failed pod of the Job counts, with its finalizer or without; of several,
//! Kubernetes names an arbitrary one, this model the one created first.

use super::super::policy;
use super::{Case, Rule, Verdict};
use crate::model::{Cause, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::PodFailurePolicy,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let rules = case.spec().pod_failure_policy.as_deref()?;
    let pod = case.fail_job_pods().next()?;
    let found = policy::first_match(rules, case.api, case.api.pod(pod))?;
    Some(Verdict::FailByPolicy(match found.container {
        Some((container, code)) => Cause::FailJobOnExitCode {
            pod,
            container,
            code,
            rule: found.rule,
        },
        None => Cause::FailJobOnCondition {
            pod,
            rule: found.rule,
        },
    }))
}
