//! What may change in a stored Job, and what may not (A.4 of the rules of admission).

use super::finding::Findings;
use super::job::is_indexed;
use crate::manifest::twin::{Affinity, Container, JobSpec, JobStatus, PodSpec};
use crate::model::Check;

/// The new specification of a stored Job.
pub(super) fn check(new: &JobSpec, old: &JobSpec, status: &JobStatus, found: &mut Findings) {
    completions(new, old, found);
    found.immutable("spec.selector", &new.selector, &old.selector);
    template(new, old, status, found);
    found.immutable(
        "spec.completionMode",
        &new.completion_mode,
        &old.completion_mode,
    );
    let (policy, old_policy) = (&new.pod_failure_policy, &old.pod_failure_policy);
    found.immutable("spec.podFailurePolicy", policy, old_policy);
    let (limit, old_limit) = (&new.backoff_limit_per_index, &old.backoff_limit_per_index);
    found.immutable("spec.backoffLimitPerIndex", limit, old_limit);
    found.immutable("spec.managedBy", &new.managed_by, &old.managed_by);
    found.immutable(
        "spec.successPolicy",
        &new.success_policy,
        &old.success_policy,
    );
}

/// The completions of an Indexed Job may follow its parallelism; others may not change.
fn completions(new: &JobSpec, old: &JobSpec, found: &mut Findings) {
    let field = "spec.completions";
    if !is_indexed(new) {
        return found.immutable(field, &new.completions, &old.completions);
    }
    let changed = new.completions != old.completions;
    if new.completions.is_some() && changed && new.completions != new.parallelism {
        let text = "can only be modified in tandem with spec.parallelism";
        found.invalid(field, &new.completions, text);
        found.help("give `parallelism` the same value, or leave `completions` as they were");
    }
}

/// What of its template a suspended Job may change.
struct Freedom {
    /// Where its pods may run.
    scheduling: bool,
    /// What its containers ask for.
    resources: bool,
}

impl Freedom {
    fn of(old: &JobSpec, status: &JobStatus, found: &Findings) -> Self {
        let suspended = old.suspend == Some(true);
        let not_started = status.start_time.is_none();
        if !found.has(Check::MutableSuspendedTemplates) {
            return Self {
                scheduling: suspended && not_started,
                resources: false,
            };
        }
        let paused = status.has_condition("Suspended")
            || not_started && found.has(Check::UnstartedCountsAsSuspended);
        let free = suspended && paused && status.active == 0;
        Self {
            scheduling: free,
            resources: free,
        }
    }
}

fn template(new: &JobSpec, old: &JobSpec, status: &JobStatus, found: &mut Findings) {
    let freedom = Freedom::of(old, status, found);
    let mut kept = old.template.clone();
    if freedom.scheduling {
        let (spec, new_spec) = (&mut kept.spec, &new.template.spec);
        affinity(&mut spec.affinity, new_spec.affinity.as_ref());
        spec.node_selector.clone_from(&new_spec.node_selector);
        spec.tolerations.clone_from(&new_spec.tolerations);
        spec.scheduling_gates.clone_from(&new_spec.scheduling_gates);
        let (meta, new_meta) = (&mut kept.metadata, &new.template.metadata);
        meta.annotations.clone_from(&new_meta.annotations);
        meta.labels.clone_from(&new_meta.labels);
    }
    if freedom.resources {
        resources(&mut kept.spec, &new.template.spec);
        found.immutable("spec.template.spec", &new.template.spec, &kept.spec);
    } else {
        found.immutable("spec.template", &new.template, &kept);
    }
}

/// Node affinity may change; other affinities may not.
fn affinity(kept: &mut Option<Affinity>, new: Option<&Affinity>) {
    match (kept.as_mut(), new) {
        (Some(old), None) => {
            old.node_affinity = None;
            if *old == Affinity::default() {
                *kept = None;
            }
        }
        (None, Some(new)) => {
            *kept = Some(Affinity {
                node_affinity: new.node_affinity.clone(),
                ..Affinity::default()
            });
        }
        (Some(old), Some(new)) => old.node_affinity.clone_from(&new.node_affinity),
        (None, None) => {}
    }
}

/// Containers of the same names in the same places may ask for other amounts.
fn resources(kept: &mut PodSpec, new: &PodSpec) {
    let take = |kept: &mut [Container], new: &[Container]| {
        if kept.len() == new.len() {
            for (kept, new) in kept.iter_mut().zip(new) {
                if kept.name == new.name {
                    kept.resources.clone_from(&new.resources);
                }
            }
        }
    };
    take(&mut kept.containers, &new.containers);
    take(&mut kept.init_containers, &new.init_containers);
}
