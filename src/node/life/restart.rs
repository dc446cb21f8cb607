//! Whether a container that has ended is started again.
//!
//! P20, P33, P34, P45, P47. Sidecars always; other containers by the first of their own rules that
//! matches, then by their own policy, then by the pod's. Before 1.35 only the pod's counts.

use crate::model::{
    Behavior, Container, ContainerRestart, Exit, ExitReason, PodTemplate, RestartAction,
    RestartPolicy,
};

/// Whether a container that ended with that code is started again.
pub(super) fn restarts(
    template: &PodTemplate,
    spec: &Container,
    facts: &Behavior,
    code: i16,
) -> bool {
    if spec.sidecar {
        return true;
    }
    if let Some(policy) = spec.restart.filter(|_| facts.restart_rules) {
        let action = matching(spec, code);
        let decided = match action {
            Some(RestartAction::Restart) => true,
            Some(RestartAction::RestartAllContainers) => facts.restart_all,
            None => false,
        };
        return decided
            || match policy {
                ContainerRestart::Always => true,
                ContainerRestart::OnFailure => code != 0,
                ContainerRestart::Never => false,
            };
    }
    template.restart_policy == RestartPolicy::OnFailure && code != 0
}

/// Whether that end starts all containers again (P34).
pub(super) fn restarts_all(spec: &Container, facts: &Behavior, code: i16) -> bool {
    facts.restart_all
        && facts.restart_rules
        && spec.restart.is_some()
        && matching(spec, code) == Some(RestartAction::RestartAllContainers)
}

/// Whether a container is started again that a probe had killed: it has no exit code yet, so its
/// rules do not count.
pub(super) fn restarts_after_kill(
    template: &PodTemplate,
    spec: &Container,
    facts: &Behavior,
) -> bool {
    let own = spec.restart.filter(|_| facts.restart_rules);
    spec.sidecar
        || match own {
            Some(policy) => policy != ContainerRestart::Never,
            None => template.restart_policy == RestartPolicy::OnFailure,
        }
}

/// Whether an init container has not done what it is for (P45).
pub(super) fn init_failed(exit: Exit) -> bool {
    exit.code != 0 || exit.reason == ExitReason::OomKilled
}

fn matching(spec: &Container, code: i16) -> Option<RestartAction> {
    let rule = spec
        .restart_rules
        .iter()
        .find(|rule| rule.matches(i32::from(code)))?;
    Some(rule.action)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Operator, Release, RestartRule};

    fn container(restart: Option<ContainerRestart>, rules: &[(RestartAction, i32)]) -> Container {
        let rule = |(action, code): &(RestartAction, i32)| RestartRule {
            action: *action,
            operator: Operator::In,
            values: vec![*code],
        };
        Container {
            restart,
            restart_rules: rules.iter().map(rule).collect(),
            ..Container::default()
        }
    }

    fn pod(restart_policy: RestartPolicy) -> PodTemplate {
        PodTemplate {
            restart_policy,
            ..PodTemplate::default()
        }
    }

    #[test]
    fn p20_never_never_and_on_failure_after_failures_only() {
        let (plain, facts) = (container(None, &[]), Release::LATEST.behavior());
        for (policy, code, want) in [
            (RestartPolicy::Never, 0, false),
            (RestartPolicy::Never, 1, false),
            (RestartPolicy::OnFailure, 0, false),
            (RestartPolicy::OnFailure, 1, true),
        ] {
            assert_eq!(restarts(&pod(policy), &plain, &facts, code), want);
        }
    }

    /// Release, the container's own policy, its rule (`42` restarts it, `42!` all), exit code.
    fn check(case: &str, want: bool) {
        let words: Vec<&str> = case.split(' ').collect();
        let release: Release = words[0].parse().unwrap();
        let restart = match words[1] {
            "Always" => Some(ContainerRestart::Always),
            "OnFailure" => Some(ContainerRestart::OnFailure),
            "Never" => Some(ContainerRestart::Never),
            _ => None,
        };
        let rule = words[2].trim_end_matches('!').parse().ok().map(|code| {
            if words[2].ends_with('!') {
                (RestartAction::RestartAllContainers, code)
            } else {
                (RestartAction::Restart, code)
            }
        });
        let (spec, facts) = (container(restart, rule.as_slice()), release.behavior());
        let code = words[3].parse().unwrap();
        let got = restarts(&pod(RestartPolicy::Never), &spec, &facts, code);
        assert_eq!(got, want, "{case}");
        let all = facts.restart_all && restart.is_some() && words[2] == format!("{code}!");
        assert_eq!(restarts_all(&spec, &facts, code), all, "{case}");
    }

    #[test]
    fn p33_the_first_rule_then_the_own_policy_then_the_pods() {
        check("1.35 - 42 42", false);
        check("1.35 Never 42 42", true);
        check("1.35 Never 42 1", false);
        check("1.35 Never 0 0", true);
        check("1.35 OnFailure - 1", true);
        check("1.35 OnFailure - 0", false);
        check("1.35 Always - 0", true);
        check("1.34 Always - 1", false);
        check("1.35 Never 3! 3", false);
        check("1.36 Never 3! 3", true);
        check("1.36 Never 3! 4", false);
    }

    #[test]
    fn p33_a_probe_asks_the_policy_and_no_rule() {
        let facts = Release::LATEST.behavior();
        let rules = &[(RestartAction::Restart, 137)];
        let spec = container(Some(ContainerRestart::Never), rules);
        let policy = RestartPolicy::OnFailure;
        assert!(!restarts_after_kill(&pod(policy), &spec, &facts));
        assert!(restarts_after_kill(
            &pod(policy),
            &container(None, &[]),
            &facts
        ));
    }

    #[test]
    fn p47_sidecars_are_always_started_again() {
        let sidecar = Container {
            sidecar: true,
            ..Container::default()
        };
        for release in [Release::V1_31, Release::LATEST] {
            assert!(restarts(
                &pod(RestartPolicy::Never),
                &sidecar,
                &release.behavior(),
                0
            ));
        }
    }

    #[test]
    fn p45_an_init_container_killed_for_memory_has_failed_whatever_its_code() {
        let oom = Exit {
            code: 0,
            reason: ExitReason::OomKilled,
        };
        assert!(init_failed(oom) && init_failed(Exit::with(1)));
        assert!(!init_failed(Exit::COMPLETED));
    }
}
