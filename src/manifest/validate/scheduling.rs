//! `spec.scheduling`: gangs of pods. The gate is off in every release, so that only Jobs which were
//! stored with it have it.

use serde_json::Value;

use super::finding::Findings;
use crate::manifest::twin::JobSpec;

/// A gang cannot be larger than the parallelism.
pub(super) fn check(path: &str, spec: &JobSpec, found: &mut Findings) {
    let least = spec.scheduling.as_ref().and_then(|scheduling| {
        let least = scheduling.pointer("/schedulingPolicy/gang/minCount")?;
        least.as_i64()
    });
    let parallelism = spec.parallelism.unwrap_or(1);
    if let Some(least) = least.filter(|least| *least > i64::from(parallelism)) {
        let field = format!("{path}.scheduling.schedulingPolicy.gang.minCount");
        let text = format!("must not be greater than parallelism ({parallelism})");
        found.invalid(&field, &least, &text);
    }
}

/// A policy cannot become one of the other kind.
pub(super) fn changed(new: &JobSpec, old: &JobSpec, found: &mut Findings) {
    let policy = |spec: &JobSpec| {
        let policy = spec.scheduling.as_ref()?.get("schedulingPolicy")?;
        policy
            .is_object()
            .then(|| policy.get("basic").is_some_and(|it| !it.is_null()))
    };
    if let (Some(new), Some(old)) = (policy(new), policy(old)) {
        if new != old {
            let text = "the basic/gang policy variant is immutable after creation; only \
                        schedulingPolicy.gang.minCount may be updated";
            found.invalid("spec.scheduling.schedulingPolicy", &(), text);
        }
    }
}

/// What is told after everything else: the field as a whole may neither be changed nor removed.
pub(super) fn declared(path: &str, new: &JobSpec, old: Option<&JobSpec>, found: &mut Findings) {
    let old = old.and_then(|it| it.scheduling.as_ref());
    let new = new.scheduling.as_ref();
    let field = format!("{path}.scheduling");
    match (new, old) {
        (Some(_), _) if new != old => found.forbidden_field(&field),
        (None, Some(_)) => {
            found.invalid(&field, &Value::Null, "field cannot be cleared once set");
        }
        _ => {}
    }
}
