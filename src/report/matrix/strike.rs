//! How each kind of trouble is brought into a scenario.

use super::{Cause, Scene};
use crate::api::{Resource, Verb};
use crate::base::{Chance, Span};
use crate::fault::{Absence, Action, Deed, Fault, NodeTarget, Outage, Pressure};
use crate::model::{
    Effect, PodTemplate, Quota, Reference, ReferenceKind, Taint, Volume, VolumeSource,
};
use crate::sim::{Scenario, Workload};
use crate::workload::{Failure, Fate};

/// More cpu and memory than any node has.
const ALL_THE_ROOM: u64 = 1 << 60;
/// What the pods refer to, and what does not exist.
const MISSING: &str = "dryjob-matrix-missing";
const MINUTE: Span = Span::from_secs(60);
/// How long the power of a node is off when somebody says so.
const OUT_OF_SERVICE: Span = Span::from_secs(120);

/// What brings a cause about.
enum Strike {
    /// It happens in the middle of the pod's run.
    Then(Deed),
    /// The second happens so long after the first.
    Twice(Deed, Span, Deed),
    /// It happens just when the Job is created.
    First(Deed),
    /// It does not work for so long, from the beginning.
    Fails(Outage, Span),
    /// The Job is another one, or its containers do something else.
    Other(fn(&mut Workload, &Scene)),
    /// The same, and what it needs never works.
    Lacks(fn(&mut PodTemplate), Outage),
}

impl Cause {
    /// Brings the trouble into the scenario, for the Job at that place in it.
    pub(super) fn strikes(self, scenario: &mut Scenario, job: usize, scene: &Scene) {
        let act = |at, deed| Action { at, job, deed };
        let whole = scenario.until + Span::from_secs(1);
        let fail = |outage, to| Fault {
            from: Span::ZERO,
            to,
            outage,
        };
        match self.strike(scene) {
            Strike::Then(deed) => scenario.actions.push(act(scene.at, deed)),
            Strike::Twice(first, after, second) => {
                scenario.actions.push(act(scene.at, first));
                scenario.actions.push(act(scene.at + after, second));
            }
            Strike::First(deed) => scenario.actions.push(act(scene.created, deed)),
            Strike::Fails(outage, lasts) => {
                scenario.faults.push(fail(outage, scene.created + lasts));
            }
            Strike::Other(change) => change(&mut scenario.workloads[job], scene),
            Strike::Lacks(change, outage) => {
                change(&mut scenario.workloads[job].job_mut().spec.template);
                scenario.faults.push(fail(outage, whole));
            }
        }
    }

    /// When it comes, unless it is there from the beginning.
    pub(super) fn comes(self, scene: &Scene) -> Option<Span> {
        let then = matches!(self.strike(scene), Strike::Then(_) | Strike::Twice(..));
        then.then_some(scene.at)
    }

    fn strike(self, scene: &Scene) -> Strike {
        let pod = scene.pod;
        match self {
            Self::ContainerFails => Strike::Then(Deed::Crash(pod, None, 1)),
            Self::OutOfMemory => Strike::Then(Deed::OomKill(pod, None)),
            Self::PodDeleted => Strike::Then(Deed::DeletePod(pod)),
            Self::PodForceDeleted => Strike::Then(Deed::ForceDeletePod(pod)),
            Self::Eviction => Strike::Then(Deed::Evict(pod)),
            Self::Preemption => Strike::Then(Deed::Preempt(pod)),
            Self::StorageLimit => Strike::Then(Deed::ExceedStorage(pod)),
            Self::ControllerRestart => Strike::Then(Deed::RestartControllers),
            Self::Failover => Strike::Then(Deed::Failover(Span::from_secs(15))),
            Self::NamespaceDeleted => Strike::Then(Deed::TerminateNamespace),
            Self::KubeletRefusal => Strike::First(Deed::RefuseNextPod(NodeTarget::Any)),
            Self::AlwaysFails => Strike::Other(always_fails),
            Self::PodDeadline => Strike::Other(pod_deadline),
            Self::JobDeadline => Strike::Other(job_deadline),
            Self::BadImage => Strike::Lacks(|_| (), Outage::Image(None)),
            Self::MissingConfigMap => Strike::Lacks(refer, Outage::Reference(MISSING.to_owned())),
            Self::MissingSecret => Strike::Lacks(mount, Outage::Reference(MISSING.to_owned())),
            Self::QuotaFull => Strike::Fails(Outage::Quota(no_pods()), MINUTE),
            Self::NoServiceAccount => Strike::Fails(Outage::ServiceAccount, MINUTE),
            Self::ApiErrors => Strike::Fails(no_creations(), Span::from_secs(30)),
            Self::Drain
            | Self::Taint
            | Self::NodeLost
            | Self::NodeBack
            | Self::NodeBackLate
            | Self::OutOfService
            | Self::NodeDeleted
            | Self::SpotReclaim
            | Self::SpotDrained
            | Self::NodeShutdown
            | Self::NodeReboot
            | Self::KubeletRestart
            | Self::MemoryPressure
            | Self::NodeOutOfMemory
            | Self::CriticalPod => self.strike_node(NodeTarget::Of(pod)),
        }
    }

    /// What happens to the pod's node.
    fn strike_node(self, node: NodeTarget) -> Strike {
        let half = Span::from_secs(30);
        let taint = Taint {
            key: "example.com/maintenance".to_owned(),
            value: String::new(),
            effect: Effect::NoExecute,
        };
        let lost = |node| Deed::NodeDown(node, Absence::PowerLoss, None);
        Strike::Then(match self {
            Self::Drain => Deed::Drain(node),
            Self::Taint => Deed::Taint(node, taint),
            Self::NodeBack => Deed::NodeDown(node, Absence::Cut, Some(half)),
            Self::NodeBackLate => Deed::NodeDown(node, Absence::Cut, Some(MINUTE.times(10))),
            Self::OutOfService => {
                let said = Deed::OutOfService(node.clone());
                return Strike::Twice(lost(node), OUT_OF_SERVICE, said);
            }
            Self::NodeDeleted => Deed::DeleteNode(node),
            Self::SpotReclaim | Self::SpotDrained => Deed::Reclaim {
                node,
                notice: MINUTE.times(2),
                drain: (self == Self::SpotDrained).then_some(Span::from_secs(5)),
                deleted: Some(half),
            },
            Self::NodeShutdown => Deed::Shutdown {
                node,
                total: half,
                critical: Span::from_secs(10),
            },
            Self::NodeReboot => Deed::Reboot(node, half),
            Self::KubeletRestart => Deed::RestartKubelet(node),
            Self::MemoryPressure => Deed::Pressure(node, Pressure::Memory, MINUTE),
            Self::NodeOutOfMemory => Deed::NodeOom(node),
            Self::CriticalPod => Deed::CriticalPod {
                node,
                milli_cpu: ALL_THE_ROOM,
                memory: ALL_THE_ROOM,
            },
            _ => lost(node),
        })
    }
}

fn no_pods() -> Quota {
    Quota {
        name: "quota".to_owned(),
        pods: Some(0),
        ..Quota::default()
    }
}

const fn no_creations() -> Outage {
    Outage::Requests {
        verb: Verb::Create,
        resource: Resource::Pods,
        code: 500,
    }
}

/// Every run of the first container ends with code 1, as late as it would have ended well.
fn always_fails(workload: &mut Workload, _: &Scene) {
    let Some(first) = workload.job.spec.template.containers.first() else {
        return;
    };
    if workload.fates.is_empty() {
        workload.fates.push(Fate::default());
    }
    for fate in &mut workload.fates {
        let known = fate.containers.iter().position(|it| it.0 == first.name);
        let place = known.unwrap_or_else(|| {
            let own = (first.name.clone(), fate.others.clone());
            fate.containers.push(own);
            fate.containers.len() - 1
        });
        fate.containers[place].1.endings = vec![(Chance::ALWAYS, Failure::with(1))];
    }
}

fn pod_deadline(workload: &mut Workload, scene: &Scene) {
    let half = u32::try_from(scene.into.micros() / 1_000_000);
    let deadline = half.unwrap_or(u32::MAX).max(1);
    workload.job_mut().spec.template.active_deadline_seconds = Some(deadline);
}

fn job_deadline(workload: &mut Workload, scene: &Scene) {
    let age = scene.at - scene.created;
    workload.job_mut().spec.active_deadline_seconds = Some((age.micros() / 1_000_000).max(1));
}

fn missing(kind: ReferenceKind) -> Reference {
    Reference {
        kind,
        name: MISSING.to_owned(),
        key: None,
        optional: false,
    }
}

fn refer(template: &mut PodTemplate) {
    if let Some(first) = template.containers.first_mut() {
        first.references.push(missing(ReferenceKind::ConfigMap));
    }
}

fn mount(template: &mut PodTemplate) {
    template.volumes.push(Volume {
        name: MISSING.to_owned(),
        source: VolumeSource::Objects(vec![missing(ReferenceKind::Secret)]),
    });
}
