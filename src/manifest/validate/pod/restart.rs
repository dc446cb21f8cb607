//! Restart policies and rules of containers.

use crate::manifest::twin::Container;
use crate::manifest::validate::finding::Findings;
use crate::manifest::validate::path::Path;
use crate::model::Check;

/// Rules of a container.
const RULES: usize = 20;
/// Exit codes of a rule.
const CODES: usize = 255;

/// Of an init container, or a sidecar.
pub(super) fn of_init(at: &Path, container: &Container, found: &mut Findings) {
    let rules = &container.restart_policy_rules;
    match container.restart_policy.as_deref() {
        None if rules.is_empty() => {}
        None => found.required(&at.child("restartPolicy"), WITHOUT_POLICY),
        Some("Always") if !found.has(Check::RestartRules) => {}
        Some(other) if !found.has(Check::RestartRules) => {
            found.not_supported(&at.child("restartPolicy"), other, &["Always"]);
        }
        Some("Always") if !found.has(Check::RestartAllContainers) => {
            if !rules.is_empty() {
                let text = "restartPolicyRules are not allowed for init containers with restart \
                            policy Always";
                found.forbidden(&at.child("restartPolicyRules"), text);
            }
        }
        Some(_) => check(at, container, found),
    }
}

const WITHOUT_POLICY: &str = "must specify restartPolicy when restart rules are used";

/// Of a container whose policy may be any.
pub(super) fn check(at: &Path, container: &Container, found: &mut Findings) {
    let rules = &container.restart_policy_rules;
    let policy = at.child("restartPolicy");
    match container.restart_policy.as_deref() {
        None if rules.is_empty() => return,
        None => found.required(&policy, WITHOUT_POLICY),
        Some(given) => found.one_of(&policy, given, &["Always", "Never", "OnFailure"]),
    }
    let list = at.child("restartPolicyRules");
    most(&list, rules.len(), RULES, found);
    let actions: &[&str] = if found.has(Check::RestartAllContainers) {
        &["Restart", "RestartAllContainers"]
    } else {
        &["Restart"]
    };
    for (index, rule) in rules.iter().enumerate() {
        let at = list.at(index);
        found.one_of(&at.child("action"), &rule.action, actions);
        let at = at.child("exitCodes");
        match &rule.exit_codes {
            None => found.required(&at, "must be specified"),
            Some(codes) => {
                found.one_of(&at.child("operator"), &codes.operator, &["In", "NotIn"]);
                most(&at.child("values"), codes.values.len(), CODES, found);
            }
        }
    }
}

/// Older releases call too many items too long.
fn most(at: &Path, count: usize, most: usize, found: &mut Findings) {
    if found.has(Check::TooManyItems) {
        found.too_many(at, count, most);
    } else if count > most {
        found.too_long(at, most);
    }
}
