//! Pod failure policy: the first rule that matches a failed pod decides (J58, KEP-3329).

use crate::api::ApiServer;
use crate::model::{ContainerSlot, FailureAction, FailureMatch, FailureRule, Operator, Pod};

/// A rule that matched, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// What the rule asks for.
    pub(super) action: FailureAction,
    /// The rule's place in the policy.
    pub(super) rule: u16,
    /// The container and its exit code, for a rule about exit codes.
    pub(super) container: Option<(u16, i32)>,
}

/// The first rule that matches the pod; `None` means that the failure counts.
pub(super) fn first_match(rules: &[FailureRule], api: &ApiServer, pod: &Pod) -> Option<Match> {
    rules.iter().zip(0u16..).find_map(|(rule, place)| {
        let container = match &rule.on {
            FailureMatch::ExitCodes {
                container,
                operator,
                values,
            } => Some(matching_container(
                api,
                pod,
                container.as_deref(),
                *operator,
                values,
            )?),
            FailureMatch::PodConditions(patterns) => {
                patterns
                    .iter()
                    .any(|(kind, status)| has_condition(pod, kind, status))
                    .then_some(())?;
                None
            }
        };
        Some(Match {
            action: rule.action,
            rule: place,
            container,
        })
    })
}

/// Whether a failure that matched so counts against the limits.
pub(super) fn counts(found: Option<Match>) -> bool {
    found.is_none_or(|found| found.action != FailureAction::Ignore)
}

/// The first container with a matching exit code, init containers after the others (J58). Exit
/// code 0 never matches, not even `NotIn`.
fn matching_container(
    api: &ApiServer,
    pod: &Pod,
    wanted: Option<&str>,
    operator: Operator,
    values: &[i32],
) -> Option<(u16, i32)> {
    let template = &api.job(pod.job).job.spec.template;
    let regular = (0u16..)
        .map(ContainerSlot::Regular)
        .zip(&template.containers);
    let init = (0u16..)
        .map(ContainerSlot::Init)
        .zip(&template.init_containers);
    let mut all = regular.chain(init).zip(0u16..);
    all.find_map(|((slot, container), place)| {
        let code = api.exit_code(pod, slot)?;
        let named = wanted.is_none_or(|name| name == container.name);
        let matches = match operator {
            Operator::In => values.contains(&code),
            Operator::NotIn => !values.contains(&code),
        };
        (named && code != 0 && matches).then_some((place, code))
    })
}

/// The conditions that a pod of this model can have, as the API writes them.
fn has_condition(pod: &Pod, kind: &str, status: &str) -> bool {
    match (kind, status) {
        ("DisruptionTarget", "True") => pod.is_disrupted(),
        ("PodScheduled", "True") => pod.is_bound(),
        ("PodScheduled", "False") => pod.unschedulable,
        ("Ready" | "ContainersReady", "True") => pod.is_ready(),
        ("Ready" | "ContainersReady", "False") => pod.is_bound() && !pod.is_ready(),
        _ => false,
    }
}
