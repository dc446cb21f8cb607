//! Who hears of a write: controllers, kubelets, and whoever places pods.

use super::super::recorder::Recorder;
use super::{Event, World, rank};
use crate::api::{NodeChange, Notice, PodChange};
use crate::fault::PodLabel;
use crate::model::{Deletion, PodId};

impl World {
    pub(super) fn schedule(&mut self, pod: PodId, wake: Option<crate::node::Wake>) {
        if let Some(wake) = wake {
            let event = Event::Wake {
                pod,
                stamp: wake.stamp,
            };
            self.events.push(self.now + wake.after, rank::POD, event);
        }
    }

    /// Tells everybody who watches of the writes since the last time.
    pub(super) fn spread(&mut self, recorder: &mut impl Recorder) {
        if !self.api.has_notices() {
            return;
        }
        let mut notices = std::mem::take(&mut self.notices);
        self.api.take_notices(&mut notices);
        for notice in &notices {
            recorder.wrote(self.now, &self.api, notice);
            self.jobs.observe(self.now, &self.api, notice);
            self.ttl.observe(&self.api, notice);
            if let Notice::Job(id, _) = notice {
                let job = self.api.job(*id);
                if job.gone || job.status.finished().is_some() {
                    self.ended.insert(id.0);
                }
            }
            self.gc.observe(&self.api, notice);
            if let Some(cluster) = &mut self.cluster {
                cluster.observe(self.now, &self.api, notice);
                self.placing.observe(self.now, &self.api, notice);
            }
            self.tell_node(notice);
        }
        notices.clear();
        self.notices = notices;
    }

    /// New pods get a script or a place, pods asked to terminate hear of it.
    fn tell_node(&mut self, notice: &Notice) {
        if let (Notice::Node(id, NodeChange::Added), Some(living)) = (notice, &mut self.living) {
            let name = self.api.node(*id).map_or("", |it| &it.node.name);
            living.node_joined(name);
        }
        if let Notice::Node(id, NodeChange::Gone) = notice {
            self.background_lost(*id);
        }
        let Notice::Pod(change) = notice else { return };
        if change.old.is_none() {
            self.pod_appears(change);
        }
        if self.lives(change.id) {
            return self.tell_kubelet(change);
        }
        let Some(new) = &change.new else { return };
        let bound_before = change.old.is_some_and(|old| old.is_bound());
        if self.cluster.is_some() && new.is_bound() && !bound_before {
            self.at_once(Event::TakeUp { pod: change.id });
        }
        let asked_before = change.old.is_some_and(|old| old.deletion.is_some());
        if let Some(deletion) = new.deletion.filter(|it| it.grace > 0 && !asked_before) {
            self.at_once(Event::Stop {
                pod: change.id,
                grace: deletion.grace,
            });
        }
    }

    fn pod_appears(&mut self, change: &PodChange) {
        let Some(new) = &change.new else { return };
        if self.knows_labels {
            let label = PodLabel {
                index: new.index,
                nth: new.nth,
            };
            self.labels.insert((new.job, label), change.id);
        }
        if self.cluster.is_some() {
            self.pods.awaits_node();
        } else if self.lives(change.id) {
            self.pods.awaits_node();
            self.at_once(Event::Place { pod: change.id });
        } else {
            let wake = self.pods.created(new);
            self.schedule(change.id, wake);
        }
    }

    /// A kubelet hears what happens to a pod that is bound to its node.
    fn tell_kubelet(&mut self, change: &PodChange) {
        let pod = change.id;
        let Some(new) = &change.new else {
            if change.old.is_some_and(|old| old.is_bound()) {
                self.at_once(Event::Gone { pod });
            }
            return;
        };
        let bound_before = change.old.is_some_and(|old| old.is_bound());
        // Without nodes a pod is taken up where it is bound.
        if self.cluster.is_some() && new.is_bound() && !bound_before {
            self.at_once(Event::TakeUp { pod });
        }
        let before = change.old.and_then(|old| old.deletion);
        match new.deletion {
            Some(Deletion { grace, .. }) if new.is_bound() && new.deletion != before => {
                self.at_once(Event::Stop { pod, grace });
            }
            _ => {}
        }
    }

    fn at_once(&mut self, event: Event) {
        self.events.push(self.now, rank::POD, event);
    }
}
