//! What a sync does about the containers of its pod.
//!
//! P34, P43–P48. First what is to be done is decided from one look at all containers, then it is
//! done step by step: containers are killed, the sandbox is stopped or made, and containers are
//! started in their order, each with its pull and its hook before the next.

use super::container::{ContainerLife, View};
use super::restart::{init_failed, restarts, restarts_after_kill, restarts_all};
use super::{Life, Sandbox, Scene, Work};
use crate::model::{PodNews, RestartPolicy};
use crate::node::surroundings::Outside;

/// What is left to do of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // steps, each to be done or not
pub(super) struct Plan {
    /// All containers are killed, and the sandbox is stopped.
    kill_pod: bool,
    /// All containers are killed, and their records removed (P34).
    reset: bool,
    make_sandbox: bool,
    /// The containers to be killed are being killed.
    killing: bool,
}

impl Plan {
    pub(super) const NONE: Self = Self {
        kill_pod: false,
        reset: false,
        make_sandbox: false,
        killing: false,
    };
}

impl Life {
    /// Whether a step of the plan follows the stopping of the sandbox.
    pub(super) const fn plan_goes_on(&self) -> bool {
        self.plan.make_sandbox
    }

    /// Decides what is to be done, and begins with it.
    pub(super) fn carry_out<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.plan = Plan::NONE;
        for it in &mut self.containers {
            it.to_start = false;
            it.to_kill = false;
        }
        if self.restarting_all {
            self.plan.reset = true;
        } else if self.sandbox.is_ready() {
            self.plan_containers(scene);
        } else {
            self.plan_sandbox(scene);
        }
        self.go_on(scene);
    }

    /// Does the next step of the plan that takes time, or ends the sync.
    pub(super) fn go_on<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if self.plan.kill_pod {
            if !self.plan.killing {
                self.plan.killing = true;
                self.did();
                let grace = self.grace_of(scene);
                self.kill_all(scene, grace, true);
            }
            if self.is_killing() {
                self.work = Work::Killing;
                return;
            }
            self.plan.kill_pod = false;
            self.stop_sandbox(scene);
            return;
        }
        if self.plan.reset {
            if self.kill_next(scene, true) {
                return;
            }
            self.reset_containers();
            self.end_sync(scene);
            return;
        }
        if self.kill_next(scene, false) {
            return;
        }
        if self.plan.make_sandbox {
            self.plan.make_sandbox = false;
            self.did();
            self.begin_sandbox(scene);
            return;
        }
        self.start_next(scene);
    }

    /// A sandbox that is not there: P46, and the first one.
    fn plan_sandbox<O: Outside>(&mut self, scene: &Scene<'_, '_, O>) {
        let template = scene.template();
        let known = self.containers.iter().any(|it| it.view() != View::Absent);
        let never = template.restart_policy == RestartPolicy::Never;
        self.plan.kill_pod = self.sandboxes > 0 && self.sandbox != Sandbox::None;
        if never && self.sandboxes > 0 && known {
            self.plan.kill_pod = true;
            return;
        }
        let init = scene.chart.init;
        let succeeded = |it: &ContainerLife| match it.view() {
            View::Exited(ended) => ended.exit.is_success(),
            View::Absent | View::Running => false,
        };
        let mut any = false;
        for place in init..self.containers.len() {
            let own = scene
                .spec(place)
                .restart
                .filter(|_| scene.facts.restart_rules);
            let on_failure = match own {
                Some(policy) => policy == crate::model::ContainerRestart::OnFailure,
                None => !never,
            };
            let it = &mut self.containers[place];
            it.to_start = !(on_failure && succeeded(it));
            any |= it.to_start;
        }
        let initialized = self.containers[init..]
            .iter()
            .any(|it| it.view() != View::Absent);
        if !any && initialized {
            self.plan.kill_pod = true;
            return;
        }
        self.plan.make_sandbox = true;
        if init > 0 {
            for it in &mut self.containers {
                it.to_start = false;
            }
            self.containers[0].to_start = true;
            for it in &mut self.containers[..init] {
                it.forget();
            }
        }
    }

    /// Containers in a sandbox that is there.
    fn plan_containers<O: Outside>(&mut self, scene: &Scene<'_, '_, O>) {
        let init = scene.chart.init;
        if init > 0 && !self.plan_init(scene) {
            return;
        }
        let mut kept = false;
        let mut starts = false;
        for place in init..self.containers.len() {
            let (template, spec) = (scene.template(), scene.spec(place));
            let it = &mut self.containers[place];
            match it.view() {
                View::Absent => it.to_start = true,
                View::Exited(ended) => {
                    it.to_start = restarts(template, spec, scene.facts, ended.exit.code);
                }
                View::Running if it.probes.condemned(spec).is_some() => {
                    it.to_kill = true;
                    it.to_start = restarts_after_kill(template, spec, scene.facts);
                }
                View::Running => kept = true,
            }
            starts |= it.to_start;
        }
        if !kept && !starts {
            self.plan.kill_pod = true;
            for it in &mut self.containers[..init] {
                it.to_start = false;
            }
        }
    }

    /// Init containers and sidecars, the last one first (P43–P45, P47); whether the regular ones
    /// may go on.
    fn plan_init<O: Outside>(&mut self, scene: &Scene<'_, '_, O>) -> bool {
        let init = scene.chart.init;
        let mut initialized = self.is_initialized(init);
        let mut before = initialized;
        for place in (0..init).rev() {
            let spec = scene.spec(place);
            let sandboxes = self.sandboxes;
            let it = &mut self.containers[place];
            let view = match it.view() {
                View::Exited(_) | View::Running if it.sandbox != sandboxes => View::Absent,
                view => view,
            };
            if view == View::Absent {
                it.to_start |= before && spec.sidecar;
                continue;
            }
            if before && !spec.sidecar {
                continue;
            }
            let mut done = false;
            match view {
                View::Running if spec.sidecar => {
                    done = it.probes.started(spec);
                    if it.probes.condemned(spec).is_some() {
                        it.to_kill = true;
                        it.to_start = true;
                    }
                }
                View::Exited(_) if spec.sidecar => it.to_start = true,
                View::Exited(ended) if init_failed(ended.exit) => {
                    let again = restarts(scene.template(), spec, scene.facts, ended.exit.code);
                    if !again {
                        self.plan.kill_pod = true;
                        for it in &mut self.containers {
                            it.to_start = false;
                        }
                        return false;
                    }
                    it.to_start = true;
                }
                View::Exited(_) => done = true,
                View::Running | View::Absent => {}
            }
            if done && place + 1 == init {
                initialized = true;
            } else if done && !before {
                self.containers[place + 1].to_start = true;
            }
            before = true;
        }
        if !before {
            self.containers[0].to_start = true;
        }
        initialized
    }

    /// Condition AllContainersRestarting (P34): once True it stays so until no record is left.
    pub(super) fn judge_restarting<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if !scene.chart.restarts_all || !scene.facts.restart_all {
            return;
        }
        let records = self.containers.iter().any(|it| it.view() != View::Absent);
        let source = self
            .containers
            .iter()
            .enumerate()
            .position(|(place, it)| match it.view() {
                View::Exited(ended) => {
                    restarts_all(scene.spec(place), scene.facts, ended.exit.code)
                }
                View::Absent | View::Running => false,
            });
        if let Some(place) = source.filter(|_| !self.restarting_all) {
            let news = PodNews::RestartsAll(scene.slot(place));
            scene.news(self.id, news);
        }
        self.restarting_all = records && (self.restarting_all || source.is_some());
    }

    /// The records of all containers are removed (P34).
    fn reset_containers(&mut self) {
        for it in &mut self.containers {
            if it.view() != View::Absent {
                it.forget();
                it.removed = true;
                it.shown.restarts += 1;
            }
        }
        self.restarting_all = false;
        self.did();
        self.request_sync(self.last_sync);
    }
}
