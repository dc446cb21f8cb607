//! Pods that follow scripts: binding, start, restarts, end and termination at written instants.
//!
//! This is the pod model of the recordings: it plays scheduler and kubelet, writes what they
//! would write, and leaves all else to the controllers. Where there are nodes, somebody else
//! schedules, and each script begins when the kubelet of the pod's node takes it up.

mod absence;

use crate::api::ApiServer;
use crate::base::{Instant, Span};
use crate::model::{
    Disruption, ExitCodes, Job, NodeId, Phase, Pod, PodId, PodScript, Readiness, RestartPolicy,
};
use std::collections::BTreeMap;

/// The exit code of a container that was killed.
const KILLED: i16 = 137;
/// How long a pod of a node takes to fail that is asked to terminate before it runs.
const GIVES_UP: Span = Span::from_millis(100);

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
    /// Asked to terminate before it ran, about to fail.
    GivingUp,
    /// Its machine has lost its power while the container ran for the nth time.
    Dead(u16),
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
    /// Containers that fail are started again (`restartPolicy: OnFailure`).
    restarts: bool,
}

/// The pods of a run and their scripts, Job by Job.
#[derive(Clone, Debug, Default)]
pub struct ScriptedPods {
    casts: Vec<Vec<Role>>,
    lives: Vec<Life>,
    /// What became of pods on nodes that are not heard, since the node went silent.
    unreported: BTreeMap<PodId, Pod>,
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
                restarts: job.spec.template.restart_policy == RestartPolicy::OnFailure,
            }
        });
        self.casts.push(roles.collect());
    }

    /// Forgets all pods and scripts, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.casts.clear();
        self.clear_pods();
    }

    /// Forgets all pods, and keeps the scripts.
    pub fn clear_pods(&mut self) {
        self.lives.clear();
        self.unreported.clear();
    }

    /// A pod was created where there are no nodes: picks its script.
    pub fn created(&mut self, pod: &Pod) -> Option<Wake> {
        let script = self.pick(pod, "");
        self.lives.push(Life {
            stage: Stage::Unbound,
            script: u16::try_from(script).unwrap_or(u16::MAX),
            stamp: 0,
        });
        let cast = &self.casts[pod.job.slot()];
        let after = cast
            .get(script)
            .map_or(Some(Span::ZERO), |role| role.script.schedule)?;
        Some(Wake { after, stamp: 0 })
    }

    /// The script of a pod on that node: the first that matches, else the last.
    fn pick(&self, pod: &Pod, node: &str) -> usize {
        let cast = &self.casts[pod.job.slot()];
        let fits = |role: &Role| {
            let script = &role.script;
            (script.index.is_empty() || pod.index.is_some_and(|own| script.index.contains(&own)))
                && (script.nth.is_empty() || script.nth.contains(&pod.nth))
                && (script.node.is_empty() || script.node.iter().any(|it| it == node))
        };
        let place = cast.iter().position(fits);
        place.unwrap_or(cast.len().saturating_sub(1))
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
        let Self {
            casts,
            lives,
            unreported,
        } = self;
        let life = &mut lives[id.slot()];
        if life.stamp != stamp || life.stage == Stage::Over {
            return None;
        }
        let pod = *absence::known(unreported, api, id);
        let ended = !api.pod_exists(id) || pod.phase.is_final();
        let unbindable = life.stage == Stage::Unbound && pod.deletion.is_some();
        let role = casts[pod.job.slot()].get(usize::from(life.script));
        let (Some(role), false) = (role, ended || unbindable) else {
            life.stage = Stage::Over;
            return None;
        };
        let (next, after) = role.step(life.stage);
        let mut write = |change: &dyn Fn(&mut Pod)| absence::write(unreported, api, id, change);
        match life.stage {
            Stage::Unbound => write(&|pod| {
                pod.node = Some(NodeId::SOMEWHERE);
                pod.ready = Readiness::False(now.wire());
            }),
            Stage::Bound => write(&|pod| role.run(now, pod)),
            Stage::Running(_) if next == Stage::Over => {
                write(&|pod| role.finish(now, pod, role.exit, role.fails));
                // At the very instant at which it was asked to terminate.
                if pod.deletion.is_some() {
                    absence::dismiss(now, api, id);
                }
            }
            Stage::Running(_) => write(&|pod| unready(now, pod)),
            Stage::Restarting(_) => write(&|pod| {
                pod.restarts += 1;
                role.run(now, pod);
            }),
            Stage::Stopping(code) => {
                let codes = ExitCodes::All(code);
                write(&|pod| role.finish(now, pod, codes, code != 0));
                absence::dismiss(now, api, id);
            }
            Stage::GivingUp => {
                write(&|pod| give_up(now, pod));
                absence::dismiss(now, api, id);
            }
            Stage::Dead(_) | Stage::Over => {}
        }
        life.stage = next;
        life.stamp += 1;
        Some(Wake {
            after: after?,
            stamp: life.stamp,
        })
    }

    /// The pod was asked to terminate within `grace` seconds. A running one takes its time; one
    /// that has not started fails at once, on a node after 0.1 s.
    pub fn stop(
        &mut self,
        now: Instant,
        api: &mut ApiServer,
        id: PodId,
        grace: u32,
    ) -> Option<Wake> {
        let pod = *api.pod(id);
        let role = self.casts[pod.job.slot()].get(usize::from(self.lives[id.slot()].script));
        let on_delete = role.map(|it| it.script.on_delete);
        let ended = !api.pod_exists(id) || pod.phase.is_final();
        if ended || !absence::is_heard(api, &pod) {
            return None;
        }
        let (stage, after) = match (self.lives[id.slot()].stage, on_delete) {
            (Stage::Bound, _) if pod.node.is_some_and(NodeId::is_named) => {
                (Stage::GivingUp, GIVES_UP)
            }
            (Stage::Bound, _) => {
                self.lives[id.slot()].stage = Stage::Over;
                absence::write(&mut self.unreported, api, id, |pod| give_up(now, pod));
                absence::dismiss(now, api, id);
                return None;
            }
            (Stage::Running(_) | Stage::Restarting(_), Some(wanted)) => {
                let grace = Span::from_secs(i64::from(grace));
                let killed = wanted.stop > grace;
                let code = i16::try_from(wanted.exit).unwrap_or(KILLED);
                let code = if killed { KILLED } else { code };
                (Stage::Stopping(code), wanted.stop.min(grace))
            }
            _ => return None,
        };
        let life = &mut self.lives[id.slot()];
        life.stage = stage;
        life.stamp += 1;
        Some(Wake {
            after,
            stamp: life.stamp,
        })
    }
}

impl Role {
    /// How long the container runs for the nth time; `None` for ever.
    fn lasts(&self, restarts: u16) -> Option<Span> {
        let restart = self.script.restarts.get(usize::from(restarts));
        restart.map_or(self.script.run, |it| Some(it.run))
    }

    /// What follows a stage, and how long that lasts (`None` for ever).
    fn step(&self, stage: Stage) -> (Stage, Option<Span>) {
        let running = |restarts| (Stage::Running(restarts), self.lasts(restarts));
        match stage {
            Stage::Unbound => (Stage::Bound, self.script.start),
            Stage::Bound => running(0),
            Stage::Running(restarts) => match self.script.restarts.get(usize::from(restarts)) {
                Some(restart) => (Stage::Restarting(restarts), Some(restart.wait)),
                None => (Stage::Over, None),
            },
            Stage::Restarting(restarts) => running(restarts + 1),
            Stage::Stopping(_) | Stage::GivingUp | Stage::Dead(_) | Stage::Over => {
                (Stage::Over, None)
            }
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

/// A pod ends before its containers have run.
fn give_up(now: Instant, pod: &mut Pod) {
    pod.phase = Phase::Failed;
    pod.exit = ExitCodes::All(KILLED);
    unready(now, pod);
}

fn unready(now: Instant, pod: &mut Pod) {
    if !matches!(pod.ready, Readiness::False(_)) {
        pod.ready = Readiness::False(now.wire());
    }
}
