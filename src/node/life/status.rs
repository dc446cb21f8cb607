//! The pod's status: generated from what the kubelet sees, and sent when it has changed.
//!
//! P3–P5, P7, P9–P13, P15. The kubelet's own status and the API's are two things: a final phase
//! is computed early and shown late.

use super::container::{Ended, View};
use super::phase::{State, Tally};
use super::restart::restarts;
use super::{Life, Scene, Stage};
use crate::base::{Instant, Span};
use crate::model::{Disruption, Exit, Phase, PodReason, Readiness};
use crate::node::pace::Draw;
use crate::node::surroundings::Outside;

/// `state.waiting.reason` of a container (P5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiting {
    ContainerCreating,
    PodInitializing,
    CrashLoopBackOff,
    ErrImagePull,
    ImagePullBackOff,
    ErrImageNeverPull,
    InvalidImageName,
    CreateContainerConfigError,
    PostStartHookError,
    RunContainerError,
    RestartingAllContainers,
}

/// `state` of a container's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShownState {
    /// Waiting, after an end with that code if it ran before.
    Waiting(Waiting, Option<i16>),
    Running {
        started: bool,
        ready: bool,
    },
    /// Terminated, at that time if it is known.
    Terminated(Exit, Option<Instant>),
}

/// A container's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) state: ShownState,
    pub(super) restarts: u32,
}

impl Shown {
    pub(super) const fn waiting(waiting: Waiting) -> Self {
        Self {
            state: ShownState::Waiting(waiting, None),
            restarts: 0,
        }
    }

    pub(super) const fn exit(&self) -> Option<Exit> {
        match self.state {
            ShownState::Terminated(exit, _) => Some(exit),
            ShownState::Waiting(..) | ShownState::Running { .. } => None,
        }
    }

    pub(super) const fn is_ready(&self) -> bool {
        matches!(self.state, ShownState::Running { ready: true, .. })
    }
}

/// The pod's status as the kubelet has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) phase: Phase,
    pub(super) reason: Option<PodReason>,
    pub(super) disruption: Option<Disruption>,
    pub(super) ready: Readiness,
    /// Condition PodReadyToStartContainers.
    pub(super) sandbox: bool,
    /// Condition AllContainersRestarting.
    pub(super) restarting: bool,
}

impl Life {
    /// Generates the status; `over` once the pod's containers have been stopped for good.
    pub(super) fn generate<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        over: bool,
    ) -> Phase {
        let mut status = self.status;
        self.judge_restarting(scene);
        status.restarting = self.restarting_all;
        let mut changed = false;
        for place in 0..self.containers.len() {
            changed |= self.generate_container(scene, place);
        }
        let (api_phase, api_reason) = {
            let pod = scene.cx.api.pod(self.id);
            (pod.phase, pod.reason)
        };
        let computed =
            self.tally(scene)
                .phase(scene.facts, over, self.is_initialized(scene.chart.init));
        let (mut phase, old) = (computed, self.status.phase);
        if !phase.is_final() && old.is_final() {
            phase = old;
        } else if !phase.is_final() && api_phase.is_final() {
            phase = api_phase;
        }
        status.reason = if phase == old {
            self.status.reason.or(api_reason)
        } else {
            None
        };
        if self.is_past_deadline(scene) {
            phase = Phase::Failed;
            status.reason = Some(PodReason::DeadlineExceeded);
        }
        if api_phase.is_final() {
            phase = api_phase;
        }
        status.phase = phase;
        status.sandbox = self.sandbox.is_ready();
        status.ready = self.readiness(scene, phase);
        changed |= status != self.status;
        self.status = status;
        self.turn_conditions(scene, phase);
        self.unsent |= changed;
        phase
    }

    /// The status of one container; whether it is another now.
    fn generate_container<O: Outside>(&mut self, scene: &Scene<'_, '_, O>, place: usize) -> bool {
        let (template, spec) = (scene.template(), scene.spec(place));
        let deleted = self.deleted;
        let it = &mut self.containers[place];
        let again = |code| !deleted && restarts(template, spec, scene.facts, code);
        let initial = scene.chart.waiting();
        let state = match it.view() {
            View::Running => {
                let started = it.probes.started(spec);
                let ready = started && it.probes.ready(spec);
                ShownState::Running { started, ready }
            }
            View::Exited(Ended { at, exit }) => match it.reason {
                Some(reason) if again(exit.code) && !scene.is_done_init(place, exit) => {
                    ShownState::Waiting(reason, Some(exit.code))
                }
                _ => ShownState::Terminated(exit, Some(at)),
            },
            View::Absent if it.removed => {
                ShownState::Waiting(Waiting::RestartingAllContainers, Some(137))
            }
            View::Absent => match (it.reason, it.shown.state) {
                (Some(reason), _) if !deleted => ShownState::Waiting(reason, None),
                (_, old @ ShownState::Terminated(..)) => old,
                _ => ShownState::Waiting(initial, None),
            },
        };
        let shown = Shown {
            state,
            restarts: it.restarts().max(it.shown.restarts),
        };
        let changed = shown != it.shown;
        it.shown = shown;
        let unready = matches!(state, ShownState::Running { ready: false, .. });
        if scene.chart.probes && (unready || changed) {
            self.begin_probes(scene, place);
        }
        changed
    }

    /// The containers as the phase function counts them (P8).
    fn tally<O: Outside>(&self, scene: &Scene<'_, '_, O>) -> Tally {
        let mut tally = Tally::default();
        let template = scene.template();
        for (place, it) in self.containers.iter().enumerate() {
            let spec = scene.spec(place);
            let again = |code| it.removed || restarts(template, spec, scene.facts, code);
            let state = match it.shown.state {
                ShownState::Waiting(_, None) => State::Waiting,
                ShownState::Waiting(_, Some(code)) => State::Stopped {
                    code,
                    again: again(code),
                },
                ShownState::Running { started, .. } => State::Running { started },
                ShownState::Terminated(exit, _) => State::Terminated {
                    code: exit.code,
                    again: again(exit.code),
                },
            };
            if place >= scene.chart.init {
                tally.regular(state);
            } else if spec.sidecar {
                tally.sidecar(state);
            } else {
                tally.init(state);
            }
        }
        tally
    }

    /// Condition Ready (P4): its time changes only when it does.
    fn readiness<O: Outside>(&self, scene: &Scene<'_, '_, O>, phase: Phase) -> Readiness {
        let ready = scene.template().readiness_gates.is_empty() && self.are_ready(scene, phase);
        let since = scene.on_clock(scene.now);
        match (ready, self.status.ready) {
            (true, old @ Readiness::True(_)) | (false, old @ Readiness::False(_)) => old,
            (true, _) => Readiness::True(since),
            (false, _) => Readiness::False(since),
        }
    }

    /// What a probe has changed is shown at once; Ready follows readiness, not Started.
    pub(super) fn show_probes<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize) {
        let spec = scene.spec(place);
        let it = &mut self.containers[place];
        let ShownState::Running { .. } = it.shown.state else {
            return;
        };
        let started = it.probes.started(spec);
        let ready = started && it.probes.ready(spec);
        // A container without readiness probe becomes Ready by the sync that its start asks for.
        let ready = ready && (spec.readiness_probe.is_some() || it.shown.is_ready());
        let state = ShownState::Running { started, ready };
        if state != it.shown.state {
            it.shown.state = state;
            self.status.ready = self.readiness(scene, self.status.phase);
            self.turn_conditions(scene, self.status.phase);
            self.unsent = true;
            self.publish(scene);
        }
    }

    /// Sends the status if it has changed (P15): at once, or when the write arrives.
    pub(super) fn publish<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if !self.unsent || !self.connected {
            return;
        }
        let takes = self.draw(scene, &scene.pace.api_write, Draw::ApiWrite, 0, self.syncs);
        if takes == Span::ZERO {
            self.write(scene);
        } else if self.write_at == Instant::NEVER {
            self.write_at = scene.now + takes;
        }
    }

    /// The status reaches the API server.
    pub(super) fn write<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.write_at = Instant::NEVER;
        if !self.connected {
            return;
        }
        self.unsent = false;
        if self.gone || !scene.cx.api.pod_exists(self.id) {
            return;
        }
        let (status, withheld) = (
            self.status,
            matches!(self.stage, Stage::Syncing | Stage::Terminating),
        );
        let exit = self.exit_codes(scene);
        let finished = self.finished(scene.chart.init).map(|at| scene.on_clock(at));
        let restarts = self.containers.iter().map(|it| it.shown.restarts).sum();
        // It exists, so this is not refused.
        let now = scene.on_clock(scene.now);
        let _ = scene.cx.api.patch_pod(self.id, |pod| {
            let ends = status.phase.is_final();
            let stays = pod.phase.is_final() || (ends && withheld);
            if !stays {
                if let Some(by) = status.disruption.filter(|_| ends) {
                    pod.disrupt(by);
                }
                pod.phase = status.phase;
                pod.reason = status.reason;
            }
            pod.ready = status.ready;
            if pod.phase.is_final() && pod.is_ready() {
                pod.ready = Readiness::False(now);
            }
            pod.exit = exit;
            pod.finished = finished;
            pod.restarts = restarts;
        });
        if self.stage == Stage::Over {
            self.delete(scene);
        }
    }

    /// When the regular containers finished, if all are terminated and the time is known.
    fn finished(&self, init: usize) -> Option<Instant> {
        let mut latest = None;
        for it in &self.containers[init..] {
            match it.shown.state {
                ShownState::Terminated(_, Some(at)) => latest = latest.max(Some(at)),
                _ => return None,
            }
        }
        latest
    }
}
