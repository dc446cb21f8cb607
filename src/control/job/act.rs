//! The part of a sync that creates and deletes pods, and takes in how that went.

use super::decision::Decision;
use super::stock::as_count;
use super::sync::{Stage, Surroundings, Sync};
use crate::api::{Refusal, Request};
use crate::model::{JobEvent, PodId, PodRefusal, RuleId};

/// By what events tell refusals apart. Codes whose refusals read the same are the same event.
fn reason(refusal: &Refusal) -> PodRefusal {
    PodRefusal::Status(match refusal {
        Refusal::NotFound => 404,
        Refusal::Stale | Refusal::Exists { .. } => 409,
        Refusal::Invalid { .. } => 422,
        Refusal::Budget { .. } => 429,
        Refusal::SeveralBudgets => 500,
        Refusal::Forbidden { number, .. } => return PodRefusal::Denied(*number),
        Refusal::NamespaceTerminating => 403,
        Refusal::Injected { code, .. } => match code {
            403 | 409 | 500 => *code,
            _ => 503,
        },
    })
}

impl Sync {
    /// J29: an ending Job deletes all its active pods, finalizers stay.
    pub(super) fn delete_active(&mut self, env: &Surroundings<'_>) {
        self.stage = Stage::DeleteActive;
        self.victims.extend(env.view.active.iter().map(PodId));
        self.take_down_active(env, |_| true);
        self.group
            .extend(self.victims.iter().map(|pod| Request::DeletePod(*pod)));
        let rule = RuleId::EndingDeletes;
        self.decisions.extend(
            self.victims
                .iter()
                .map(|pod| Decision::Deletes { pod: *pod, rule }),
        );
    }

    /// Takes the answer to such a deletion: a pod that was gone already is as good as deleted.
    pub(super) fn active_deleted(&mut self, pod: PodId, answer: Result<Option<PodId>, Refusal>) {
        match answer {
            Ok(_) => self.announced.push(JobEvent::SuccessfulDelete(pod)),
            Err(Refusal::NotFound) => {}
            Err(refusal) => {
                self.announced
                    .push(JobEvent::FailedDelete(reason(&refusal)));
                self.undeleted += 1;
                self.troubled = true;
            }
        }
    }

    /// All answers are in: the ending stands only if every active pod was deleted.
    pub(super) fn all_deleted(&mut self, env: &mut Surroundings<'_>) {
        let deleted = as_count(self.victims.len()) - self.undeleted;
        if deleted != self.active || !self.satisfied {
            self.verdict = None;
        }
        let ready = self.ready;
        self.count_deleted(env, deleted, ready);
        self.settle(env);
    }

    /// Moves pods that this sync has deleted from active to terminating (J15).
    fn count_deleted(&mut self, env: &Surroundings<'_>, deleted: u32, ready: u32) {
        self.active -= deleted;
        if env.api.behavior().tracks_own_deletions {
            self.terminating += deleted;
            self.ready -= ready;
        }
    }

    /// J38: deletes the chosen pods, each without its finalizer first, so that it never counts.
    pub(super) fn start_scale_down(&mut self, env: &mut Surroundings<'_>, rule: RuleId) {
        self.stage = Stage::ScaleDown;
        env.view
            .expectations
            .expect_deletions(env.now, self.victims.len());
        self.ready_before.clear();
        let victims = std::mem::take(&mut self.victims);
        for pod in &victims {
            let stored = env.api.pod(*pod);
            self.ready_before.push(stored.is_ready());
            self.group.push(if stored.finalizer {
                Request::RemoveFinalizer(*pod)
            } else {
                Request::DeletePod(*pod)
            });
            self.decisions.push(Decision::Deletes { pod: *pod, rule });
        }
        self.victims = victims;
        if self.active == as_count(self.victims.len()) {
            // Should the Job turn out to be complete, these count as they are now.
            self.take_down_active(env, |_| true);
        }
    }

    /// Takes the answer to the removal of a victim's finalizer.
    pub(super) fn freed(
        &mut self,
        env: &mut Surroundings<'_>,
        pod: PodId,
        answer: &Result<Option<PodId>, Refusal>,
    ) -> Option<Request> {
        match answer {
            Ok(_) => return Some(Request::DeletePod(pod)),
            Err(Refusal::NotFound) => self.removed.push(pod),
            Err(_) => self.troubled = true,
        }
        env.view.expectations.deletion_observed();
        None
    }

    /// Takes the answer to a victim's deletion. Its readiness is taken off even if that failed,
    /// as Kubernetes does.
    pub(super) fn scaled_down(
        &mut self,
        env: &mut Surroundings<'_>,
        place: usize,
        pod: PodId,
        answer: Result<Option<PodId>, Refusal>,
    ) {
        match answer {
            Ok(_) => {
                self.announced.push(JobEvent::SuccessfulDelete(pod));
                self.removed.push(pod);
            }
            Err(refusal) => {
                env.view.expectations.deletion_observed();
                if refusal == Refusal::NotFound {
                    self.removed.push(pod);
                } else {
                    self.announced
                        .push(JobEvent::FailedDelete(reason(&refusal)));
                    self.troubled = true;
                }
            }
        }
        let ready = self.ready_before.get(place).copied().unwrap_or(false);
        if ready && env.api.behavior().tracks_own_deletions {
            self.ready -= 1;
        }
    }

    /// J46: creates the chosen pods in batches of 1, 2, 4 ….
    pub(super) fn start_creation(&mut self, env: &mut Surroundings<'_>) {
        self.stage = Stage::Create;
        env.view
            .expectations
            .expect_creations(env.now, self.newcomers.len());
        self.active += as_count(self.newcomers.len());
        self.created = 0;
        self.batch = 0;
        self.next_batch();
    }

    fn next_batch(&mut self) {
        let left = self.newcomers.len() - self.created;
        self.batch = (self.batch * 2).clamp(1, left.max(1));
        self.batch_troubled = false;
        let batch = &self.newcomers[self.created..][..self.batch.min(left)];
        let job = self.job;
        self.group
            .extend(batch.iter().map(|pod| Request::CreatePod {
                job,
                index: pod.index,
                failures: pod.failures,
                ignored: pod.ignored,
            }));
        self.created += batch.len();
    }

    /// Takes the answer to a creation.
    pub(super) fn pod_created(
        &mut self,
        env: &mut Surroundings<'_>,
        answer: Result<Option<PodId>, Refusal>,
    ) {
        match answer {
            Ok(pod) => self.announced.extend(pod.map(JobEvent::SuccessfulCreate)),
            // P92: no event, no error; the creation stays expected until that lapses.
            Err(Refusal::NamespaceTerminating) => {}
            Err(refusal) => {
                self.announced
                    .push(JobEvent::FailedCreate(reason(&refusal)));
                env.view.expectations.creation_observed();
                self.active -= 1;
                self.batch_troubled = true;
                self.troubled = true;
            }
        }
    }

    /// All answers of a batch or of the deletions are in.
    pub(super) fn scaled(&mut self, env: &mut Surroundings<'_>) {
        let suspend = env.api.job(self.job).job.spec.suspend;
        if self.stage == Stage::ScaleDown {
            let deleted = as_count(self.removed.len());
            self.removed.clear();
            self.count_deleted(env, deleted, 0);
            return self.scale_over(env, true, suspend);
        }
        let left = self.newcomers.len() - self.created;
        if left > 0 && self.batch_troubled {
            // The rest would likely fail as well: the next sync starts over.
            env.view.expectations.creations_observed(left);
            self.active -= as_count(left);
        } else if left > 0 {
            return self.next_batch();
        }
        self.scale_over(env, true, suspend);
    }
}
