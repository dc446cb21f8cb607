//! Writes of pods: creation, patches, and removal once nothing holds them.

use super::{ApiServer, Notice, PodChange, Refusal};
use crate::base::{Instant, Span};
use crate::model::{Deletion, JobId, Pod, PodId};

impl ApiServer {
    /// Creates a pod for the Job, owned by it and with the tracking finalizer.
    pub fn create_pod(
        &mut self,
        now: Instant,
        job: JobId,
        index: Option<u32>,
        failures: Option<u32>,
        ignored: Option<u32>,
    ) -> PodId {
        let id = PodId(self.pods_created());
        let stored = &mut self.jobs[job.slot()];
        let pod = Pod {
            job,
            index,
            nth: stored.numbering.next(index),
            created: now.wire(),
            finalizer: true,
            owned: true,
            matches: true,
            index_failures: failures,
            ignored_failures: ignored,
            ..Pod::default()
        };
        stored.pods.insert(id.0);
        self.pods.push(pod);
        self.live.insert(id.0);
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: None,
            new: Some(pod),
        }));
        id
    }

    /// Changes a pod as a client with a fresh copy would, and removes it if that took away the
    /// last thing that held it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone.
    pub fn patch_pod(&mut self, id: PodId, change: impl FnOnce(&mut Pod)) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let pod = &mut self.pods[id.slot()];
        let old = *pod;
        change(pod);
        let new = *pod;
        let held = new.finalizer || !matches!(new.deletion, Some(Deletion { grace: 0, .. }));
        if held {
            self.notices.push(Notice::Pod(PodChange {
                id,
                old: Some(old),
                new: Some(new),
            }));
        } else {
            self.remove_pod(id, old);
        }
        Ok(())
    }

    /// Deletes a pod: one that is bound and has not ended gets its grace period, any other goes
    /// at once or waits for its finalizers only (J65, P50). `grace` overrides the pod's own
    /// period. A second request can only shorten the wait, and says by how much (P51).
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the pod is gone.
    pub fn delete_pod(
        &mut self,
        now: Instant,
        id: PodId,
        grace: Option<u32>,
    ) -> Result<(), Refusal> {
        if !self.pod_exists(id) {
            return Err(Refusal::NotFound);
        }
        let old = self.pods[id.slot()];
        let deletion = match old.deletion {
            None => self.first_deletion(now, &old, grace),
            Some(earlier) => match shortened(now, earlier, grace) {
                Some(deletion) => deletion,
                None => return Ok(()),
            },
        };
        if deletion.grace == 0 && !old.finalizer {
            self.remove_pod(id, old);
            return Ok(());
        }
        if old.deletion == Some(deletion) {
            return Ok(());
        }
        let pod = &mut self.pods[id.slot()];
        pod.deletion = Some(deletion);
        let new = *pod;
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: Some(old),
            new: Some(new),
        }));
        Ok(())
    }

    fn first_deletion(&self, now: Instant, pod: &Pod, grace: Option<u32>) -> Deletion {
        let template = &self.job(pod.job).job.spec.template;
        let grace = if pod.is_bound() && !pod.phase.is_final() {
            grace.unwrap_or(template.termination_grace_period_seconds)
        } else {
            0
        };
        let at = (now + Span::from_secs(i64::from(grace))).wire();
        Deletion { at, grace }
    }

    /// Takes a pod out of the store for good.
    fn remove_pod(&mut self, id: PodId, old: Pod) {
        self.live.remove(id.0);
        self.leave_node(id, &old);
        self.jobs[old.job.slot()].pods.remove(id.0);
        self.notices.push(Notice::Pod(PodChange {
            id,
            old: Some(old),
            new: None,
        }));
    }
}

/// What a second request makes of a deletion; `None` for nothing.
fn shortened(now: Instant, earlier: Deletion, grace: Option<u32>) -> Option<Deletion> {
    if earlier.grace == 0 {
        return Some(earlier);
    }
    let grace = grace.filter(|grace| *grace < earlier.grace)?;
    let saved = Span::from_secs(i64::from(earlier.grace - grace));
    let at = earlier.at.instant() - saved;
    Some(if at < now {
        // The grace period has passed already; who stops the pod still has to hear of it.
        Deletion {
            at: now.wire(),
            grace: grace.min(1),
        }
    } else {
        Deletion {
            at: at.wire(),
            grace,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Job, Node, Phase, Release};
    use std::sync::Arc;

    /// P50, P51, section 14.13: requests as `SECOND` or `SECOND:GRACE`, and when the pod is to be
    /// gone, with the grace period it is left with.
    #[test]
    fn later_requests_only_shorten_the_wait() {
        for (phase, requests, left) in [
            (Phase::Running, "10", "40/30"),
            (Phase::Running, "10 20", "40/30"),
            (Phase::Running, "10 20:40", "40/30"),
            (Phase::Running, "10 12:5", "15/5"),
            (Phase::Running, "10 20:5", "20/1"),
            (Phase::Running, "10 20:0", "20/0"),
            (Phase::Running, "10 20:0 30:0 30", "20/0"),
            (Phase::Running, "10:0", "10/0"),
            (Phase::Succeeded, "10", "10/0"),
            (Phase::Pending, "10", "40/30"),
        ] {
            let mut api = ApiServer::new(Release::LATEST);
            let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: \
                       {spec: {restartPolicy: Never, containers: [{name: m, image: m}]}}}}";
            let job = Arc::new(Job::from_yaml(job).unwrap());
            let job = api.create_job(Instant::ORIGIN, job);
            let node = api.create_node(Instant::ORIGIN, Arc::new(Node::named("n")));
            let id = api.create_pod(Instant::ORIGIN, job, None, None, None);
            api.bind_pod(id, node).unwrap();
            api.patch_pod(id, |pod| pod.phase = phase).unwrap();
            for request in requests.split(' ') {
                let (at, grace) = request.split_once(':').unwrap_or((request, ""));
                let at = Instant::ORIGIN + Span::from_secs(at.parse().unwrap());
                api.delete_pod(at, id, grace.parse().ok()).unwrap();
            }
            let Deletion { at, grace } = api.pod(id).deletion.unwrap();
            assert_eq!(format!("{}/{grace}", at.secs()), left, "{requests}");
        }
    }
}
