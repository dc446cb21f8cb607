//! What ends or upsets a pod from outside: deletes, the kubelet's own decisions, a node that loses
//! its power, its network or its kubelet.
//!
//! P13, P50–P52, P56, P62, P65a, P85, P86.

use super::container::{Ended, State, View};
use super::start::Volumes;
use super::status::{Shown, ShownState};
use super::{Life, Sandbox, Scene, Stage, Work};
use crate::base::Instant;
use crate::model::{ContainerSlot, Disruption, Exit, Phase, PodNews, PodReason};
use crate::node::surroundings::Outside;

/// How a kubelet ends a pod that nobody has deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// `status.reason`, unless all containers exit with 0 (P13).
    pub reason: PodReason,
    /// Reason of a condition DisruptionTarget, which comes with the final phase (P11).
    pub disruption: Option<Disruption>,
    /// Seconds between stop signal and kill, if not the pod's own.
    pub grace: Option<u32>,
    /// Whether the records of exited containers are deleted as soon as a relist shows them: so
    /// it is with evictions and preemption (P65a).
    pub loses_records: bool,
}

impl Life {
    /// A delete was seen, with so many seconds of grace.
    pub(in crate::node) fn stop<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, grace: u32) {
        self.deleted = true;
        self.grace = Some(self.grace.map_or(grace, |known| known.min(grace)).max(1));
        self.terminate(scene);
        if self.is_over() {
            self.delete(scene);
        }
    }

    /// A process is struck down: it ends now, as if by itself.
    pub(in crate::node) fn strike<O: Outside>(
        &mut self,
        scene: &Scene<'_, '_, O>,
        slot: ContainerSlot,
        exit: Exit,
    ) {
        let place = (0..self.containers.len()).find(|place| scene.slot(*place) == slot);
        let hit = place.map(|place| &mut self.containers[place]);
        if let Some(it) = hit.filter(|it| it.is_running() && !self.off) {
            it.turn = scene.now;
            it.exit = Some(exit);
        }
    }

    /// The object is gone: nothing is written any more, and what runs is stopped.
    pub(in crate::node) fn removed<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.gone = true;
        self.unsent = false;
        self.write_at = Instant::NEVER;
        self.deleted = true;
        self.terminate(scene);
        let runs = self.containers.iter().any(super::ContainerLife::is_running);
        let idle = matches!(self.work, Work::None | Work::Unmounting { .. });
        if self.off || (idle && !runs) {
            self.work = Work::None;
            self.stage = Stage::Over;
        }
    }

    /// The kubelet ends the pod.
    pub(in crate::node) fn end<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        ending: Ending,
    ) {
        if self.stage != Stage::Syncing || self.condemned {
            return;
        }
        self.ending = Some(ending);
        if let Some(grace) = ending.grace {
            self.grace = Some(self.grace.map_or(grace, |known| known.min(grace)).max(1));
        }
        scene.news(self.id, PodNews::Ending(ending.reason));
        self.terminate(scene);
    }

    /// What the kubelet's own ending writes before the containers are stopped.
    pub(super) fn apply_ending<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let Some(ending) = self.ending else { return };
        if self.status.phase.is_final() || scene.cx.api.pod(self.id).phase.is_final() {
            return;
        }
        self.status.phase = Phase::Failed;
        self.status.reason = Some(ending.reason);
        // Nothing of this is shown before the containers are stopped.
        self.status.disruption = ending.disruption;
    }

    /// The records that a relist has cost since the pod's ending began (P65a).
    pub(super) fn lose_records(&mut self, now: Instant) {
        if !self.ending.is_some_and(|ending| ending.loses_records) {
            return;
        }
        let relist = self.relist;
        for it in &mut self.containers {
            let ShownState::Running { .. } = it.shown.state else {
                continue;
            };
            if let View::Exited(Ended { at, .. }) = it.view() {
                if relist.at_or_after(at) < now {
                    it.forget();
                    it.lost += 1;
                    it.shown = Shown {
                        state: ShownState::Terminated(Exit::STATUS_UNKNOWN, None),
                        restarts: it.shown.restarts + 1,
                    };
                    self.unsent = true;
                }
            }
        }
    }

    /// The node's machine is off: its processes are gone, and nobody notices.
    pub(in crate::node) fn power_off<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.off = true;
        for place in 0..self.containers.len() {
            if self.containers[place].is_running() {
                let run = self.run(scene, place);
                scene.cx.outside.ended(scene.now, &run, Exit::LOST);
            }
        }
    }

    /// The machine is on again: the runtime reports what it lost, the kubelet remembers nothing,
    /// and the sandbox is not there (P46, P85).
    pub(in crate::node) fn power_on<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let now = scene.now;
        self.off = false;
        self.connected = true;
        for place in 0..self.containers.len() {
            let it = &mut self.containers[place];
            it.stop = super::Stop::No;
            if it.is_running() {
                it.end(now, Exit::LOST);
                let news = PodNews::Exited(scene.slot(place), Exit::LOST);
                scene.news(self.id, news);
            }
            self.containers[place].see_all();
        }
        self.write_at = Instant::NEVER;
        if self.stage == Stage::Over {
            self.publish(scene);
            return;
        }
        if self.sandbox.is_ready() {
            self.sandbox = Sandbox::Stopped {
                since: now,
                seen: true,
            };
        }
        self.volumes = Volumes::of(scene.chart);
        self.work = Work::None;
        self.last_sync = now;
        self.fresh = true;
        self.requested = now;
        if std::mem::take(&mut self.condemned) || self.deleted {
            self.terminate(scene);
        }
        self.forget_back_offs();
    }

    /// The kubelet was restarted: it remembers no back-off, and looks at all pods (P86).
    pub(in crate::node) fn restart_kubelet(&mut self, now: Instant) {
        self.forget_back_offs();
        self.request_sync(now);
    }

    fn forget_back_offs(&mut self) {
        for it in &mut self.containers {
            it.back_off = super::super::back_off::BackOff::default();
            it.pull = super::super::back_off::BackOff::default();
            it.reason = None;
        }
    }

    /// The node is cut off from the API server, or back.
    pub(in crate::node) fn connect<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        connected: bool,
    ) {
        self.connected = connected;
        if connected {
            // Pods of a node that became Unknown have lost Ready (P71), which is not so (P15).
            let shown = scene.cx.api.pod(self.id);
            self.unsent |= !shown.phase.is_final() && shown.ready != self.status.ready;
            self.publish(scene);
            if self.stage == Stage::Over && !self.unsent {
                self.delete(scene);
            }
        }
    }
}

impl super::ContainerLife {
    /// All there is to see is seen.
    pub(super) fn see_all(&mut self) {
        if let State::Exited(_) = self.state {
            self.seen = super::container::Seen::End;
        }
    }
}
