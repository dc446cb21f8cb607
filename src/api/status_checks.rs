//! What the API server checks of a Job's status before it stores it (J62): transitions that no
//! correct controller asks for, and one that the controllers up to 1.35 do (J43).
//!
//! Each check is a row with the condition under which the server looks at all: most only when
//! the fields they are about change, so that a status written by an older release can stay.

use super::status_write::StatusWrite;
use crate::base::WireTime;
use crate::model::{Behavior, Condition, ConditionType, JobSpec, JobStatus};
use ConditionType::{Complete, Failed, FailureTarget, SuccessCriteriaMet, Suspended};

/// Both sides of a status write.
struct Case<'a> {
    behavior: &'a Behavior,
    spec: &'a JobSpec,
    old: &'a JobStatus,
    new: &'a StatusWrite,
    problems: Vec<String>,
}

/// The problems the server finds, in its order; none means that the write is accepted.
pub(super) fn check(
    behavior: &Behavior,
    spec: &JobSpec,
    old: &JobStatus,
    new: &StatusWrite,
) -> Vec<String> {
    if is_plain(spec, old, new) {
        return Vec::new();
    }
    let mut case = Case {
        behavior,
        spec,
        old,
        new,
        problems: Vec::new(),
    };
    if behavior.strict_status {
        case.final_conditions();
        case.finished_job();
        case.index_lists();
        case.ready_pods();
    }
    if behavior.checks_success_criteria {
        case.success_criteria();
    }
    if behavior.strict_status {
        case.transitions();
    }
    if behavior.checks_success_criteria {
        case.success_criteria_transitions();
    }
    case.problems
}

/// Whether a glance shows that nothing can be wrong: a Job without conditions, before and after,
/// whose counters do not go back. Nearly all writes are of that kind.
fn is_plain(spec: &JobSpec, old: &JobStatus, new: &StatusWrite) -> bool {
    old.conditions.is_empty()
        && new.conditions.is_empty()
        && old.completion_time.is_none()
        && new.completion_time.is_none()
        && old.failed_indexes.is_none()
        && new.failed_indexes.is_none()
        && (new.completed.is_empty() || spec.is_indexed())
        && new.ready.unwrap_or(0) <= new.active
        && new.failed >= old.failed
        && new.succeeded >= old.succeeded
        && (old.start_time.is_none() || old.start_time == new.start_time)
}

fn holds(list: &[Condition], kind: ConditionType) -> bool {
    list.iter()
        .any(|condition| condition.kind == kind && condition.status)
}

fn finished(list: &[Condition]) -> bool {
    holds(list, Complete) || holds(list, Failed)
}

fn secs(time: Option<WireTime>) -> i32 {
    time.map_or(0, WireTime::secs)
}

impl Case<'_> {
    fn refuse_if(&mut self, refused: bool, text: impl FnOnce() -> String) {
        if refused {
            self.problems.push(text());
        }
    }

    fn is(&self, kind: ConditionType) -> bool {
        holds(&self.new.conditions, kind)
    }

    fn was(&self, kind: ConditionType) -> bool {
        holds(&self.old.conditions, kind)
    }

    fn changed(&self, kind: ConditionType) -> bool {
        self.is(kind) != self.was(kind)
    }

    fn finish_changed(&self) -> bool {
        finished(&self.new.conditions) != finished(&self.old.conditions)
    }

    fn final_conditions(&mut self) {
        let (complete, failed) = (self.changed(Complete), self.changed(Failed));
        let (start, end) = (self.new.start_time, self.new.completion_time);
        let end_changed = end != self.old.completion_time;
        let start_changed = start != self.old.start_time;
        let failed_indexes = self.failed_indexes_change();
        let criteria = self.changed(SuccessCriteriaMet);
        let is = |kind| holds(&self.new.conditions, kind);
        let rows = [
            (
                (complete || failed) && is(Complete) && is(Failed),
                "status.conditions: Invalid value: cannot set Complete=True and Failed=true \
                 conditions",
            ),
            (
                (complete || self.changed(FailureTarget)) && is(Complete) && is(FailureTarget),
                "status.conditions: Invalid value: cannot set Complete=True and \
                 FailureTarget=true conditions",
            ),
            (
                (complete || end_changed) && end.is_some() && !is(Complete),
                "status.completionTime: Invalid value: cannot set completionTime when there is \
                 no Complete=True condition",
            ),
            (
                (complete || end_changed) && end.is_none() && is(Complete),
                "status.completionTime: Required value: completionTime is required for \
                 Complete jobs",
            ),
            (
                (start_changed || end_changed)
                    && start.is_some()
                    && end.is_some()
                    && secs(end) < secs(start),
                "status.completionTime: Invalid value: must be equal to or after `startTime`",
            ),
            (
                (failed || failed_indexes) && is(Failed) && !is(FailureTarget),
                "status.conditions: Invalid value: cannot set Failed=True condition without \
                 the FailureTarget=true condition",
            ),
            (
                (complete || criteria) && is(Complete) && !is(SuccessCriteriaMet),
                "status.conditions: Invalid value: cannot set Complete=True condition without \
                 the SuccessCriteriaMet=true condition",
            ),
        ];
        for (refused, text) in rows {
            self.refuse_if(refused, || text.to_owned());
        }
    }

    fn finished_job(&mut self) {
        let done = finished(&self.new.conditions);
        let changes = self.finish_changed();
        let (old, new) = (self.old, self.new);
        self.refuse_if(
            done && new.active > 0 && (changes || new.active != old.active),
            || {
                format!(
                    "status.active: Invalid value: {}: active>0 is invalid for finished job",
                    new.active
                )
            },
        );
        let excused = self.spec.suspend && self.spec.completions == Some(0);
        let start_changed = new.start_time != old.start_time;
        self.refuse_if(
            done && new.start_time.is_none() && (changes || start_changed) && !excused,
            || {
                "status.startTime: Required value: startTime is required for finished job"
                    .to_owned()
            },
        );
        let uncounted = new.uncounted_succeeded.len() + new.uncounted_failed.len();
        let uncounted_changed = new.uncounted_succeeded != old.uncounted_succeeded
            || new.uncounted_failed != old.uncounted_failed;
        self.refuse_if(
            done && uncounted > 0 && (changes || uncounted_changed),
            || {
                "status.uncountedTerminatedPods: Invalid value: must be empty for finished job"
                    .to_owned()
            },
        );
    }

    fn failed_indexes_change(&self) -> bool {
        match (&self.new.failed_indexes, &self.old.failed_indexes) {
            (Some(more), Some(list)) => {
                !more.is_empty() || list.last().is_some_and(|last| last >= self.new.index_bound)
            }
            (new, old) => new.is_some() != old.is_some(),
        }
    }

    fn index_lists(&mut self) {
        let failed = self.new.failed_indexes.as_deref();
        let listed = !self.new.completed.is_empty();
        let (spec, old) = (self.spec, self.old);
        self.refuse_if(listed && !spec.is_indexed(), || {
            "status.completedIndexes: Invalid value: cannot set non-empty completedIndexes when \
             non-indexed completion mode"
                .to_owned()
        });
        self.refuse_if(
            failed.is_some() && spec.backoff_limit_per_index.is_none(),
            || {
                "status.failedIndexes: Invalid value: cannot set non-null failedIndexes when \
             backoffLimitPerIndex is null"
                    .to_owned()
            },
        );
        let Some(failed) = failed else { return };
        // Only what this write adds can overlap: the lists as stored did not.
        let completed = &self.new.completed;
        let overlap = failed
            .iter()
            .find(|index| old.completed_indexes.contains(**index) || completed.contains(index))
            .or_else(|| {
                let stored = old.failed_indexes.as_ref()?;
                completed.iter().find(|index| stored.contains(**index))
            });
        if let Some(index) = overlap {
            self.problems.push(format!(
                "status.failedIndexes: Invalid value: failedIndexes and completedIndexes overlap \
                 at index: {index}"
            ));
        }
    }

    fn ready_pods(&mut self) {
        let (old, new) = (self.old, self.new);
        let terminating = new.terminating.unwrap_or(0);
        let looked_at = self.finish_changed() || new.terminating != old.terminating;
        self.refuse_if(looked_at && terminating > 0 && finished(&new.conditions), || {
            format!(
                "status.terminating: Invalid value: {terminating}: terminating>0 is invalid for \
                 finished job"
            )
        });
        let ready = new.ready.unwrap_or(0);
        let looked_at = new.ready != old.ready || new.active != old.active;
        self.refuse_if(looked_at && ready > new.active, || {
            format!("status.ready: Invalid value: {ready}: cannot set more ready pods than active")
        });
    }

    fn success_criteria(&mut self) {
        let met = self.is(SuccessCriteriaMet);
        let policy = self.spec.success_policy.is_some();
        let rows = [
            (
                met && self.is(Failed),
                "cannot set SuccessCriteriaMet=True and Failed=true conditions",
            ),
            (
                met && self.is(FailureTarget),
                "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions",
            ),
            (
                policy && !met && self.is(Complete),
                "cannot set Complete=True for Job with SuccessPolicy unless \
                 SuccessCriteriaMet=True",
            ),
        ];
        for (refused, text) in rows {
            self.refuse_if(refused, || {
                format!("status.conditions: Invalid value: {text}")
            });
        }
    }

    fn transitions(&mut self) {
        for kind in [Failed, Complete, FailureTarget] {
            self.refuse_if(self.was(kind) && !self.is(kind), || {
                format!(
                    "status.conditions: Invalid value: cannot disable the terminal {}=True \
                     condition",
                    kind.as_str()
                )
            });
        }
        let (old, new, spec) = (self.old, self.new, self.spec);
        self.refuse_if(new.failed < old.failed, || {
            format!(
                "status.failed: Invalid value: {}: cannot decrease the failed counter",
                new.failed
            )
        });
        let elastic = spec.is_indexed() && spec.completions == Some(spec.parallelism);
        self.refuse_if(new.succeeded < old.succeeded && !elastic, || {
            format!(
                "status.succeeded: Invalid value: {}: cannot decrease the succeeded counter",
                new.succeeded
            )
        });
        let (end, ended) = (new.completion_time, old.completion_time);
        self.refuse_if(end.is_some() && ended.is_some() && end != ended, || {
            "status.completionTime: Invalid value: field is immutable".to_owned()
        });
        let resumed = self.was(Suspended)
            && new
                .conditions
                .iter()
                .any(|it| it.kind == Suspended && !it.status);
        let started = old.start_time.is_some() && old.start_time != new.start_time;
        let immutable = self.behavior.clears_start_time;
        self.refuse_if(started && !resumed && !spec.suspend, || {
            if immutable {
                "status.startTime: Invalid value: field is immutable for unsuspended job once set"
                    .to_owned()
            } else {
                "status.startTime: Required value: startTime cannot be removed for unsuspended \
                 job"
                .to_owned()
            }
        });
    }

    fn success_criteria_transitions(&mut self) {
        let (was, is) = (self.was(SuccessCriteriaMet), self.is(SuccessCriteriaMet));
        self.refuse_if(was && !is, || {
            "status.conditions: Invalid value: cannot disable the SuccessCriteriaMet=True \
             condition"
                .to_owned()
        });
        self.refuse_if(self.was(Complete) && !was && is, || {
            "status.conditions: Invalid value: cannot set SuccessCriteriaMet=True for Job \
             already has Complete=true conditions"
                .to_owned()
        });
    }
}
