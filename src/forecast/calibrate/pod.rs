//! What one pod tells: the runs of its containers, how it started, and who ended it.

use super::Role;
use super::clock::Second;
use super::decode::{
    Condition, ContainerSpec, ContainerStatus, Metadata, PodObject, State, Terminated,
};
use crate::model::JOB_NAME_LABELS;
use crate::workload::Ending;
use std::collections::BTreeMap;

/// The annotation with a pod's completion index.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// A run of a container, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) seconds: i64,
    pub(super) end: RunEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunEnd {
    /// By itself.
    Ended(Ending),
    /// It was under way when it was seen last.
    Running,
    /// It was ended from outside.
    Cut,
}

/// What is known of a container of a pod.
#[derive(Clone, Debug, Default)]
pub(super) struct ContainerSeen {
    /// By number: 0 is the first, 1 the one after the first restart.
    pub(super) runs: BTreeMap<u32, Run>,
    pub(super) restarts: u32,
    /// From its start to the condition Ready of its pod, if its probe is the only one.
    pub(super) ready: Option<i64>,
}

impl ContainerSeen {
    /// Runs that were not seen to end, but have, because another came after them: they failed, or
    /// were ended by a probe.
    pub(super) fn unseen(&self) -> u64 {
        let before = self.runs.range(..self.restarts);
        let seen = before.filter(|it| it.1.end != RunEnd::Running).count() as u64;
        u64::from(self.restarts).saturating_sub(seen)
    }
}

/// What is known of a pod.
#[derive(Clone, Debug)]
pub(super) struct PodSeen {
    pub(super) namespace: String,
    pub(super) job: Option<String>,
    pub(super) index: Option<String>,
    pub(super) node: Option<String>,
    /// Init containers first, in the order of the manifest.
    pub(super) roles: Vec<(String, Role)>,
    pub(super) containers: BTreeMap<String, ContainerSeen>,
    /// Who ended it, if it did not end by itself.
    pub(super) cause: Option<String>,
    /// From its creation to its node, in seconds.
    pub(super) scheduled: Option<i64>,
    /// From there to the start of its first container, and when that was.
    pub(super) started: Option<(i64, Second)>,
    /// Why containers wait that were never started.
    pub(super) waiting: Vec<String>,
}

/// When and why a pod is ended from outside; without a time, all is cut that failed last.
struct Cause {
    why: String,
    from: Option<Second>,
}

impl PodSeen {
    /// Reads a pod; `now` is a time at which it was certainly like that.
    pub(super) fn read(pod: &PodObject, now: Second) -> Self {
        let meta = &pod.metadata;
        let spec = pod.spec.clone().unwrap_or_default();
        let status = pod.status.clone().unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        let cause = cause(meta, &conditions, status.reason.as_deref());
        let init = spec.init_containers.unwrap_or_default();
        let regular = spec.containers.unwrap_or_default();
        let init_statuses = status.init_container_statuses.unwrap_or_default();
        let statuses = status.container_statuses.unwrap_or_default();
        let mut seen = Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            job: job_of(meta),
            index: (meta.annotations.as_ref()).and_then(|it| it.get(INDEX).cloned()),
            node: spec.node_name,
            roles: Vec::new(),
            containers: BTreeMap::new(),
            cause: None,
            scheduled: None,
            started: None,
            waiting: Vec::new(),
        };
        seen.roles
            .extend(init.iter().map(|it| (it.name.clone(), role(it))));
        let plain = regular.iter().map(|it| (it.name.clone(), Role::Regular));
        seen.roles.extend(plain);
        let all = init_statuses.iter().map(|it| (it, Role::Init));
        let mut cut = false;
        for (status, role) in all.chain(statuses.iter().map(|it| (it, Role::Regular))) {
            // A pod without a spec, as some tools print it.
            if !seen.roles.iter().any(|it| it.0 == status.name) {
                seen.roles.push((status.name.clone(), role));
            }
            cut |= seen.take(status, cause.as_ref(), now);
        }
        // Who is deleted after all has ended was not ended by that.
        let told = cause.filter(|it| cut || it.why != DELETED);
        seen.cause = told.map(|it| it.why);
        seen.start(meta, &conditions, init_statuses.iter().chain(&statuses));
        seen.readiness(&conditions, &regular, &statuses);
        seen
    }

    /// Takes in the runs of a container; whether one of them was ended from outside.
    fn take(&mut self, status: &ContainerStatus, cause: Option<&Cause>, now: Second) -> bool {
        let none = State::default();
        let (state, last) = (
            status.state.as_ref().unwrap_or(&none),
            status.last_state.as_ref().unwrap_or(&none),
        );
        if let Some(reason) = state.waiting.as_ref().and_then(|it| it.reason.clone()) {
            if last.terminated.is_none() {
                self.waiting.push(reason);
            }
        }
        let restarts = status.restart_count;
        let seen = self.containers.entry(status.name.clone()).or_default();
        seen.restarts = restarts;
        let waits = state.running.is_none() && state.terminated.is_none();
        // While a container waits for its restart, its last run is the last.
        let before = if waits {
            Some(restarts)
        } else {
            restarts.checked_sub(1)
        };
        let mut cut = false;
        let mut add = |number: u32, run: Option<Run>| {
            cut |= run.is_some_and(|it| it.end == RunEnd::Cut);
            seen.runs.extend(run.map(|run| (number, run)));
        };
        if let Some((number, it)) = before.zip(last.terminated.as_ref()) {
            let cause = cause.filter(|it| it.from.is_some());
            add(number, run(it, cause));
        }
        if let Some(it) = &state.terminated {
            add(restarts, run(it, cause));
        }
        if let Some(start) = state.running.as_ref().and_then(|it| it.started_at) {
            let seconds = now.since(start).max(0);
            let end = RunEnd::Running;
            add(restarts, Some(Run { seconds, end }));
        }
        cut
    }

    /// How long it took to start.
    fn start<'a>(
        &mut self,
        meta: &Metadata,
        conditions: &[Condition],
        statuses: impl Iterator<Item = &'a ContainerStatus>,
    ) {
        let bound = conditions.iter().find(|it| it.is("PodScheduled"));
        let Some(bound) = bound.and_then(|it| it.last_transition_time) else {
            return;
        };
        let created = meta.creation_timestamp;
        self.scheduled = created.map(|it| bound.since(it)).filter(|it| *it >= 0);
        // Of a container that was restarted more than once, the first start is not seen.
        let first = statuses.filter_map(|status| match status.restart_count {
            0 => started(status.state.as_ref()).or_else(|| started(status.last_state.as_ref())),
            1 => started(status.last_state.as_ref()),
            _ => None,
        });
        let first = first.filter(|it| *it >= bound).min();
        self.started = first.map(|it| (it.since(bound), it));
    }

    /// How long the only container with a readiness probe took to be ready.
    fn readiness(
        &mut self,
        conditions: &[Condition],
        specs: &[ContainerSpec],
        statuses: &[ContainerStatus],
    ) {
        let mut probed = specs.iter().filter(|it| it.readiness_probe.is_some());
        let (Some(only), None) = (probed.next(), probed.next()) else {
            return;
        };
        let status = statuses.iter().find(|it| it.name == only.name);
        let running = status.and_then(|it| it.state.as_ref()?.running.as_ref()?.started_at);
        let ready = conditions.iter().find(|it| it.is("Ready"));
        let ready = ready.and_then(|it| it.last_transition_time);
        if let (Some((start, ready)), Some(seen)) =
            (running.zip(ready), self.containers.get_mut(&only.name))
        {
            seen.ready = Some(ready.since(start)).filter(|it| *it >= 0);
        }
    }

    /// Takes in the same pod as it was seen at another time: of each run, what is known best.
    pub(super) fn merge(&mut self, other: Self) {
        for (name, role) in other.roles {
            if !self.roles.iter().any(|it| it.0 == name) {
                self.roles.push((name, role));
            }
        }
        for (name, theirs) in other.containers {
            let ours = self.containers.entry(name).or_default();
            ours.restarts = ours.restarts.max(theirs.restarts);
            ours.ready = ours.ready.or(theirs.ready);
            for (number, run) in theirs.runs {
                let known = ours.runs.entry(number).or_insert(run);
                let rank = |it: &Run| match it.end {
                    RunEnd::Running => (0, it.seconds),
                    RunEnd::Cut => (1, 0),
                    RunEnd::Ended(_) => (2, 0),
                };
                if rank(&run) > rank(known) {
                    *known = run;
                }
            }
        }
        self.cause = self.cause.take().or(other.cause);
        self.node = self.node.take().or(other.node);
        self.scheduled = self.scheduled.or(other.scheduled);
        self.started = self.started.or(other.started);
        if self.started.is_some() {
            self.waiting.clear();
        }
    }
}

const DELETED: &str = "deleted";

fn cause(meta: &Metadata, conditions: &[Condition], reason: Option<&str>) -> Option<Cause> {
    let target = conditions.iter().find(|it| it.is("DisruptionTarget"));
    if let Some(target) = target {
        let why = target.reason.clone();
        return Some(Cause {
            why: why.unwrap_or_else(|| "DisruptionTarget".to_owned()),
            from: target.last_transition_time,
        });
    }
    if let Some(reason) = reason.filter(|it| !it.is_empty()) {
        let (why, from) = (reason.to_owned(), None);
        return Some(Cause { why, from });
    }
    Some(Cause {
        why: DELETED.to_owned(),
        from: Some(asked_to_go(meta)?),
    })
}

/// When somebody deleted the pod: its timestamp is when it has to be gone.
pub(super) fn asked_to_go(meta: &Metadata) -> Option<Second> {
    let grace = meta.deletion_grace_period_seconds.unwrap_or(0);
    let at = meta.deletion_timestamp?;
    Some(Second(at.0.saturating_sub(grace.max(0))))
}

/// A run that has ended; none if nobody knows how long it was.
fn run(it: &Terminated, cause: Option<&Cause>) -> Option<Run> {
    let reason = it.reason.as_deref().unwrap_or_default();
    let lasted = (it.started_at.zip(it.finished_at))
        // Runtimes write 1970 for a process that never was.
        .filter(|(start, _)| start.0 > 0)
        .map(|(start, finish)| finish.since(start))
        .filter(|it| *it >= 0);
    if reason == "StartError" {
        let (seconds, end) = (0, RunEnd::Ended(Ending::StartError));
        return Some(Run { seconds, end });
    }
    let seconds = lasted?;
    let outside = cause.is_some_and(|cause| match cause.from {
        Some(from) => it.finished_at.is_some_and(|at| at >= from),
        None => it.exit_code != 0,
    });
    // The kubelet's and the runtime's words for what ended while they did not look.
    let lost = matches!(reason, "ContainerStatusUnknown" | "Unknown");
    let end = if outside || lost {
        RunEnd::Cut
    } else if reason == "OOMKilled" && it.exit_code == 137 {
        RunEnd::Ended(Ending::OutOfMemory)
    } else {
        // Windows has codes that scenarios have not: any of them is a failure.
        RunEnd::Ended(Ending::Exit(u8::try_from(it.exit_code).unwrap_or(255)))
    };
    Some(Run { seconds, end })
}

fn started(state: Option<&State>) -> Option<Second> {
    let state = state?;
    let running = state.running.as_ref().and_then(|it| it.started_at);
    let terminated = state.terminated.as_ref().and_then(|it| it.started_at);
    running.or(terminated)
}

fn role(it: &ContainerSpec) -> Role {
    if it.restart_policy.as_deref() == Some("Always") {
        Role::Sidecar
    } else {
        Role::Init
    }
}

fn job_of(meta: &Metadata) -> Option<String> {
    let labels = meta.labels.as_ref();
    let mut labels = labels.into_iter().flat_map(|labels| {
        let known = JOB_NAME_LABELS.iter();
        known.filter_map(|name| labels.get(*name))
    });
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    let owner = || owners.iter().find(|it| it.kind == "Job");
    let label = labels.next().cloned();
    label.or_else(|| owner().map(|it| it.name.clone()))
}
