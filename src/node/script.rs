//! Pods that follow scripts: binding, start, restarts, end and termination at written instants.
//!
//! This is the pod model of the recordings: it plays scheduler and kubelet, writes what they
//! would write, and leaves all else to the controllers.

use crate::api::ApiServer;
use crate::base::{Instant, Span};
use crate::model::{Disruption, ExitCodes, Job, NodeId, Phase, Pod, PodId, PodScript, Readiness};

/// The exit code of a container that was killed.
const KILLED: i16 = 137;

/// A wake-up that a pod asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wake {
    /// How long from now.
    pub after: Span,
    /// To be handed back; a wake-up whose stamp is out of date is to be ignored.
    pub stamp: u32,
}

/// Where a pod is in its script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Waiting to be bound.
    Unbound,
    /// Bound, waiting to start.
    Bound,
    /// Running; the number counts the restarts behind it.
    Running(u16),
    /// Its container has exited and waits to be started again.
    Restarting(u16),
    /// Asked to terminate, stopping with that exit code.
    Stopping(i16),
    /// Does nothing more.
    Over,
}

#[derive(Clone, Copy, Debug)]
struct Life {
    stage: Stage,
    script: u16,
    stamp: u32,
}

/// A script with what it comes to for a Job's containers.
#[derive(Clone, Debug)]
struct Role {
    script: PodScript,
    exit: ExitCodes,
    fails: bool,
}

/// The pods of a run and their scripts, Job by Job.
#[derive(Clone, Debug, Default)]
pub struct ScriptedPods {
    casts: Vec<Vec<Role>>,
    lives: Vec<Life>,
}

impl ScriptedPods {
    /// Gives the next Job its scripts. Without any, its pods are bound and run at once and for
    /// ever.
    pub fn cast(&mut self, api: &mut ApiServer, job: &Job, scripts: &[PodScript]) {
        let containers = &job.spec.template.containers;
        let roles = scripts.iter().map(|script| {
            let code = |name: &str| {
                script
                    .exit
                    .iter()
                    .find(|(container, _)| container == name)
                    .map_or(0, |it| it.1)
            };
            let codes: Vec<_> = containers.iter().map(|it| Some(code(&it.name))).collect();
            let fails = codes.iter().any(|code| *code != Some(0));
            Role {
                script: script.clone(),
                exit: api.intern_exit_codes(&codes, codes.len()),
                fails,
            }
        });
        self.casts.push(roles.collect());
    }

    /// Forgets all pods and scripts, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.casts.clear();
        self.lives.clear();
    }

    /// Forgets all pods, and keeps the scripts.
    pub fn clear_pods(&mut self) {
        self.lives.clear();
    }

    /// A pod was created: picks its script.
    pub fn created(&mut self, pod: &Pod) -> Option<Wake> {
        let cast = &self.casts[pod.job.slot()];
        let fits = |role: &Role| {
            let PodScript { index, nth, .. } = &role.script;
            (index.is_empty() || pod.index.is_some_and(|own| index.contains(&own)))
                && (nth.is_empty() || nth.contains(&pod.nth))
        };
        let place = cast
            .iter()
            .position(fits)
            .unwrap_or(cast.len().saturating_sub(1));
        let script = u16::try_from(place).unwrap_or(u16::MAX);
        self.lives.push(Life {
            stage: Stage::Unbound,
            script,
            stamp: 0,
        });
        let after = cast
            .get(place)
            .map_or(Some(Span::ZERO), |role| role.script.schedule)?;
        Some(Wake { after, stamp: 0 })
    }

    /// The script that the pod follows, by its place in the Job's list.
    #[must_use]
    pub fn script_of(&self, id: PodId) -> usize {
        self.lives
            .get(id.slot())
            .map_or(0, |life| usize::from(life.script))
    }

    /// A wake-up has come: the pod goes on with its script.
    pub fn wake(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        id: PodId,
        stamp: u32,
    ) -> Option<Wake> {
        let life = &mut self.lives[id.slot()];
        if life.stamp != stamp || life.stage == Stage::Over {
            return None;
        }
        let pod = *api.pod(id);
        let role = &self.casts[pod.job.slot()].get(usize::from(life.script));
        let ended = !api.pod_exists(id) || pod.phase.is_final();
        let unbindable = life.stage == Stage::Unbound && pod.deletion.is_some();
        let (Some(role), false) = (role, ended || unbindable) else {
            life.stage = Stage::Over;
            return None;
        };
        let (next, after) = role.step(life.stage);
        // A pod that has not ended exists: no write below can be refused.
        let _ = match life.stage {
            Stage::Unbound => api.patch_pod(id, |pod| {
                pod.node = Some(NodeId::SOMEWHERE);
                pod.ready = Readiness::False(now.wire());
            }),
            Stage::Bound => api.patch_pod(id, |pod| role.run(now, pod)),
            Stage::Running(_) if next == Stage::Over => {
                api.patch_pod(id, |pod| role.finish(now, pod, role.exit, role.fails))
            }
            Stage::Running(_) => api.patch_pod(id, |pod| unready(now, pod)),
            Stage::Restarting(_) => api.patch_pod(id, |pod| {
                pod.restarts += 1;
                role.run(now, pod);
            }),
            Stage::Stopping(code) => {
                let codes = ExitCodes::All(code);
                let _ = api.patch_pod(id, |pod| role.finish(now, pod, codes, code != 0));
                api.delete_pod(now, id, Some(0))
            }
            Stage::Over => Ok(()),
        };
        life.stage = next;
        life.stamp += 1;
        Some(Wake {
            after: after?,
            stamp: life.stamp,
        })
    }

    /// The pod was asked to terminate within `grace` seconds. A running one takes its time, one
    /// that has not started fails at once.
    pub fn stop(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        id: PodId,
        grace: u32,
    ) -> Option<Wake> {
        let pod = *api.pod(id);
        let life = &mut self.lives[id.slot()];
        let role = self.casts[pod.job.slot()].get(usize::from(life.script));
        let ended = !api.pod_exists(id) || pod.phase.is_final();
        match (life.stage, role) {
            (Stage::Bound, _) if !ended => {
                life.stage = Stage::Over;
                // The pod exists, so neither write is refused.
                let _ = api.patch_pod(id, |pod| {
                    pod.phase = Phase::Failed;
                    pod.exit = ExitCodes::All(KILLED);
                    unready(now, pod);
                });
                let _ = api.delete_pod(now, id, Some(0));
                None
            }
            (Stage::Running(_) | Stage::Restarting(_), Some(role)) if !ended => {
                let grace = Span::from_secs(i64::from(grace));
                let wanted = role.script.on_delete;
                let killed = wanted.stop > grace;
                let code = i16::try_from(wanted.exit).unwrap_or(KILLED);
                life.stage = Stage::Stopping(if killed { KILLED } else { code });
                life.stamp += 1;
                Some(Wake {
                    after: wanted.stop.min(grace),
                    stamp: life.stamp,
                })
            }
            _ => None,
        }
    }
}

impl Role {
    /// What follows a stage, and how long that lasts (`None` for ever).
    fn step(&self, stage: Stage) -> (Stage, Option<Span>) {
        let running = |restarts: u16| {
            let restart = self.script.restarts.get(usize::from(restarts));
            (
                Stage::Running(restarts),
                restart.map_or(self.script.run, |it| Some(it.run)),
            )
        };
        match stage {
            Stage::Unbound => (Stage::Bound, self.script.start),
            Stage::Bound => running(0),
            Stage::Running(restarts) => match self.script.restarts.get(usize::from(restarts)) {
                Some(restart) => (Stage::Restarting(restarts), Some(restart.wait)),
                None => (Stage::Over, None),
            },
            Stage::Restarting(restarts) => running(restarts + 1),
            Stage::Stopping(_) | Stage::Over => (Stage::Over, None),
        }
    }

    fn run(&self, now: Instant, pod: &mut Pod) {
        pod.phase = Phase::Running;
        if !self.script.not_ready && !pod.is_ready() {
            pod.ready = Readiness::True(now.wire());
        }
    }

    /// All containers have ended with these codes.
    fn finish(&self, now: Instant, pod: &mut Pod, codes: ExitCodes, failed: bool) {
        pod.phase = if failed {
            Phase::Failed
        } else {
            Phase::Succeeded
        };
        pod.exit = codes;
        pod.finished = Some(now.wire());
        if failed && self.script.disrupt.is_some() {
            pod.disruption.get_or_insert(Disruption::Scripted);
        }
        unready(now, pod);
    }
}

fn unready(now: Instant, pod: &mut Pod) {
    if !matches!(pod.ready, Readiness::False(_)) {
        pod.ready = Readiness::False(now.wire());
    }
}
