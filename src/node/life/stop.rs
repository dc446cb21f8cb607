//! Stopping containers: hook, turn, stop signal, kill; and what follows when all are stopped.
//!
//! P10, P14, P48–P58. All containers are stopped in parallel, but sidecars get their stop signal
//! only when the regular containers and the later sidecars have ended. One grace period is for
//! everything, and two seconds of it are left in any case.

use super::container::{ContainerLife, Stop, View, passing};
use super::status::{Shown, ShownState};
use super::{Life, Sandbox, Scene, Stage, Work};
use crate::base::{Instant, Span};
use crate::model::{Course, Exit, Hook, HookEnd, HookTurn, OnStop, Phase, PodNews};
use crate::node::pace::Draw;
use crate::node::surroundings::Outside;
use crate::node::ticks::{polled, whole_seconds};

/// What is left for a container after its stop signal, whatever the grace period (P53).
const LEAST_GRACE: u32 = 2;
/// The kubelet looks so often whether the volumes are unmounted (P55).
const POLL: Span = Span::from_millis(100);

impl ContainerLife {
    /// What the process does from now on.
    pub(super) fn follow(&mut self, now: Instant, course: Course) {
        (self.turn, self.exit) = match course {
            Course::Exits(span, exit) => (now + span.max(Span::ZERO), Some(exit)),
            Course::Works(span) => (now + passing(span), None),
            Course::Stays => (Instant::NEVER, None),
        };
    }
}

impl Life {
    /// The grace period in seconds (P52).
    pub(super) fn grace_of<O: Outside>(&self, scene: &Scene<'_, '_, O>) -> u32 {
        let own = scene.template().termination_grace_period_seconds;
        self.grace.unwrap_or(own)
    }

    /// Whether containers are being stopped.
    pub(super) fn is_killing(&self) -> bool {
        self.containers.iter().any(|it| it.stop != Stop::No)
    }

    /// Stops all containers, in the order of their kinds if that matters.
    pub(super) fn kill_all<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        grace: u32,
        ordered: bool,
    ) {
        self.ordered = ordered;
        // Those that others wait for are known before the first is stopped.
        for it in &mut self.containers {
            it.to_kill = it.is_running() && it.view() == View::Running;
        }
        for place in (0..self.containers.len()).rev() {
            if std::mem::take(&mut self.containers[place].to_kill) {
                self.begin_stop(scene, place, grace);
            }
        }
    }

    /// Stops one container.
    pub(super) fn kill<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        grace: u32,
        ordered: bool,
    ) {
        self.ordered = ordered;
        if self.containers[place].is_running() {
            self.begin_stop(scene, place, grace);
        }
    }

    /// Stops the next container that is to be stopped before the sync goes on, one at a time;
    /// whether there is one to wait for.
    pub(super) fn kill_next<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        all: bool,
    ) -> bool {
        let (init, count) = (scene.chart.init, self.containers.len());
        while !self.is_killing() {
            let mut places = (init..count).chain(0..init);
            let wanted = |it: &ContainerLife| it.is_running() && (all || it.to_kill);
            let Some(place) = places.find(|place| wanted(&self.containers[*place])) else {
                return false;
            };
            let it = &mut self.containers[place];
            it.to_kill = false;
            let probe = it.probes.condemned(scene.spec(place));
            let own = probe.and_then(|it| it.termination_grace_period_seconds);
            let grace = match (all, self.deleted) {
                (true, _) => 0,
                (false, true) => self.grace_of(scene),
                (false, false) => own.unwrap_or(self.grace_of(scene)),
            };
            self.did();
            self.kill(scene, place, grace, false);
        }
        self.work = Work::Killing;
        true
    }

    /// The first thing is its preStop hook, if there is time for one.
    fn begin_stop<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize, grace: u32) {
        let now = scene.now;
        let Some(hook) = scene.spec(place).pre_stop.filter(|_| grace > 0) else {
            self.take_turn(scene, place, grace);
            return;
        };
        let (HookEnd::Succeeds(takes) | HookEnd::Fails(takes)) =
            self.hook_end(scene, place, hook, HookTurn::PreStop);
        let takes = takes.min(Span::from_secs(i64::from(grace)));
        self.containers[place].stop = Stop::Hook {
            began: now,
            until: now + takes,
            grace,
            stays: matches!(hook, Hook::Sleep(_)),
        };
    }

    /// A sidecar waits for its turn, all others get their stop signal.
    fn take_turn<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize, grace: u32) {
        let waits = self.ordered && scene.spec(place).sidecar && grace > 0;
        if !waits || self.has_turn(scene, place) {
            self.signal(scene, place, grace);
            return;
        }
        let until = scene.now + Span::from_secs(i64::from(grace));
        self.containers[place].stop = Stop::Turn {
            began: scene.now,
            until,
            grace,
        };
    }

    /// Whether nobody is left that has to end before that sidecar.
    fn has_turn<O: Outside>(&self, scene: &Scene<'_, '_, O>, place: usize) -> bool {
        let ended = |it: &ContainerLife| it.stop == Stop::No && !it.to_kill;
        let init = scene.chart.init;
        let later = place + 1..init;
        self.containers[init..].iter().all(ended)
            && later
                .filter(|later| scene.spec(*later).sidecar)
                .all(|later| ended(&self.containers[later]))
    }

    fn signal<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize, grace: u32) {
        let now = scene.now;
        if !self.containers[place].is_running() {
            self.containers[place].stop = Stop::No;
            return;
        }
        let run = self.run(scene, place);
        let grace = Span::from_secs(i64::from(grace.max(LEAST_GRACE)));
        scene.news(self.id, PodNews::Stopping(run.container, grace));
        let reacts = match scene.cx.outside.on_stop(now, &run) {
            OnStop::Exits(span, exit) => Some((now + span.max(Span::ZERO), exit)),
            OnStop::Ignores => None,
        };
        let it = &mut self.containers[place];
        it.stop = Stop::Signalled;
        it.stop_by(reacts, now + grace);
    }

    /// Something happens to a container by itself: its process goes on or ends, or the time of a
    /// step of its stopping is over.
    pub(super) fn container_is_due<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
    ) {
        let now = scene.now;
        let it = &mut self.containers[place];
        if it.turn <= now && it.turn <= it.stops {
            if let Some(exit) = it.exit {
                self.process_ends(scene, place, exit);
            } else {
                let run = self.run(scene, place);
                let course = scene.cx.outside.go_on(now, &run);
                self.containers[place].follow(now, course);
            }
        } else if it.stops <= now {
            let (exit, killed) = (it.stopped, it.killed);
            if killed {
                let news = PodNews::Killed(scene.slot(place));
                scene.news(self.id, news);
            }
            self.process_ends(scene, place, exit);
        } else {
            match it.stop {
                Stop::Hook { began, grace, .. } => {
                    let left = grace.saturating_sub(whole_seconds(now.since(began)));
                    self.take_turn(scene, place, left);
                }
                Stop::Turn { began, grace, .. } => {
                    let left = grace.saturating_sub(whole_seconds(now.since(began)));
                    self.signal(scene, place, left);
                }
                Stop::No | Stop::Signalled => {}
            }
            self.check_stopped(scene);
        }
    }

    fn process_ends<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize, exit: Exit) {
        let run = self.run(scene, place);
        let it = &mut self.containers[place];
        it.end(scene.now, exit);
        // The kubelet sleeps out a hook's sleep even if nobody is left to profit.
        if !matches!(it.stop, Stop::Hook { stays: true, .. }) {
            it.stop = Stop::No;
        }
        scene.cx.outside.ended(scene.now, &run, exit);
        scene.news(self.id, PodNews::Exited(run.container, exit));
        self.check_stopped(scene);
    }

    /// A container has been stopped: whose turn is it, and are all stopped?
    fn check_stopped<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if self.work != Work::Killing {
            return;
        }
        for place in (0..scene.chart.init).rev() {
            if let Stop::Turn { began, grace, .. } = self.containers[place].stop {
                if self.has_turn(scene, place) {
                    let left = grace.saturating_sub(whole_seconds(scene.now.since(began)));
                    self.signal(scene, place, left);
                }
            }
        }
        if self.is_killing() {
            return;
        }
        self.work = Work::None;
        if self.stage == Stage::Terminating {
            self.stop_sandbox(scene);
        } else {
            self.go_on(scene);
        }
    }

    /// The sandbox is stopped; one that is not there takes no time.
    pub(super) fn stop_sandbox<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if !self.sandbox.is_ready() {
            self.sandbox_is_stopped(scene);
            return;
        }
        let nth = self.sandboxes;
        let takes = self.draw(scene, &scene.pace.sandbox_stop, Draw::SandboxStop, 0, nth);
        let until = scene.now + takes;
        self.work = Work::StoppingSandbox { until };
    }

    pub(super) fn sandbox_is_stopped<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.work = Work::None;
        if self.sandbox.is_ready() {
            let since = scene.now;
            self.sandbox = Sandbox::Stopped { since, seen: false };
        }
        if self.stage == Stage::Terminating {
            self.is_terminated(scene);
        } else if self.plan_goes_on() {
            self.go_on(scene);
        } else {
            self.end_sync(scene);
        }
    }

    /// The worker terminates the pod: its status goes out, final phase withheld, and whatever
    /// runs is stopped (P54).
    pub(super) fn sync_terminating<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.generate(scene, false);
        self.apply_ending(scene);
        self.publish(scene);
        for it in &mut self.containers {
            it.probes.halt();
        }
        let grace = self.grace_of(scene).max(1);
        self.kill_all(scene, grace, true);
        self.work = Work::Killing;
        self.check_stopped(scene);
    }

    /// All containers are stopped: the final phase is shown.
    fn is_terminated<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let now = scene.now;
        for it in &mut self.containers {
            it.see_all();
        }
        self.lose_records(now);
        self.last_sync = now;
        self.fresh = false;
        self.requested = now;
        self.generate(scene, true);
        self.stage = Stage::Terminated;
        let settled = |it: &ContainerLife| it.shown.exit().is_some();
        let done = self.status.phase.is_final() && self.containers.iter().all(settled);
        if done && !self.deleted && self.unsent {
            // The write that is to come says all; what is left to do on the node shows nowhere.
            self.stage = Stage::Over;
        }
        self.publish(scene);
        self.unmounted = now + self.draw(scene, &scene.pace.unmount, Draw::Unmount, 0, 0);
    }

    /// The worker cleans up after the pod (P55).
    pub(super) fn sync_terminated<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.generate(scene, true);
        self.publish(scene);
        let left = self.unmounted.since(scene.now).max(Span::ZERO);
        let until = scene.now + polled(left, POLL);
        self.work = Work::Unmounting { until };
    }

    /// The last status, in which nothing is left open (P10), and the end of the object.
    pub(super) fn finalize<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let unknown = Shown {
            state: ShownState::Terminated(Exit::STATUS_UNKNOWN, None),
            restarts: 0,
        };
        let (init, regular) = self.containers.split_at_mut(scene.chart.init);
        let ran = |it: &ContainerLife| !matches!(it.shown.state, ShownState::Waiting(_, None));
        let last_done = match init.last() {
            None => true,
            Some(it) => match it.shown.state {
                ShownState::Running { started, .. } => started,
                ShownState::Terminated(exit, _) => exit.is_success(),
                ShownState::Waiting(_, code) => code == Some(0),
            },
        };
        let known = init
            .iter()
            .rposition(ran)
            .map_or(1, |last| last + 1)
            .min(init.len());
        let regular = if last_done || regular.iter().any(ran) {
            regular
        } else {
            &mut []
        };
        let mut changed = false;
        for it in init[..known].iter_mut().chain(regular) {
            if it.shown.exit().is_none() {
                let restarts = it.shown.restarts;
                it.shown = Shown {
                    restarts,
                    ..unknown
                };
                changed = true;
            }
        }
        if !self.status.phase.is_final() {
            self.status.phase = Phase::Failed;
            self.status.ready = crate::model::Readiness::False(scene.on_clock(scene.now));
            changed = true;
        }
        // A status that was final before it could be shown is sent now (P11).
        let shown = scene.cx.api.pod(self.id).phase;
        self.unsent |= changed || shown != self.status.phase;
        self.work = Work::None;
        self.stage = Stage::Over;
        self.publish(scene);
        if !self.unsent {
            self.delete(scene);
        }
    }

    /// The kubelet deletes what was to be deleted, once it shows a final phase (P55).
    pub(super) fn delete<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let pod = scene.cx.api.pod(self.id);
        let ended = pod.phase.is_final() && pod.deletion.is_some();
        if ended && !self.gone && scene.cx.api.pod_exists(self.id) {
            // It exists, so this is not refused.
            let _ = scene.cx.api.delete_pod(scene.now, self.id, Some(0));
        }
    }
}
