//! `backoffLimit`: more failures than allowed fail the Job.
//!
//! J23. Failed pods count where pods are replaced; where containers are restarted
//! (`restartPolicy: OnFailure`), so do the restarts of all pods that have not ended.

use super::{Case, Rule, Verdict};
use crate::model::{Cause, RestartPolicy, RuleId};

pub(super) const RULE: Rule = Rule {
    id: RuleId::BackoffLimit,
    judge,
};

fn judge(case: &Case<'_>) -> Option<Verdict> {
    let limit = case.spec().backoff_limit;
    let restarts = match case.spec().template.restart_policy {
        RestartPolicy::OnFailure => case.restarts,
        RestartPolicy::Never => 0,
    };
    let over = case.failed > limit || too_many_restarts(restarts, limit);
    over.then_some(Verdict::Fail(Cause::BackoffLimitExceeded))
}

/// The limit itself is already too many, but no restart at all is never too many.
fn too_many_restarts(restarts: u64, limit: u32) -> bool {
    restarts > 0 && restarts >= u64::from(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_restarts_as_the_limit_are_too_many() {
        for (restarts, limit, too_many) in [
            (0, 0, false),
            (1, 0, true),
            (2, 3, false),
            (3, 3, true),
            (4, 3, true),
        ] {
            assert_eq!(
                too_many_restarts(restarts, limit),
                too_many,
                "{restarts} of {limit}"
            );
        }
    }
}
