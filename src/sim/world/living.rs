//! Pods that live on nodes: their kubelets, what runs in their containers, and what is there
//! besides them.

use super::super::recorder::Recorder;
use super::super::scenario::{Scenario, Workload};
use super::machines::Machines;
use super::{Event, World, rank};
use crate::base::stream::{address, within};
use crate::base::{Instant, Key, Span};
use crate::fault::{Fault, Outage, Pressure};
use crate::model::{
    Answer, ContainerRun, ContainerSlot, Course, Exit, HookEnd, HookTurn, ImageState, Job, JobId,
    NodeId, OnStop, PodId, PodNews, ProbeKind, Reference, VolumeSource,
};
use crate::node::machine::PullEnd;
use crate::node::{Cx, Ending, Kubelets, PodCondition, Processes, Surroundings, Wake};
use crate::workload::{Crew, Site};
use std::sync::Arc;

/// The kubelets, and what runs in the containers of their pods.
#[derive(Debug)]
pub(super) struct Living {
    kubelets: Kubelets,
    crew: Crew,
    jobs: Vec<Tenant>,
    faults: Vec<Fault>,
    /// The names of all nodes, in order of their numbers.
    node_names: Vec<Arc<str>>,
    /// Whether nodes have to pull images at all, and how many at a time.
    pulls: bool,
    slots: u32,
    start: Instant,
    wakes: Vec<(PodId, Wake)>,
    news: Vec<(PodId, PodNews)>,
}

/// A Job as its containers know it.
#[derive(Clone, Copy, Debug)]
struct Tenant {
    /// What its draws belong to: its namespace and name, so that other Jobs change nothing.
    entity: u64,
    /// With which secrets its images are pulled; 0 for none, which need none (P40).
    secrets: u64,
}

/// What kubelets are told.
pub(super) struct Inside<'a> {
    crew: &'a mut Crew,
    jobs: &'a [Tenant],
    faults: &'a [Fault],
    node_names: &'a [Arc<str>],
    machines: &'a mut Machines,
    /// Whether nodes have to pull images at all.
    pulls: bool,
    /// How many pulls a node makes at a time; 0 is without a limit.
    slots: u32,
    key: &'a Key,
    start: Instant,
}

impl Living {
    /// The kubelets of a scenario in which a Job's pods live; `None` if all follow scripts.
    pub(super) fn new(scenario: &Scenario) -> Option<Box<Self>> {
        if scenario.workloads.iter().all(|it| it.fates.is_empty()) {
            return None;
        }
        let mut crew = Crew::default();
        for workload in &scenario.workloads {
            // A run is not begun with fates that do not fit: see `Scenario::check_fates`.
            let _ = crew.cast(&workload.job, &workload.fates);
        }
        let tenants = scenario
            .workloads
            .iter()
            .map(|Workload { job, .. }| Tenant {
                entity: entity_of(job),
                secrets: secrets(job),
            });
        Some(Box::new(Self {
            kubelets: Kubelets::new(scenario.release, scenario.pace.clone()),
            crew,
            jobs: tenants.collect(),
            faults: scenario.faults.clone(),
            node_names: Vec::new(),
            pulls: scenario.pace.pulls_images(),
            slots: scenario.pace.parallel_pulls,
            start: Instant::ORIGIN + scenario.start,
            wakes: Vec::new(),
            news: Vec::new(),
        }))
    }

    /// Forgets all pods, and keeps the memory for the next run.
    pub(super) fn clear(&mut self) {
        self.kubelets.clear();
        self.crew.clear();
        self.node_names.clear();
        self.wakes.clear();
        self.news.clear();
    }
}

/// What the draws of a Job's pods belong to.
pub(in super::super) fn entity_of(job: &Job) -> u64 {
    within(address(&job.namespace), address(&job.name))
}

/// What an image that a Job's pods have pulled may be used with: 0 for everybody.
fn secrets(job: &Job) -> u64 {
    let names = &job.spec.template.image_pull_secrets;
    if names.is_empty() {
        return 0;
    }
    let all = address(&job.namespace);
    names
        .iter()
        .fold(all, |all, name| within(all, address(name)))
}

impl Living {
    /// A node has joined.
    pub(super) fn node_joined(&mut self, name: &str) {
        self.node_names.push(name.into());
    }

    /// What has become of the items of the work queues.
    pub(super) const fn crew(&self) -> &Crew {
        &self.crew
    }
}

impl World {
    /// From now on it is remembered which conditions kubelets last gave to each pod.
    pub fn remember_conditions(&mut self) {
        if let Some(living) = &mut self.living {
            living.kubelets.remember_conditions();
        }
    }

    /// The conditions that its kubelet gives a pod, or last gave it, where that is remembered
    /// (P4); none of pods that no kubelet has seen, or that follow scripts.
    #[must_use]
    pub fn kubelet_conditions(&self, pod: PodId) -> Vec<PodCondition> {
        let kubelets = self.living.as_deref().map(|it| &it.kubelets);
        kubelets.map_or_else(Vec::new, |it| it.conditions(pod))
    }

    /// Whether the containers of some pod use up memory or local storage.
    pub(super) fn living_uses_up(&self) -> bool {
        self.living.as_deref().is_some_and(|it| it.crew.uses_up())
    }

    /// What a pod uses of its node's memory or local storage now, in bytes.
    pub(super) fn usage(&self, pod: PodId, of: Pressure) -> u64 {
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let regular = (0..)
            .zip(&template.containers)
            .map(|(it, _)| ContainerSlot::Regular(it));
        let init = (0..)
            .zip(&template.init_containers)
            .map(|(it, _)| ContainerSlot::Init(it));
        regular
            .chain(init)
            .map(|slot| self.usage_of(pod, slot, of))
            .sum()
    }

    /// What a container uses now.
    pub(super) fn usage_of(&self, pod: PodId, slot: ContainerSlot, of: Pressure) -> u64 {
        let crew = self.living.as_deref().map(|it| &it.crew);
        crew.map_or(0, |crew| match of {
            Pressure::Memory => crew.memory_at(self.now, pod, slot),
            Pressure::Disk | Pressure::Pids => crew.disk_at(self.now, pod, slot),
        })
    }

    /// Whether a pod has written more to local storage than it may (P68).
    pub(super) fn exceeds_storage(&self, pod: PodId) -> bool {
        let template = &self.api.job(self.api.pod(pod).job).job.spec.template;
        let used = self.usage(pod, Pressure::Disk);
        let above = |limit: Option<u64>| limit.is_some_and(|it| used > it);
        let own = (0..).zip(&template.containers).any(|(place, container)| {
            let limit = container.limits.ephemeral_storage;
            let used = self.usage_of(pod, ContainerSlot::Regular(place), Pressure::Disk);
            limit.is_some_and(|it| used > it)
        });
        let volumes = template.volumes.iter().any(|it| match it.source {
            VolumeSource::EmptyDir { size_limit, .. } => above(size_limit),
            _ => false,
        });
        own || volumes || above(template.effective_limits().ephemeral_storage)
    }
}

/// Something that a kubelet sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// A pod was bound to its node.
    Bound,
    /// A pod is to be deleted within so many seconds.
    Delete(u32),
    /// A pod's object is gone.
    Gone,
    /// A wake-up has come.
    Wake(u32),
    /// The kubelet ends it.
    End(Ending),
    /// Its machine has no power any more.
    PowerOff,
    /// Its machine is on again.
    PowerOn,
    /// Its node is not heard any more.
    CutOff,
    /// Its node is heard again.
    Back,
    /// Its kubelet was restarted.
    Restart,
    /// A container's process is struck down.
    Struck(ContainerSlot, Exit),
}

impl World {
    /// Whether the pod lives on a node, and does not follow a script.
    pub(super) fn lives(&self, pod: PodId) -> bool {
        let job = self.api.pod(pod).job.slot();
        let workload = self.scenario.workloads.get(job);
        self.living.is_some() && workload.is_some_and(|it| !it.fates.is_empty())
    }

    /// A kubelet sees something of a pod, and does what follows.
    pub(super) fn see(&mut self, pod: PodId, sight: Sight, recorder: &mut impl Recorder) {
        let now = self.now;
        let clock = self.clock_offset();
        let Some(living) = self.living.as_deref_mut() else {
            return;
        };
        let mut inside = Inside {
            crew: &mut living.crew,
            jobs: &living.jobs,
            faults: &living.faults,
            node_names: &living.node_names,
            machines: &mut self.machines,
            pulls: living.pulls,
            slots: living.slots,
            key: &self.key,
            start: living.start,
        };
        let mut cx = Cx {
            clock,
            api: &mut self.api,
            outside: &mut inside,
            key: &self.key,
            wakes: &mut living.wakes,
            news: &mut living.news,
        };
        let kubelets = &mut living.kubelets;
        match sight {
            Sight::Bound => kubelets.bound(now, pod, &mut cx),
            Sight::Delete(grace) => kubelets.stop(now, pod, grace, &mut cx),
            Sight::Gone => kubelets.removed(now, pod, &mut cx),
            Sight::Wake(stamp) => kubelets.wake(now, pod, stamp, &mut cx),
            Sight::End(ending) => kubelets.end(now, pod, ending, &mut cx),
            Sight::PowerOff => kubelets.power_off(now, pod, &mut cx),
            Sight::PowerOn => kubelets.power_on(now, pod, &mut cx),
            Sight::CutOff => kubelets.cut_off(now, pod, &mut cx),
            Sight::Back => kubelets.back(now, pod, &mut cx),
            Sight::Restart => kubelets.restart(now, pod, &mut cx),
            Sight::Struck(slot, exit) => kubelets.strike(now, pod, slot, exit, &mut cx),
        }
        for (pod, news) in living.news.drain(..) {
            recorder.told(now, &self.api, pod, news);
        }
        for (pod, wake) in living.wakes.drain(..) {
            let stamp = wake.stamp;
            self.events
                .push(now + wake.after, rank::POD, Event::Wake { pod, stamp });
        }
    }
}

impl<'a> Inside<'a> {
    fn site(&self, run: &ContainerRun) -> Site<'a> {
        let tenant = &self.jobs[run.job.slot()];
        Site {
            key: self.key,
            job_entity: tenant.entity,
            node_name: self.node_names.get(run.node.slot()).map(AsRef::as_ref),
        }
    }

    fn outages(&self, now: Instant) -> impl Iterator<Item = &Outage> {
        let since = now.since(self.start);
        let holds = move |it: &&Fault| (it.from..it.to).contains(&since);
        self.faults.iter().filter(holds).map(|it| &it.outage)
    }
}

impl Processes for Inside<'_> {
    fn start(&mut self, now: Instant, run: &ContainerRun) -> Course {
        self.crew.start(now, &self.site(run), run)
    }

    fn go_on(&mut self, now: Instant, run: &ContainerRun) -> Course {
        self.crew.go_on(now, &self.site(run), run)
    }

    fn on_stop(&mut self, now: Instant, run: &ContainerRun) -> OnStop {
        self.crew.on_stop(now, &self.site(run), run)
    }

    fn ended(&mut self, now: Instant, run: &ContainerRun, exit: Exit) {
        self.crew.ended(now, run, exit);
    }

    fn hook(&mut self, _now: Instant, run: &ContainerRun, turn: HookTurn) -> HookEnd {
        self.crew.hook(&self.site(run), run, turn)
    }

    fn answer(&mut self, now: Instant, run: &ContainerRun, probe: ProbeKind) -> Answer {
        self.crew.answer(now, &self.site(run), run, probe)
    }
}

impl Surroundings for Inside<'_> {
    fn image(&self, now: Instant, node: NodeId, image: &str, job: JobId) -> ImageState {
        let missing = |outage: &Outage| match outage {
            Outage::Image(name) => name.as_deref().is_none_or(|it| it == image),
            _ => false,
        };
        if self.outages(now).any(missing) {
            return ImageState::Unpullable;
        }
        if !self.pulls {
            return ImageState::Present;
        }
        let secrets = self.jobs[job.slot()].secrets;
        match self.machines.pulled_with(node, image) {
            None => ImageState::Pullable,
            Some(known) if known.contains(&0) || known.contains(&secrets) => ImageState::Present,
            Some(_) => ImageState::Unverified,
        }
    }

    fn pull_ends(&mut self, now: Instant, node: NodeId, takes: Span) -> PullEnd {
        if node.is_named() {
            self.machines.of(node).pulls.ends(now, takes, self.slots)
        } else {
            PullEnd {
                at: now + takes,
                refused: false,
            }
        }
    }

    fn pulled(&mut self, _now: Instant, node: NodeId, image: &str, job: JobId) {
        if node.is_named() {
            let secrets = self.jobs[job.slot()].secrets;
            let images = &mut self.machines.of(node).images;
            images.entry(image.into()).or_default().insert(secrets);
        }
    }

    fn exists(&self, now: Instant, reference: &Reference) -> bool {
        let missing = |outage: &Outage| match outage {
            Outage::Reference(name) => *name == reference.name,
            Outage::Volumes => true,
            _ => false,
        };
        !self.outages(now).any(missing)
    }
}
