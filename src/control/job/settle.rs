//! Counting: how a finished pod gets into the status, and how the Job ends (section 5).
//!
//! The order of writes is what makes counting safe: first the status with the pods' names in it,
//! then their finalizers go, then the names become numbers. Whatever fails in between, the next
//! sync carries on without counting a pod twice (J54).

use super::decision::{Decision, Settlement};
use super::rules::Verdict;
use super::stock::{self, Candidate, Standing};
use super::sync::{Stage, Surroundings, Sync};
use crate::api::{Refusal, Request, StoredJob};
use crate::model::{Condition, ConditionType, JobEvent, PodId};

/// At most so many pods are counted in a sync (J52).
pub(crate) const MOST_UNCOUNTED: usize = 500;

impl Sync {
    /// Works out the new status, and writes it if it is one.
    pub(super) fn settle(&mut self, env: &mut Surroundings<'_>) {
        let stored = env.api.job(self.job);
        let status = &stored.status;
        self.dirty |= self.active != status.active
            || Some(self.ready) != status.ready
            || Some(self.terminating) != status.terminating;
        self.draft.active = self.active;
        self.draft.ready = Some(self.ready);
        self.draft.terminating = Some(self.terminating);
        let stock = std::mem::take(&mut self.stock);
        self.count_settled(|pod| stock.has_candidate(pod));
        self.stock = stock;
        self.walk(stored);
        if stored.job.spec.is_indexed() {
            self.list_indexes(stored);
        }
        self.mark_ending(env);
        self.stage = Stage::Flush;
        if self.dirty {
            self.ask_for_write();
        }
    }

    fn ask_for_write(&mut self) {
        self.group.push(Request::UpdateStatus {
            job: self.job,
            revision: self.revision,
        });
    }

    /// Moves uncounted pods that no longer have their finalizer into the counters.
    fn count_settled(&mut self, has_finalizer: impl Fn(PodId) -> bool) {
        let draft = &mut self.draft;
        for (list, counter) in [
            (&mut draft.uncounted_succeeded, &mut draft.succeeded),
            (&mut draft.uncounted_failed, &mut draft.failed),
        ] {
            let before = list.len();
            list.retain(|pod| has_finalizer(*pod));
            *counter += stock::as_count(before - list.len());
            self.dirty |= before != list.len();
        }
    }

    /// J50–J53: goes through the pods with a finalizer and settles those it can.
    fn walk(&mut self, stored: &StoredJob) {
        let mut pods = std::mem::take(&mut self.stock.candidates);
        let all = self.deleting || self.verdict.is_some();
        if all && !self.taken_down.is_empty() {
            pods.append(&mut self.taken_down);
            pods.sort_unstable_by_key(|it| it.id);
        }
        if stored.job.spec.is_indexed() {
            // Completed indexes are to be noted in their order.
            pods.sort_by_key(|it| it.index);
        }
        let mut new_indexes = 0;
        for it in &pods {
            if !(all || self.can_be_settled(it)) {
                continue;
            }
            self.removals.push(it.id);
            new_indexes += usize::from(self.enter(stored, it));
            let uncounted =
                self.draft.uncounted_succeeded.len() + self.draft.uncounted_failed.len();
            if new_indexes + uncounted >= MOST_UNCOUNTED {
                self.capped = true;
                break;
            }
        }
        pods.sort_unstable_by_key(|it| it.id);
        self.stock.candidates = pods;
    }

    /// Whether the pod has ended and its index does not need it any more.
    fn can_be_settled(&self, it: &Candidate) -> bool {
        match it.standing {
            Standing::Succeeded => true,
            Standing::Failed(_) => {
                let held = it.index.and_then(|index| self.stock.held_for(index));
                held.is_none_or(|held| held.id != it.id)
            }
            Standing::Unfinished => false,
        }
    }

    /// Enters a pod into the books; whether it brought a new completed index.
    fn enter(&mut self, stored: &StoredJob, it: &Candidate) -> bool {
        let (spec, status) = (&stored.job.spec, &stored.status);
        let counted_as_failed = status.uncounted_failed.contains(&it.id);
        let fails = self.verdict.is_some_and(|it| self.fails(it));
        let valid = stock::index_is_valid(spec, it.index);
        let mut new_index = false;
        let how = match it.standing {
            Standing::Succeeded if !counted_as_failed => {
                if let Some(index) = it.index.filter(|_| spec.is_indexed() && valid) {
                    new_index = !status.completed_indexes.contains(index);
                    self.dirty |= new_index;
                    if new_index {
                        Settlement::Succeeded
                    } else {
                        Settlement::AlreadySucceeded
                    }
                } else if spec.is_indexed() {
                    Settlement::Uncounted
                } else {
                    if !status.uncounted_succeeded.contains(&it.id) {
                        self.dirty = true;
                        self.draft.uncounted_succeeded.push(it.id);
                    }
                    Settlement::Succeeded
                }
            }
            Standing::Failed(Some(rule)) if valid => Settlement::Ignored(rule),
            Standing::Failed(_) | Standing::Succeeded if valid => Settlement::Failed,
            Standing::Unfinished if valid && fails => Settlement::FailedUnfinished,
            _ => Settlement::Uncounted,
        };
        let fails = matches!(how, Settlement::Failed | Settlement::FailedUnfinished);
        if fails && !counted_as_failed && it.standing != Standing::Succeeded {
            self.dirty = true;
            self.draft.uncounted_failed.push(it.id);
        }
        self.decisions.push(Decision::Settles { pod: it.id, how });
        new_index
    }

    /// Whether a pod that has not ended counts as failed under this verdict: it does not when the
    /// Job has met its success criteria (J32).
    fn fails(&self, verdict: Verdict) -> bool {
        verdict.condition(self.interim) != ConditionType::SuccessCriteriaMet
    }

    /// Writes down which indexes have succeeded and failed, and how many (J55, J56).
    fn list_indexes(&mut self, stored: &StoredJob) {
        let status = &stored.status;
        let bound = self.draft.index_bound;
        self.draft.succeeded = self.stock.succeeded;
        self.draft
            .completed
            .extend_from_slice(&self.stock.completed);
        let cut = |last: Option<u32>| last.is_some_and(|last| last >= bound);
        self.dirty |= !self.draft.completed.is_empty() || cut(status.completed_indexes.last());
        if stored.job.spec.backoff_limit_per_index.is_none() {
            self.dirty |= self.draft.failed_indexes.take().is_some();
            return;
        }
        let list = self.draft.failed_indexes.get_or_insert_default();
        list.extend_from_slice(&self.stock.failed_indexes);
        self.dirty |= match &status.failed_indexes {
            Some(before) => !list.is_empty() || cut(before.last()),
            None => true,
        };
    }

    /// J30: adds the interim condition, and prepares the final one.
    fn mark_ending(&mut self, env: &Surroundings<'_>) {
        let Some(verdict) = self.verdict else { return };
        let (kind, cause) = (verdict.condition(self.interim), verdict.cause());
        let interim = Condition {
            kind,
            status: true,
            cause,
            at: self.judged,
        };
        self.finish = Some(match kind {
            ConditionType::FailureTarget => {
                self.draft.conditions.push(interim);
                self.dirty = true;
                Condition {
                    kind: ConditionType::Failed,
                    at: env.now.wire(),
                    ..interim
                }
            }
            ConditionType::SuccessCriteriaMet => {
                if !matches!(verdict, Verdict::Succeeding(..)) {
                    self.draft.conditions.push(interim);
                    self.dirty = true;
                }
                Condition {
                    kind: ConditionType::Complete,
                    at: env.now.wire(),
                    ..interim
                }
            }
            _ => interim,
        });
    }

    /// The first status write is answered: the pods' finalizers can go.
    pub(super) fn flushed(&mut self, env: &mut Surroundings<'_>) {
        if self.failed {
            self.stage = Stage::Done;
            return;
        }
        if self.dirty {
            self.note_written();
            env.view.backoff = self.backoff;
            self.dirty = false;
        }
        self.stage = Stage::RemoveFinalizers;
        for pod in &self.removals {
            env.view.expectations.expect_removal(*pod);
            self.group.push(Request::RemoveFinalizer(*pod));
        }
    }

    fn note_written(&mut self) {
        // The answer carries the Job as written: what this write added is there now.
        self.revision += 1;
        self.draft.completed.clear();
        if let Some(list) = &mut self.draft.failed_indexes {
            list.clear();
        }
    }

    /// Takes the answer to the removal of a finalizer.
    pub(super) fn finalizer_removed(
        &mut self,
        env: &mut Surroundings<'_>,
        pod: PodId,
        answer: Result<Option<PodId>, Refusal>,
    ) {
        match answer {
            Ok(_) => self.removed.push(pod),
            Err(refusal) => {
                env.view.expectations.removal_observed(pod);
                if refusal == Refusal::NotFound {
                    self.removed.push(pod);
                } else {
                    self.failed = true;
                }
            }
        }
    }

    /// All finalizers that could be removed are: counts them, and ends the Job if nothing is left
    /// to wait for.
    pub(super) fn finalizers_removed(&mut self, env: &mut Surroundings<'_>) {
        let mut removed = std::mem::take(&mut self.removed);
        removed.sort_unstable();
        let stock = std::mem::take(&mut self.stock);
        self.count_settled(|pod| stock.has_candidate(pod) && removed.binary_search(&pod).is_err());
        self.stock = stock;
        self.removed = removed;
        if self.failed {
            self.stage = if self.dirty {
                Stage::FlushPart
            } else {
                Stage::Done
            };
            if self.dirty {
                self.ask_for_write();
            }
            return;
        }
        self.enact(env);
        self.stage = Stage::FlushEnd;
        if self.dirty {
            self.ask_for_write();
        }
    }

    /// Adds the final condition, unless pods are still uncounted or terminating.
    fn enact(&mut self, env: &Surroundings<'_>) {
        let uncounted = self.draft.uncounted_succeeded.len() + self.draft.uncounted_failed.len();
        let terminating = self.interim && self.terminating > 0;
        let Some(finish) = self
            .finish
            .filter(|_| !self.capped && uncounted == 0 && !terminating)
        else {
            self.finish = None;
            return;
        };
        self.draft.conditions.push(Condition {
            at: env.now.wire(),
            ..finish
        });
        if finish.kind == ConditionType::Complete {
            self.draft.completion_time = Some(finish.at);
        }
        self.dirty = true;
    }

    /// The last status write is answered.
    pub(super) fn ended(&mut self, env: &Surroundings<'_>) {
        self.stage = Stage::Done;
        let Some(finish) = self.finish.filter(|_| !self.failed) else {
            return;
        };
        if finish.kind == ConditionType::Complete {
            let completions = env.api.job(self.job).job.spec.completions;
            if completions.is_some_and(|completions| self.draft.succeeded > completions) {
                self.announced.push(JobEvent::TooManySucceededPods);
            }
            self.announced.push(JobEvent::Completed);
        } else {
            self.announced.push(JobEvent::Failed(finish.cause));
        }
    }
}
