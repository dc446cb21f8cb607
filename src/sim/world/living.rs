//! Pods that live on nodes: their kubelets, what runs in their containers, and what is there
//! besides them.

use super::super::recorder::Recorder;
use super::super::scenario::{Scenario, Workload};
use super::{Event, World, rank};
use crate::base::stream::{address, within};
use crate::base::{Instant, Key};
use crate::fault::{Fault, Outage};
use crate::model::{
    Answer, ContainerRun, ContainerSlot, Course, Exit, HookEnd, HookTurn, ImageState, Job, NodeId,
    OnStop, PodId, PodNews, PodTemplate, ProbeKind, Reference,
};
use crate::node::{Cx, Kubelets, Processes, Surroundings, Wake};
use crate::workload::{Crew, Site};
use std::sync::Arc;

/// The kubelets, and what runs in the containers of their pods.
#[derive(Debug)]
pub(super) struct Living {
    kubelets: Kubelets,
    crew: Crew,
    jobs: Vec<Tenant>,
    faults: Vec<Fault>,
    start: Instant,
    wakes: Vec<(PodId, Wake)>,
    news: Vec<(PodId, PodNews)>,
}

/// A Job as its containers know it.
#[derive(Clone, Debug)]
struct Tenant {
    job: Arc<Job>,
    /// What its draws belong to: its namespace and name, so that other Jobs change nothing.
    entity: u64,
}

/// What kubelets are told.
pub(super) struct Inside<'a> {
    crew: &'a mut Crew,
    jobs: &'a [Tenant],
    faults: &'a [Fault],
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
            crew.cast(&workload.job, &workload.fates);
        }
        let tenants = scenario
            .workloads
            .iter()
            .map(|Workload { job, .. }| Tenant {
                entity: within(address(&job.namespace), address(&job.name)),
                job: Arc::new(job.clone()),
            });
        Some(Box::new(Self {
            kubelets: Kubelets::new(scenario.release, scenario.pace.clone()),
            crew,
            jobs: tenants.collect(),
            faults: scenario.faults.clone(),
            start: Instant::ORIGIN + scenario.start,
            wakes: Vec::new(),
            news: Vec::new(),
        }))
    }

    /// Forgets all pods, and keeps the memory for the next run.
    pub(super) fn clear(&mut self) {
        self.kubelets.clear();
        self.crew.clear();
        self.wakes.clear();
        self.news.clear();
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
        let Some(living) = self.living.as_deref_mut() else {
            return;
        };
        let mut inside = Inside {
            crew: &mut living.crew,
            jobs: &living.jobs,
            faults: &living.faults,
            key: &self.key,
            start: living.start,
        };
        let mut cx = Cx {
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
            node_name: None,
            container: container(&tenant.job.spec.template, run),
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
        self.crew.ended(now, &self.site(run), run, exit);
    }

    fn hook(&mut self, now: Instant, run: &ContainerRun, turn: HookTurn) -> HookEnd {
        self.crew.hook(now, &self.site(run), run, turn)
    }

    fn answer(&mut self, now: Instant, run: &ContainerRun, probe: ProbeKind) -> Answer {
        self.crew.answer(now, &self.site(run), run, probe)
    }
}

impl Surroundings for Inside<'_> {
    fn image(&self, now: Instant, _node: NodeId, image: &str) -> ImageState {
        let missing = |outage: &Outage| match outage {
            Outage::Image(name) => name.as_deref().is_none_or(|it| it == image),
            _ => false,
        };
        if self.outages(now).any(missing) {
            ImageState::Unpullable
        } else {
            ImageState::Present
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

/// The container that a run is of.
fn container<'t>(
    template: &'t PodTemplate,
    run: &ContainerRun,
) -> Option<&'t crate::model::Container> {
    match run.container {
        ContainerSlot::Init(place) => template.init_containers.get(usize::from(place)),
        ContainerSlot::Regular(place) => template.containers.get(usize::from(place)),
    }
}
