//! A pod as the API server stores it, kept small: a run may hold a million of them.

use super::node::NodeId;
use crate::base::WireTime;

/// A pod of the run, numbered in order of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PodId(pub u32);

impl PodId {
    /// The pod's place in a table of all pods.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0 as usize
    }
}

/// A Job of the run, numbered in order of creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

impl JobId {
    /// The Job's place in a table of all Jobs.
    #[must_use]
    pub const fn slot(self) -> usize {
        self.0 as usize
    }
}

/// `status.phase`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Not all containers have been started.
    #[default]
    Pending,
    /// Bound, all containers created, at least one running or starting again.
    Running,
    /// All containers ended with exit code 0.
    Succeeded,
    /// All containers ended, at least one of them not with 0; or given up from outside.
    Failed,
}

impl Phase {
    /// Whether the pod has ended for good.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed)
    }

    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
        }
    }
}

/// The pod's `Ready` condition and since when it has been so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readiness {
    /// There is no such condition yet.
    #[default]
    Unknown,
    /// `Ready=False`
    False(WireTime),
    /// `Ready=True`
    True(WireTime),
}

/// `metadata.deletionTimestamp` and `metadata.deletionGracePeriodSeconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// When the pod is to be gone: the request's time plus the grace period.
    pub at: WireTime,
    /// The grace period in seconds.
    pub grace: u32,
}

/// The exit codes of a pod's terminated containers: a number into the run's table of exit-code
/// lists, because a million pods share a handful of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExitCodes {
    /// No container has terminated for good.
    #[default]
    None,
    /// Every regular container terminated with this code, and every init container with 0.
    All(i16),
    /// What this entry says of each container, terminated or not.
    Listed(u16),
}

/// `status.reason` of a pod that did not end by itself (P2, P62). These are never reasons of a
/// container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PodReason {
    /// Node pressure, or a limit of its local storage (P65, P68).
    Evicted,
    /// Graceful node shutdown (P83).
    Terminated,
    /// A critical pod needs its room on the node (P82).
    Preempting,
    /// The pod's own `activeDeadlineSeconds` (P59).
    DeadlineExceeded,
    /// Refused by a kubelet that is shutting down (P83).
    NodeShutdown,
    /// Refused by the kubelet: not enough CPU is left (P2).
    OutOfCpu,
    /// Refused by the kubelet: not enough memory is left.
    OutOfMemory,
    /// Refused by the kubelet: as many pods as the node may have.
    OutOfPods,
    /// Refused by the kubelet: not enough local storage is left.
    OutOfEphemeralStorage,
    /// Refused by the kubelet: not enough of another resource, such as a GPU, is left.
    OutOfOther,
    /// Refused by the kubelet: the node's labels do not match.
    NodeAffinity,
    /// Refused by the kubelet: the node has a taint `NoExecute` that the pod does not bear.
    TaintToleration,
    /// Refused by the kubelet for an inner reason, such as a broken device.
    UnexpectedAdmissionError,
    /// Refused by the kubelet: no placement on the machine's topology.
    TopologyAffinityError,
    /// Written by a script.
    Scripted,
}

impl PodReason {
    /// As the API writes it; `OutOf…` for another resource is completed by who knows its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Evicted => "Evicted",
            Self::Terminated => "Terminated",
            Self::Preempting => "Preempting",
            Self::DeadlineExceeded => "DeadlineExceeded",
            Self::NodeShutdown => "NodeShutdown",
            Self::OutOfCpu => "OutOfcpu",
            Self::OutOfMemory => "OutOfmemory",
            Self::OutOfPods => "OutOfpods",
            Self::OutOfEphemeralStorage => "OutOfephemeral-storage",
            Self::OutOfOther => "OutOf",
            Self::NodeAffinity => "NodeAffinity",
            Self::TaintToleration => "TaintToleration",
            Self::UnexpectedAdmissionError => "UnexpectedAdmissionError",
            Self::TopologyAffinityError => "TopologyAffinityError",
            Self::Scripted => "Scripted",
        }
    }
}

/// The reason of a condition DisruptionTarget=True: who ended the pod (P62).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Disruption {
    /// The scheduler, to make room for a pod of higher priority (P114).
    PreemptionByScheduler,
    /// The taint manager, because of a taint NoExecute (P74).
    DeletionByTaintManager,
    /// The eviction API, as `kubectl drain` uses it (P80).
    EvictionByEvictionApi,
    /// The pod garbage collector, because its node is gone (P78).
    DeletionByPodGc,
    /// The kubelet: node pressure, shutdown or a critical pod (P65, P82, P83).
    TerminationByKubelet,
    /// Written by a script.
    Scripted,
}

impl Disruption {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreemptionByScheduler => "PreemptionByScheduler",
            Self::DeletionByTaintManager => "DeletionByTaintManager",
            Self::EvictionByEvictionApi => "EvictionByEvictionAPI",
            Self::DeletionByPodGc => "DeletionByPodGC",
            Self::TerminationByKubelet => "TerminationByKubelet",
            Self::Scripted => "Scripted",
        }
    }
}

/// A pod as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // the API's own fields
pub struct Pod {
    /// The Job it was created for.
    pub job: JobId,
    /// Annotation `batch.kubernetes.io/job-completion-index`.
    pub index: Option<u32>,
    /// Its number among the pods of its index, or of its Job if that is not Indexed.
    pub nth: u32,
    /// `metadata.creationTimestamp`
    pub created: WireTime,
    /// Set once a delete was accepted that could not be carried out at once.
    pub deletion: Option<Deletion>,
    /// `status.phase`
    pub phase: Phase,
    /// `spec.nodeName`
    pub node: Option<NodeId>,
    /// `status.nominatedNodeName`: where others make room for it (S33).
    pub nominated: Option<NodeId>,
    /// Condition PodScheduled=False: no node has taken it yet.
    pub unschedulable: bool,
    /// `status.reason`
    pub reason: Option<PodReason>,
    /// Finalizer `batch.kubernetes.io/job-tracking` is there.
    pub finalizer: bool,
    /// The Job is its controller (owner reference).
    pub owned: bool,
    /// Its labels match the Job's selector.
    pub matches: bool,
    /// Reason of a condition DisruptionTarget=True.
    pub disruption: Option<Disruption>,
    /// Condition Ready.
    pub ready: Readiness,
    /// The latest `finishedAt` of its containers, if all of them are terminated with a time.
    pub finished: Option<WireTime>,
    /// Exit codes of terminated containers.
    pub exit: ExitCodes,
    /// Restarts of all containers together.
    pub restarts: u32,
    /// Annotation `batch.kubernetes.io/job-index-failure-count`.
    pub index_failures: Option<u32>,
    /// Annotation `batch.kubernetes.io/job-index-ignored-failure-count`.
    pub ignored_failures: Option<u32>,
}

impl Pod {
    /// Bound to a node: `spec.nodeName` is set.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.node.is_some()
    }

    /// Condition DisruptionTarget=True.
    #[must_use]
    pub const fn is_disrupted(&self) -> bool {
        self.disruption.is_some()
    }

    /// Sets the condition DisruptionTarget, unless the pod has ended or is a target already.
    pub fn disrupt(&mut self, by: Disruption) {
        if !self.phase.is_final() {
            self.disruption.get_or_insert(by);
        }
    }

    /// Neither ended nor asked to terminate.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        !self.phase.is_final() && self.deletion.is_none()
    }

    /// Asked to terminate, and not ended.
    #[must_use]
    pub const fn is_terminating(&self) -> bool {
        !self.phase.is_final() && self.deletion.is_some()
    }

    /// Condition Ready=True.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self.ready, Readiness::True(_))
    }

    /// Failed in the sense of J12: phase Failed, or, where terminating pods are replaced, asked
    /// to terminate and not Succeeded.
    #[must_use]
    pub const fn is_failed(&self, only_failed_phase: bool) -> bool {
        match self.phase {
            Phase::Failed => true,
            Phase::Succeeded => false,
            Phase::Pending | Phase::Running => !only_failed_phase && self.deletion.is_some(),
        }
    }

    /// When the pod finished, as the Job controller works it out (J41).
    #[must_use]
    pub fn finish_time(&self) -> WireTime {
        if let Some(at) = self.finished {
            return at;
        }
        if let Readiness::False(at) = self.ready {
            return at;
        }
        match self.deletion {
            Some(Deletion { at, grace }) => WireTime::from_secs(
                at.secs()
                    .saturating_sub(grace.try_into().unwrap_or(i32::MAX)),
            ),
            None => self.created,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_pod_is_small() {
        assert!(size_of::<Pod>() <= 96, "{}", size_of::<Pod>());
    }

    #[test]
    fn a_terminating_pod_is_failed_only_where_it_is_replaced_at_once() {
        let deletion = Some(Deletion {
            at: WireTime::from_secs(9),
            grace: 5,
        });
        let pod = Pod {
            deletion,
            phase: Phase::Running,
            ..Pod::default()
        };
        assert!(pod.is_failed(false));
        assert!(!pod.is_failed(true));
        assert_eq!(pod.finish_time(), WireTime::from_secs(4));
    }
}
