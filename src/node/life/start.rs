//! Getting a pod to run: volumes, sandbox, and then each container: pull, create, start, hook.
//!
//! P17, P18, P43. All of it is one sync, and from the sandbox on nothing interrupts it.

use super::container::View;
use super::status::Waiting;
use super::{Chart, Life, Sandbox, Scene, Work};
use crate::base::{Instant, Span};
use crate::model::{Course, ExitReason, Hook, HookEnd, HookTurn, PodNews, Reference, VolumeSource};
use crate::node::pace::Draw;
use crate::node::surroundings::Outside;
use crate::node::ticks::polled;

/// The kubelet looks for mounted volumes so often, and for so long in one sync.
const POLL: Span = Span::from_millis(300);
const PATIENCE: Span = Span::from_secs(123);
/// A mount that failed is tried again after that time, then after twice as much, up to the limit.
const FIRST_RETRY: Span = Span::from_millis(500);
const LAST_RETRY: Span = Span::from_secs(122);

/// The pod's volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Volumes {
    Mounted,
    /// Mounting begins at that instant; what the wait is if it fails.
    Waiting {
        next: Instant,
        retry: Span,
    },
    /// They are mounted by that instant, though the worker has not looked since.
    Mounting {
        by: Instant,
    },
}

impl Volumes {
    pub(super) const fn of(chart: &Chart) -> Self {
        if chart.mounts {
            Self::Waiting {
                next: Instant::ORIGIN,
                retry: FIRST_RETRY,
            }
        } else {
            Self::Mounted
        }
    }
}

impl Life {
    /// The worker begins to wait for the volumes.
    pub(super) fn wait_for_volumes<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.waits_since = scene.now;
        if let Volumes::Waiting { next, retry } = self.volumes {
            let next = next.max(scene.now);
            self.volumes = Volumes::Waiting { next, retry };
        }
        self.poll_volumes(scene);
    }

    /// The worker waits for the volumes: is there news?
    pub(super) fn poll_volumes<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let (now, gives_up) = (scene.now, self.waits_since + PATIENCE);
        if let Volumes::Waiting { next, retry } = self.volumes {
            if next <= now {
                self.try_to_mount(scene, retry);
            }
        }
        let until = match self.volumes {
            Volumes::Mounted => now,
            Volumes::Mounting { by } => {
                self.waits_since + polled(by.since(self.waits_since).max(Span::ZERO), POLL)
            }
            Volumes::Waiting { next, .. } => next,
        };
        let mounting = matches!(self.volumes, Volumes::Mounting { .. });
        if mounting && until <= now {
            self.volumes = Volumes::Mounted;
            self.mounted_at = now;
            self.carry_out(scene);
        } else if now >= gives_up {
            self.failed(None);
            self.end_sync(scene);
        } else {
            let until = until.min(gives_up);
            self.work = Work::Mounting { until };
        }
    }

    fn try_to_mount<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, retry: Span) {
        let now = scene.now;
        let volumes = &scene.template().volumes;
        let missing = volumes.iter().any(|volume| match &volume.source {
            VolumeSource::Objects(references) => is_missing(scene, references),
            VolumeSource::EmptyDir { .. } | VolumeSource::Claim(_) | VolumeSource::Other => false,
        });
        if missing {
            if retry == FIRST_RETRY {
                scene.news(self.id, PodNews::MountFailed);
            }
            self.volumes = Volumes::Waiting {
                next: now + retry,
                retry: retry.times(2).min(LAST_RETRY),
            };
        } else {
            let takes = self.draw(scene, &scene.pace.mount, Draw::Mount, 0, self.sandboxes);
            self.volumes = Volumes::Mounting { by: now + takes };
        }
    }

    pub(super) fn begin_sandbox<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let takes = self.draw(scene, &scene.pace.sandbox, Draw::Sandbox, 0, self.sandboxes);
        self.sandboxes += 1;
        let until = scene.now + takes;
        self.work = Work::MakingSandbox { until };
    }

    /// From 1.36 on, condition PodReadyToStartContainers does not wait for the next sync (P4).
    pub(super) fn sandbox_is_made<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.sandbox = Sandbox::Ready {
            since: scene.now,
            seen: false,
        };
        if scene.facts.sandboxes_are_shown_at_once {
            self.status.sandbox = true;
            self.turn_conditions(scene, self.status.phase);
            self.unsent = true;
            self.publish(scene);
        }
        self.work = Work::None;
        self.go_on(scene);
    }

    /// Starts containers in their order, as far as it goes at once.
    pub(super) fn start_next<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        while let Some(place) = self.containers.iter().position(|it| it.to_start) {
            self.containers[place].to_start = false;
            self.work = Work::None;
            let begun = self.begin_start(scene, place);
            if self.work != Work::None {
                return;
            }
            let blocks = place < scene.chart.init && !scene.spec(place).sidecar;
            if !begun && blocks {
                break;
            }
        }
        self.end_sync(scene);
    }

    /// Whether the container's start goes on; if it takes time, the worker is busy with it.
    fn begin_start<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize) -> bool {
        let now = scene.now;
        let limits = scene.pace.back_off;
        let it = &mut self.containers[place];
        if let View::Exited(ended) = it.view() {
            if let Some(until) = it.back_off.holds_restart(now, ended.at) {
                let known = it.reason.replace(Waiting::CrashLoopBackOff);
                let delay = it.back_off.delay();
                self.failed(Some(until));
                if known != Some(Waiting::CrashLoopBackOff) {
                    let news = PodNews::RestartBackOff(scene.slot(place), delay);
                    scene.news(self.id, news);
                }
                return false;
            }
            it.back_off.restarted(now, ended.at, limits);
        }
        self.begin_pull(scene, place)
    }

    /// An attempt to start a container has failed.
    pub(super) fn start_failed(&mut self, place: usize, reason: Waiting) {
        self.containers[place].reason = Some(reason);
        self.failed(None);
    }

    /// The image is there: the container is made from it, and what it refers to.
    pub(super) fn create<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
    ) -> bool {
        if is_missing(scene, &scene.spec(place).references) {
            let known = self.containers[place].reason;
            self.start_failed(place, Waiting::CreateContainerConfigError);
            if known != Some(Waiting::CreateContainerConfigError) {
                let news = PodNews::ConfigMissing(scene.slot(place));
                scene.news(self.id, news);
            }
            return false;
        }
        let nth = self.containers[place].runs;
        let takes = self.draw(
            scene,
            &scene.pace.create_start,
            Draw::CreateStart,
            place,
            nth,
        );
        let until = scene.now + takes;
        self.work = Work::Creating { place, until };
        true
    }

    /// The container's process runs.
    pub(super) fn is_started<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize) {
        let now = scene.now;
        self.did();
        self.work = Work::None;
        let sandboxes = self.sandboxes;
        let it = &mut self.containers[place];
        it.begin(now, sandboxes);
        it.reason = None;
        let run = self.run(scene, place);
        let course = scene.cx.outside.start(now, &run);
        self.containers[place].follow(now, course);
        if let Course::Exits(_, exit) = course {
            if exit.reason == ExitReason::StartError {
                self.containers[place].end(now, exit);
                scene.cx.outside.ended(now, &run, exit);
                scene.news(self.id, PodNews::Exited(run.container, exit));
                self.start_failed(place, Waiting::RunContainerError);
                self.go_on_after(scene, place, false);
                return;
            }
        }
        scene.news(self.id, PodNews::Started(run.container, run.run));
        match scene.spec(place).post_start {
            None => self.go_on_after(scene, place, true),
            Some(hook) => {
                let end = self.hook_end(scene, place, hook, HookTurn::PostStart);
                let (until, fails) = match end {
                    HookEnd::Succeeds(span) => (now + span, false),
                    HookEnd::Fails(span) => (now + span, true),
                };
                self.work = Work::Hook {
                    place,
                    until,
                    fails,
                };
            }
        }
    }

    pub(super) fn hook_end<O: Outside>(
        &self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        hook: Hook,
        turn: HookTurn,
    ) -> HookEnd {
        match hook {
            Hook::Sleep(secs) => HookEnd::Succeeds(Span::from_secs(i64::from(secs))),
            Hook::Command | Hook::Http => {
                let run = self.run(scene, place);
                scene.cx.outside.hook(scene.now, &run, turn)
            }
            Hook::Tcp => HookEnd::Fails(Span::ZERO),
        }
    }

    /// A postStart hook is over; if it failed, its container is killed (P5).
    pub(super) fn hook_is_over<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        fails: bool,
    ) {
        self.work = Work::None;
        if fails {
            self.start_failed(place, Waiting::PostStartHookError);
            if place < scene.chart.init && !scene.spec(place).sidecar {
                // What comes after an init container has to wait.
                self.containers
                    .iter_mut()
                    .for_each(|it| it.to_start = false);
            }
            let grace = self.grace_of(scene);
            self.kill(scene, place, grace, false);
            if self.is_killing() {
                self.work = Work::Killing;
                return;
            }
        }
        self.go_on_after(scene, place, !fails);
    }

    /// What follows a start: the next one, unless it was an init container's and failed.
    pub(super) fn go_on_after<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        fine: bool,
    ) {
        if !fine && place < scene.chart.init && !scene.spec(place).sidecar {
            self.end_sync(scene);
        } else {
            self.start_next(scene);
        }
    }
}

/// Whether one of these is not there that has to be.
fn is_missing<O: Outside>(scene: &Scene<'_, '_, O>, references: &[Reference]) -> bool {
    let mut needed = references.iter().filter(|it| !it.optional);
    needed.any(|it| !scene.cx.outside.exists(scene.now, it))
}
