//! Kinds of trouble, and how each is brought about.

use super::Scene;
use crate::api::{Resource, Verb};
use crate::base::Span;
use crate::fault::{Absence, Action, Deed, Fault, NodeTarget, Outage, Pressure};
use crate::model::{
    Effect, PodTemplate, Quota, Reference, ReferenceKind, Taint, Toleration, TolerationOperator,
    Volume, VolumeSource,
};
use crate::sim::Scenario;

macro_rules! causes {
    ($($name:ident $title:literal $detail:literal,)*) => {
        /// A kind of trouble.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $(#[doc = $detail] $name,)*
        }

        impl Cause {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What happens, exactly.
            #[must_use]
            pub const fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)* }
            }
        }
    };
}

causes! {
    Exit "container exits 1" "the first container of the pod exits with code 1",
    AlwaysExits "container exits 1 always" "every run of the first container exits with code 1",
    Oom "out of memory" "the kernel kills the first container of the pod",
    BadImage "bad image" "no image can be pulled, from the beginning",
    NoConfig "missing ConfigMap" "a variable comes from a ConfigMap that is not there",
    NoVolume "missing Secret volume" "a volume is made from a Secret that is not there",
    UserDeletes "user deletes pod" "kubectl delete pod",
    UserForces "user forces deletion" "kubectl delete pod --grace-period=0 --force",
    ApiEviction "eviction by API" "the pod is evicted, as the eviction API does",
    Preemption "preemption" "the scheduler takes the pod's room for one of higher priority",
    Drain "node drain" "kubectl drain of the pod's node",
    TaintNoExecute "taint NoExecute" "its node gets a taint that the pod does not tolerate",
    NodeLost "node lost for ever" "its node loses power and never comes back",
    NodeBack "node lost, back in 30 s" "the network of its node is cut for 30 s",
    NodeBackLate "node lost, back in 10 min" "the network of its node is cut for 10 minutes",
    NodeDeleted "node deleted" "the machine is gone, and its Node object is deleted",
    SpotReclaim "spot reclaim" "two minutes' notice that nobody reacts to, then power loss; the \
        Node object goes 30 s later",
    SpotDrain "spot reclaim, drained" "two minutes' notice, a drain after 5 s, then power loss",
    Shutdown "graceful node shutdown" "its node is shut down with 30 s for its pods",
    Reboot "node reboot" "its node is rebooted, which takes 30 s",
    KubeletRestart "kubelet restart" "the kubelet of its node is restarted",
    MemoryPressure "pressure eviction" "its node is short of memory for a minute",
    StorageLimit "local storage limit" "the pod is above its limit of local storage",
    NodeOom "node out of memory" "the kernel kills the container with the worst score on its node",
    CriticalPod "critical pod on node" "a critical pod takes all the room on its node",
    KubeletRefuses "kubelet refusal" "the first pod is refused by its kubelet (OutOfcpu)",
    PodDeadline "pod deadline" "the pod's activeDeadlineSeconds end in the middle of its run",
    JobDeadline "Job deadline" "the Job's activeDeadlineSeconds end then",
    QuotaFull "quota full for 1 min" "the namespace takes no more pods for the first minute",
    NoAccount "no ServiceAccount for 1 min" "the ServiceAccount is missing for the first minute",
    ApiErrors "API errors for 30 s" "creating pods fails with code 500 for the first 30 s",
    ControllerRestart "controller restart" "the controllers lose their memory and start again",
    Failover "failover" "the controllers stop, and others take over 15 s later",
    NamespaceGoes "namespace deleted" "the namespace is deleted",
}

/// The most cpu, memory and so on that something may have.
const MUCH: u64 = 1 << 60;

impl Cause {
    /// Brings the trouble into the scenario; whether it can strike its first Job at all.
    pub(super) fn strikes(self, scenario: &mut Scenario, scene: &Scene) -> bool {
        let Scene { pod, at, run, end } = *scene;
        let node = || NodeTarget::Of(pod);
        let minute = Span::from_secs(60);
        let deed = match self {
            Self::Exit => Deed::Crash(pod, None, 1),
            Self::Oom => Deed::OomKill(pod, None),
            Self::UserDeletes => Deed::DeletePod(pod),
            Self::UserForces => Deed::ForceDeletePod(pod),
            Self::ApiEviction => Deed::Evict(pod),
            Self::Preemption => Deed::Preempt(pod),
            Self::Drain => Deed::Drain(node()),
            Self::TaintNoExecute => return taint(scenario, scene),
            Self::NodeLost => Deed::NodeDown(node(), Absence::PowerLoss, None),
            Self::NodeBack => Deed::NodeDown(node(), Absence::Cut, Some(Span::from_secs(30))),
            Self::NodeBackLate => Deed::NodeDown(node(), Absence::Cut, Some(minute.times(10))),
            Self::NodeDeleted => Deed::DeleteNode(node()),
            Self::SpotReclaim | Self::SpotDrain => Deed::Reclaim {
                node: node(),
                notice: minute.times(2),
                drain: (self == Self::SpotDrain).then_some(Span::from_secs(5)),
                deleted: Some(Span::from_secs(30)),
            },
            Self::Shutdown => Deed::Shutdown {
                node: node(),
                total: Span::from_secs(30),
                critical: Span::from_secs(10),
            },
            Self::Reboot => Deed::Reboot(node(), Span::from_secs(30)),
            Self::KubeletRestart => Deed::RestartKubelet(node()),
            Self::MemoryPressure => Deed::Pressure(node(), Pressure::Memory, minute),
            Self::StorageLimit => Deed::ExceedStorage(pod),
            Self::NodeOom => Deed::NodeOom(node()),
            Self::CriticalPod => Deed::CriticalPod {
                node: node(),
                milli_cpu: MUCH,
                memory: MUCH,
            },
            Self::ControllerRestart => Deed::RestartControllers,
            Self::Failover => Deed::Failover(Span::from_secs(15)),
            Self::NamespaceGoes => Deed::TerminateNamespace,
            Self::KubeletRefuses => {
                let deed = Deed::RefuseNextPod(NodeTarget::Any);
                act(scenario, Span::ZERO, deed);
                return true;
            }
            Self::AlwaysExits => return always_exits(scenario),
            Self::PodDeadline => {
                let deadline = run.micros() / 2_000_000;
                let template = &mut scenario.workloads[0].job.spec.template;
                template.active_deadline_seconds = u32::try_from(deadline.max(1)).ok();
                return true;
            }
            Self::JobDeadline => {
                let spec = &mut scenario.workloads[0].job.spec;
                spec.active_deadline_seconds = Some((at.micros() / 1_000_000).max(1));
                return true;
            }
            Self::BadImage => return fail(scenario, end.times(1000), Outage::Image(None)),
            Self::NoConfig | Self::NoVolume => return missing(scenario, end, self),
            Self::QuotaFull => {
                let quota = Quota {
                    name: "quota".to_owned(),
                    pods: Some(0),
                    ..Quota::default()
                };
                return fail(scenario, minute, Outage::Quota(quota));
            }
            Self::NoAccount => return fail(scenario, minute, Outage::ServiceAccount),
            Self::ApiErrors => {
                let outage = Outage::Requests {
                    verb: Verb::Create,
                    resource: Resource::Pods,
                    code: 500,
                };
                return fail(scenario, Span::from_secs(30), outage);
            }
        };
        act(scenario, at, deed);
        true
    }
}

fn act(scenario: &mut Scenario, at: Span, deed: Deed) {
    scenario.actions.push(Action { at, job: 0, deed });
}

/// Something does not work from the beginning.
fn fail(scenario: &mut Scenario, to: Span, outage: Outage) -> bool {
    scenario.faults.push(Fault {
        from: Span::ZERO,
        to,
        outage,
    });
    true
}

/// A taint that the pod does not tolerate, unless it tolerates everything.
fn taint(scenario: &mut Scenario, scene: &Scene) -> bool {
    let taint = Taint {
        key: "example.com/maintenance".to_owned(),
        value: String::new(),
        effect: Effect::NoExecute,
    };
    let all = |it: &Toleration| it.key.is_empty() && it.operator == TolerationOperator::Exists;
    let template = &scenario.workloads[0].job.spec.template;
    let strikes = !template.tolerations.iter().any(all);
    act(scenario, scene.at, Deed::Taint(NodeTarget::Of(scene.pod), taint));
    strikes
}

/// The pod needs a ConfigMap or Secret, and it is not there.
fn missing(scenario: &mut Scenario, end: Span, cause: Cause) -> bool {
    const NAME: &str = "dryjob-matrix-missing";
    let template: &mut PodTemplate = &mut scenario.workloads[0].job.spec.template;
    let reference = |kind| Reference {
        kind,
        name: NAME.to_owned(),
        key: None,
        optional: false,
    };
    if cause == Cause::NoVolume {
        template.volumes.push(Volume {
            name: NAME.to_owned(),
            source: VolumeSource::Objects(vec![reference(ReferenceKind::Secret)]),
        });
    } else {
        let Some(first) = template.containers.first_mut() else {
            return false;
        };
        first.references.push(reference(ReferenceKind::ConfigMap));
    }
    fail(scenario, end.times(1000), Outage::Reference(NAME.to_owned()))
}
