//! What pods are made from, as the scheduler, the kubelet and the admission of pods read it.
//!
//! Fields of newer releases are kept as they are written; a release that does not know one of them
//! drops it, which is up to the reader: pod-level resources come with 1.34, restart policies and
//! rules of containers with 1.35, and `RestartAllContainers` with 1.36.

use std::collections::BTreeMap;

use super::affinity::{Affinity, HostPort, SpreadConstraint};
use super::policy::Operator;
use super::resources::Resources;
use super::toleration::Toleration;

/// What pods are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodTemplate {
    /// `metadata.labels` as stored; pods have a few more ([`super::Job::pod_labels`]).
    pub labels: BTreeMap<String, String>,
    /// `Never` or `OnFailure`; Jobs allow no other.
    pub restart_policy: RestartPolicy,
    /// Seconds between the request to terminate and the kill.
    pub termination_grace_period_seconds: u32,
    /// Seconds from the pod's start on its node to its end by the kubelet (P59).
    pub active_deadline_seconds: Option<u32>,
    /// The node, if the scheduler is not to choose one.
    pub node_name: Option<String>,
    /// Labels that the node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Which nodes it wants, and which neighbours.
    pub affinity: Affinity,
    /// How evenly such pods are to be spread.
    pub spread: Vec<SpreadConstraint>,
    /// Taints that the pod bears, without those that admission adds (P75).
    pub tolerations: Vec<Toleration>,
    /// `priority`; users leave it to the class.
    pub priority: Option<i32>,
    /// `priorityClassName`; without it the cluster's default class counts.
    pub priority_class: Option<String>,
    /// `preemptionPolicy`; without it the class decides.
    pub preemption_policy: Option<PreemptionPolicy>,
    /// `runtimeClassName`
    pub runtime_class: Option<String>,
    /// `schedulerName`; `None` is the default scheduler.
    pub scheduler_name: Option<String>,
    /// `serviceAccountName`; `None` is the account `default`.
    pub service_account: Option<String>,
    /// Whether the account's token is mounted; `None` leaves it to the account, which means yes
    /// unless it says otherwise (P17).
    pub mounts_token: Option<bool>,
    /// `imagePullSecrets` (P40).
    pub image_pull_secrets: Vec<String>,
    /// Gates that have to be lifted before the pod is scheduled.
    pub scheduling_gates: Vec<String>,
    /// Conditions that have to be True before the pod is Ready (P4).
    pub readiness_gates: Vec<String>,
    /// What running the pod costs beyond its containers.
    pub overhead: Resources,
    /// Requests and limits of the pod as a whole, as written (P103).
    pub resources: Option<Box<PodResources>>,
    /// Volumes, in the manifest's order.
    pub volumes: Vec<Volume>,
    /// Containers, in the manifest's order.
    pub containers: Vec<Container>,
    /// Init containers, in the manifest's order.
    pub init_containers: Vec<Container>,
}

impl PodTemplate {
    /// The grace period of pods that do not set one, in seconds.
    pub const GRACE_SECONDS: u32 = 30;
}

/// A pod without containers, with the defaults of everything else.
impl Default for PodTemplate {
    fn default() -> Self {
        Self {
            labels: BTreeMap::new(),
            restart_policy: RestartPolicy::Never,
            termination_grace_period_seconds: Self::GRACE_SECONDS,
            active_deadline_seconds: None,
            node_name: None,
            node_selector: BTreeMap::new(),
            affinity: Affinity::default(),
            spread: Vec::new(),
            tolerations: Vec::new(),
            priority: None,
            priority_class: None,
            preemption_policy: None,
            runtime_class: None,
            scheduler_name: None,
            service_account: None,
            mounts_token: None,
            image_pull_secrets: Vec::new(),
            scheduling_gates: Vec::new(),
            readiness_gates: Vec::new(),
            overhead: Resources::default(),
            resources: None,
            volumes: Vec::new(),
            containers: Vec::new(),
            init_containers: Vec::new(),
        }
    }
}

/// `spec.template.spec.restartPolicy`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RestartPolicy {
    /// A failed container fails its pod.
    #[default]
    Never,
    /// A failed container is started again in its pod.
    OnFailure,
}

/// Whether pods of lower priority have to make room (P111).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PreemptionPolicy {
    /// They have to.
    PreemptLowerPriority,
    /// They need not.
    Never,
}

/// What a PriorityClass gives to pods that name it (P99, P115).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PriorityClass {
    /// `value`
    pub value: i32,
    /// `preemptionPolicy`
    pub preemption_policy: PreemptionPolicy,
}

impl PriorityClass {
    /// The classes that every cluster has (P115).
    #[must_use]
    pub fn of_system(name: &str) -> Option<Self> {
        let value = match name {
            "system-cluster-critical" => 2_000_000_000,
            "system-node-critical" => 2_000_001_000,
            _ => return None,
        };
        Some(Self {
            value,
            preemption_policy: PreemptionPolicy::PreemptLowerPriority,
        })
    }
}

/// Requests and limits of a pod as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodResources {
    /// What is set aside for the pod.
    pub requests: Resources,
    /// What the pod may use at most.
    pub limits: Resources,
}

/// One container of the template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Its name, unique in the pod.
    pub name: String,
    /// The image as written.
    pub image: String,
    /// When the image is pulled.
    pub image_pull_policy: PullPolicy,
    /// The environment as written: name and literal value (`None` where it comes from elsewhere).
    pub env: Vec<(String, Option<String>)>,
    /// `ConfigMap`s and `Secret`s that the environment is taken from.
    pub references: Vec<Reference>,
    /// Ports of the node that it takes.
    pub host_ports: Vec<HostPort>,
    /// What is set aside for it; where that is not said, its limits.
    pub requests: Resources,
    /// What it may use at most.
    pub limits: Resources,
    /// For an init container: whether it is a sidecar (`restartPolicy: Always`).
    pub sidecar: bool,
    /// Its own restart policy, if it has one and is no sidecar (P33).
    pub restart: Option<ContainerRestart>,
    /// `restartPolicyRules`, of which the first that matches decides (P33).
    pub restart_rules: Vec<RestartRule>,
    /// Asked until it succeeds, before the others (P43).
    pub startup_probe: Option<Probe>,
    /// Asked all the time: whether the container is Ready.
    pub readiness_probe: Option<Probe>,
    /// Asked all the time: whether the container has to be killed.
    pub liveness_probe: Option<Probe>,
    /// What is done before the stop signal is sent (P53).
    pub pre_stop: Option<Hook>,
    /// What is done once the container runs.
    pub post_start: Option<Hook>,
    /// The stop signal, if it is not the image's (P52).
    pub stop_signal: Option<String>,
}

/// `imagePullPolicy` (P40)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PullPolicy {
    /// At each start.
    Always,
    /// Unless the node has the image.
    #[default]
    IfNotPresent,
    /// At no time: without the image the container does not start.
    Never,
}

/// A `ConfigMap` or `Secret` that has to be there, or a key of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its name.
    pub name: String,
    /// The key that has to be there; `None` where all are taken.
    pub key: Option<String>,
    /// Whether the pod goes without if it is not there.
    pub optional: bool,
}

/// What a [`Reference`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// A `ConfigMap`.
    ConfigMap,
    /// A `Secret`.
    Secret,
}

/// `restartPolicy` of a container that is no sidecar (P33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContainerRestart {
    /// Started again however it ended.
    Always,
    /// Started again if it failed.
    OnFailure,
    /// Not started again.
    Never,
}

/// One of `restartPolicyRules` (P33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestartRule {
    /// What happens if it matches.
    pub action: RestartAction,
    /// How the exit code is held against the values.
    pub operator: Operator,
    /// Exit codes.
    pub values: Vec<i32>,
}

impl RestartRule {
    /// Whether the rule is about that exit code; here 0 is a code like any other.
    #[must_use]
    pub fn matches(&self, code: i32) -> bool {
        match self.operator {
            Operator::In => self.values.contains(&code),
            Operator::NotIn => !self.values.contains(&code),
        }
    }
}

/// `action` of a restart rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestartAction {
    /// The container is started again.
    Restart,
    /// All containers of the pod are, from the first init container on (P34).
    RestartAllContainers,
}

/// How often a container is asked, and what its answers mean. What it answers is not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Probe {
    /// Seconds from the start to the first question.
    pub initial_delay_seconds: u32,
    /// Seconds between questions.
    pub period_seconds: u32,
    /// Seconds that an answer may take.
    pub timeout_seconds: u32,
    /// Good answers in a row that change a bad verdict.
    pub success_threshold: u32,
    /// Bad answers in a row that change a good verdict.
    pub failure_threshold: u32,
    /// Seconds between stop signal and kill where the probe is the cause; `None` is the pod's.
    pub termination_grace_period_seconds: Option<u32>,
}

/// A probe that says nothing of times: each 10 s, within 1 s; one success, three failures.
impl Default for Probe {
    fn default() -> Self {
        Self {
            initial_delay_seconds: 0,
            period_seconds: 10,
            timeout_seconds: 1,
            success_threshold: 1,
            failure_threshold: 3,
            termination_grace_period_seconds: None,
        }
    }
}

/// What is done at a turn of a container's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hook {
    /// So many seconds pass.
    Sleep(u32),
    /// A command runs in the container; how long it takes is not known here.
    Command,
    /// The container is sent a request; how long the answer takes is not known here.
    Http,
    /// A connection is opened: accepted for old manifests' sake, and always a failure.
    Tcp,
}

/// One volume of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its name, unique in the pod.
    pub name: String,
    /// What is in it.
    pub source: VolumeSource,
}

/// What is in a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VolumeSource {
    /// A directory that lives as long as the pod.
    EmptyDir {
        /// Bytes that it may take (P68).
        size_limit: Option<u64>,
        /// Whether it is in memory, not on disk.
        memory: bool,
    },
    /// `ConfigMap`s and `Secret`s: one, or those of a projected volume.
    Objects(Vec<Reference>),
    /// A `PersistentVolumeClaim`, by its name.
    Claim(String),
    /// Anything else.
    Other,
}
