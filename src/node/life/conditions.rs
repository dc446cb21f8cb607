//! The conditions of a pod that its kubelet computes.
//!
//! P4. Each has the time at which its status last changed; its reason follows from its status and
//! the phase. DisruptionTarget is not among them: only those who disrupt pods set it (P62).

use super::container::View;
use super::status::ShownState;
use super::{Life, Scene};
use crate::base::WireTime;
use crate::model::{Phase, Readiness};
use crate::node::surroundings::Outside;

/// A condition of a pod, as `kubectl get pod -o yaml` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodCondition {
    /// `type`
    pub kind: &'static str,
    /// Whether `status` is True.
    pub status: bool,
    /// `reason`; empty for none.
    pub reason: &'static str,
    /// `lastTransitionTime`
    pub since: WireTime,
}

/// A status and the time of its last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    status: bool,
    since: WireTime,
}

impl Turn {
    const NO: Self = Self {
        status: false,
        since: WireTime::from_secs(0),
    };

    fn to(self, status: bool, now: WireTime) -> Self {
        if self.status == status {
            return self;
        }
        Self { status, since: now }
    }
}

/// What a pod's conditions are made from when they are shown.
#[derive(Clone, Copy, Debug)]
pub(in crate::node) struct Standing {
    conditions: Conditions,
    phase: Phase,
    ready: Readiness,
}

/// The conditions that are kept with a pod besides Ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    scheduled: WireTime,
    sandbox: Turn,
    initialized: Turn,
    containers_ready: Turn,
    restarting: Turn,
}

impl Conditions {
    pub(super) const NONE: Self = Self {
        scheduled: WireTime::from_secs(0),
        sandbox: Turn::NO,
        initialized: Turn::NO,
        containers_ready: Turn::NO,
        restarting: Turn::NO,
    };

    /// Those of a pod that was bound at that time.
    pub(super) const fn since(now: WireTime) -> Self {
        let no = Turn {
            status: false,
            since: now,
        };
        Self {
            scheduled: now,
            sandbox: no,
            initialized: no,
            containers_ready: no,
            restarting: no,
        }
    }
}

impl Life {
    /// Brings the conditions up to date with what the containers show.
    pub(super) fn turn_conditions<O: Outside>(&mut self, scene: &Scene<'_, '_, O>, phase: Phase) {
        let now = scene.on_clock(scene.now);
        let init = scene.chart.init;
        let done = |place: usize| match self.containers[place].shown.state {
            ShownState::Running { started, .. } => started && scene.spec(place).sidecar,
            ShownState::Terminated(exit, _) => !scene.spec(place).sidecar && exit.is_success(),
            ShownState::Waiting(..) => false,
        };
        let begun = self.containers[init..]
            .iter()
            .any(|it| it.view() != View::Absent);
        // Restarts of all containers do not undo it (P34).
        let kept = self.conditions.initialized.status && scene.facts.restart_all;
        let initialized = phase == Phase::Succeeded || begun || kept || (0..init).all(done);
        let ready = self.are_ready(scene, phase);
        let Conditions {
            sandbox,
            initialized: before,
            containers_ready,
            restarting,
            ..
        } = self.conditions;
        self.conditions = Conditions {
            sandbox: sandbox.to(self.status.sandbox, now),
            initialized: before.to(initialized, now),
            containers_ready: containers_ready.to(ready, now),
            restarting: restarting.to(self.status.restarting, now),
            ..self.conditions
        };
    }

    /// Whether every regular container and every sidecar is Ready.
    pub(super) fn are_ready<O: Outside>(&self, scene: &Scene<'_, '_, O>, phase: Phase) -> bool {
        let counts = |place: usize| place >= scene.chart.init || scene.spec(place).sidecar;
        let mut all = self.containers.iter().enumerate();
        !phase.is_final() && all.all(|(place, it)| !counts(place) || it.shown.is_ready())
    }

    /// What its conditions are made from now.
    pub(in crate::node) const fn standing(&self) -> Standing {
        Standing {
            conditions: self.conditions,
            phase: self.status.phase,
            ready: self.status.ready,
        }
    }
}

impl Standing {
    /// The pod's conditions, in the order in which the kubelet writes them.
    pub(in crate::node) fn list(&self) -> Vec<PodCondition> {
        let Conditions {
            scheduled,
            sandbox,
            initialized,
            containers_ready,
            restarting,
        } = self.conditions;
        let succeeded = self.phase == Phase::Succeeded;
        let because = |status: bool, reason: &'static str| if status { "" } else { reason };
        let unready = match self.phase {
            Phase::Succeeded => "PodCompleted",
            Phase::Failed => "PodFailed",
            Phase::Pending | Phase::Running if containers_ready.status => "ReadinessGatesNotReady",
            Phase::Pending | Phase::Running => "ContainersNotReady",
        };
        let (ready, since) = match self.ready {
            Readiness::True(since) => (true, since),
            Readiness::False(since) => (false, since),
            Readiness::Unknown => (false, scheduled),
        };
        let condition = |kind, status, reason, since| PodCondition {
            kind,
            status,
            reason,
            since,
        };
        let done = if succeeded { "PodCompleted" } else { "" };
        let not_begun = because(initialized.status, "ContainersNotInitialized");
        let initialized_for = if initialized.status { done } else { not_begun };
        let mut all = vec![
            condition(
                "PodReadyToStartContainers",
                sandbox.status,
                because(sandbox.status, "PodSandboxNotReady"),
                sandbox.since,
            ),
            condition(
                "Initialized",
                initialized.status,
                initialized_for,
                initialized.since,
            ),
            condition("Ready", ready, because(ready, unready), since),
            condition(
                "ContainersReady",
                containers_ready.status,
                because(containers_ready.status, unready),
                containers_ready.since,
            ),
            condition("PodScheduled", true, "", scheduled),
        ];
        if restarting.status {
            let (kind, reason) = ("AllContainersRestarting", "RestartAllContainersStarted");
            all.push(condition(kind, true, reason, restarting.since));
        }
        all
    }
}
