//! The API server in memory: Jobs and their pods, with what it does to every write: generations,
//! revisions, status checks, graceful deletion, finalizers and owner references.
//!
//! It knows no time but the `now` of each call, draws nothing and refuses what the real one
//! refuses. Every accepted write leaves a [`Notice`], as a watch would deliver it; who holds the
//! server hands them on, at once, to the controllers.

mod admission;
mod budgets;
mod delete;
mod eviction;
mod nodes;
mod notice;
mod patch;
mod pods;
mod refusal;
mod request;
mod status_checks;
mod status_write;

pub use admission::Namespace;
pub use budgets::{BudgetReason, BudgetStatus, StoredBudget};
pub use nodes::{NodeChange, StoredNode};
pub use notice::{JobChange, Notice, PodChange};
pub use refusal::Refusal;
pub use request::{Request, Resource, Verb};
pub use status_write::StatusWrite;

use crate::base::{IndexSet, Instant, WireTime};
use crate::model::{
    Behavior, ContainerSlot, ExitCodes, Job, JobId, JobStatus, NodeId, Pod, PodId, Release,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A Job as the API server keeps it.
#[derive(Clone, Debug)]
pub struct StoredJob {
    /// Name and spec, with the fields that this release does not know removed.
    pub job: Arc<Job>,
    /// `status`
    pub status: JobStatus,
    /// `metadata.generation`: how often the spec was written.
    pub generation: u64,
    /// `metadata.resourceVersion`: raised with every write of this Job.
    pub revision: u64,
    /// `metadata.creationTimestamp`
    pub created: WireTime,
    /// `metadata.deletionTimestamp`
    pub deletion: Option<WireTime>,
    /// Finalizer `foregroundDeletion`: goes when the last dependent has gone.
    pub waits_for_dependents: bool,
    /// Whether the Job has been removed.
    pub gone: bool,
    /// Its pods that exist, owned or not.
    pub pods: IndexSet,
    numbering: Numbering,
}

/// Counts the pods of each index (or of the Job), to number them. Nearly every index has one
/// pod, so only the others take more than a bit.
#[derive(Clone, Debug, Default)]
struct Numbering {
    total: u32,
    seen: IndexSet,
    repeated: BTreeMap<u32, u32>,
}

impl Numbering {
    fn next(&mut self, index: Option<u32>) -> u32 {
        let Some(index) = index else {
            self.total += 1;
            return self.total - 1;
        };
        if self.seen.insert(index) {
            return 0;
        }
        let nth = self.repeated.entry(index).or_insert(0);
        *nth += 1;
        *nth
    }
}

impl StoredJob {
    /// What takes memory of it, emptied for another Job.
    fn emptied(self) -> (JobStatus, IndexSet, Numbering) {
        let (mut status, mut pods, mut numbering) = (self.status, self.pods, self.numbering);
        status.completed_indexes.clear();
        status.uncounted_succeeded.clear();
        status.uncounted_failed.clear();
        status.conditions.clear();
        pods.clear();
        numbering.total = 0;
        numbering.seen.clear();
        numbering.repeated.clear();
        let status = JobStatus {
            completed_indexes: status.completed_indexes,
            uncounted_succeeded: status.uncounted_succeeded,
            uncounted_failed: status.uncounted_failed,
            conditions: status.conditions,
            ..JobStatus::default()
        };
        (status, pods, numbering)
    }
}

/// The API server and everything it stores.
#[derive(Clone, Debug)]
pub struct ApiServer {
    behavior: Behavior,
    jobs: Vec<StoredJob>,
    /// Jobs of earlier runs, of which only the memory is used.
    used: Vec<StoredJob>,
    pods: Vec<Pod>,
    nodes: Vec<StoredNode>,
    /// The nodes that exist, by name.
    node_names: BTreeMap<String, NodeId>,
    budgets: Vec<StoredBudget>,
    live: IndexSet,
    /// Lists of exit codes: how many regular containers, and the codes of all, those first.
    exits: Vec<(usize, Box<[Option<i32>]>)>,
    namespace: Namespace,
    texts: Vec<Arc<str>>,
    /// Their numbers.
    text_numbers: BTreeMap<Arc<str>, u16>,
    notices: Vec<Notice>,
}

impl ApiServer {
    /// An empty API server of that release.
    #[must_use]
    pub fn new(release: Release) -> Self {
        Self {
            behavior: release.behavior(),
            jobs: Vec::new(),
            used: Vec::new(),
            pods: Vec::new(),
            nodes: Vec::new(),
            node_names: BTreeMap::new(),
            budgets: Vec::new(),
            live: IndexSet::new(),
            exits: Vec::new(),
            namespace: Namespace::default(),
            texts: Vec::new(),
            text_numbers: BTreeMap::new(),
            notices: Vec::new(),
        }
    }

    /// Makes room for so many Jobs.
    pub fn expect_jobs(&mut self, count: usize) {
        self.jobs.reserve_exact(count);
    }

    /// Forgets every object, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.used.append(&mut self.jobs);
        self.pods.clear();
        self.nodes.clear();
        self.node_names.clear();
        self.budgets.clear();
        self.namespace = Namespace::default();
        self.live.clear();
        self.notices.clear();
    }

    /// What this release does where releases differ.
    #[must_use]
    pub const fn behavior(&self) -> &Behavior {
        &self.behavior
    }

    /// Creates a Job. Fields whose feature gate is off in this release are dropped, as the real
    /// server drops them.
    pub fn create_job(&mut self, now: Instant, mut job: Arc<Job>) -> JobId {
        // Runs share the Job that the scenario describes, until something of it changes.
        if !self.behavior.managed_by && job.spec.managed_by.is_some() {
            Arc::make_mut(&mut job).spec.managed_by = None;
        }
        if !self.behavior.success_policy && job.spec.success_policy.is_some() {
            Arc::make_mut(&mut job).spec.success_policy = None;
        }
        let id = JobId(u32::try_from(self.jobs.len()).unwrap_or(u32::MAX));
        let (status, pods, numbering) = match self.used.pop() {
            Some(used) => used.emptied(),
            None => Default::default(),
        };
        self.jobs.push(StoredJob {
            job,
            status,
            generation: 1,
            revision: 1,
            created: now.wire(),
            deletion: None,
            waits_for_dependents: false,
            gone: false,
            pods,
            numbering,
        });
        self.notices.push(Notice::Job(id, JobChange::Added));
        id
    }

    /// The Job of that number, also after its removal.
    #[must_use]
    pub fn job(&self, id: JobId) -> &StoredJob {
        &self.jobs[id.slot()]
    }

    /// Whether there is or was a Job of that number.
    #[must_use]
    pub fn has_job(&self, id: JobId) -> bool {
        id.slot() < self.jobs.len()
    }

    /// Every Job ever created, in order.
    pub fn jobs(&self) -> impl Iterator<Item = (JobId, &StoredJob)> {
        (0u32..).map(JobId).zip(&self.jobs)
    }

    /// The pod of that number, also after its removal (then as it was last).
    #[must_use]
    pub fn pod(&self, id: PodId) -> &Pod {
        &self.pods[id.slot()]
    }

    /// Whether the pod still exists.
    #[must_use]
    pub fn pod_exists(&self, id: PodId) -> bool {
        self.live.contains(id.0)
    }

    /// How many pods were ever created.
    #[must_use]
    pub fn pods_created(&self) -> u32 {
        u32::try_from(self.pods.len()).unwrap_or(u32::MAX)
    }

    /// Takes the notices that nobody has taken yet, oldest first.
    pub fn take_notices(&mut self, into: &mut Vec<Notice>) {
        if into.is_empty() {
            std::mem::swap(into, &mut self.notices);
        } else {
            into.append(&mut self.notices);
        }
    }

    /// Whether there are such notices.
    #[must_use]
    pub fn has_notices(&self) -> bool {
        !self.notices.is_empty()
    }

    /// Everything there is, as a watch that starts anew tells it.
    #[must_use]
    pub fn everything(&self) -> Vec<Notice> {
        let jobs = self.jobs().filter(|(_, stored)| !stored.gone);
        let jobs = jobs.map(|(id, _)| Notice::Job(id, JobChange::Added));
        let pods = self.live.iter().map(PodId).map(|id| {
            Notice::Pod(PodChange {
                id,
                old: None,
                new: Some(*self.pod(id)),
            })
        });
        let nodes = self.nodes().filter(|(_, stored)| !stored.gone);
        let nodes = nodes.map(|(id, _)| Notice::Node(id, NodeChange::Added));
        let budgets = self.budgets().map(|(id, _)| Notice::Budget(id));
        jobs.chain(nodes).chain(pods).chain(budgets).collect()
    }

    /// The exit code of one of the pod's containers; `None` while it is not terminated.
    #[must_use]
    pub fn exit_code(&self, pod: &Pod, container: ContainerSlot) -> Option<i32> {
        match (pod.exit, container) {
            (ExitCodes::None, _) => None,
            (ExitCodes::All(code), ContainerSlot::Regular(_)) => Some(i32::from(code)),
            (ExitCodes::All(_), ContainerSlot::Init(_)) => Some(0),
            (ExitCodes::Listed(entry), slot) => {
                let (regular, codes) = self.exits.get(usize::from(entry))?;
                let place = match slot {
                    ContainerSlot::Regular(place) => usize::from(place),
                    ContainerSlot::Init(place) => regular + usize::from(place),
                };
                codes.get(place).copied().flatten()
            }
        }
    }

    /// Notes down the exit codes of a pod's containers, the `regular` ones first and then the init
    /// containers, and gives the short form that a pod stores. `None` stands for a container that
    /// is not terminated.
    ///
    /// Holds 65,536 different lists; later ones are cut to the first code that is not 0.
    pub fn intern_exit_codes(&mut self, codes: &[Option<i32>], regular: usize) -> ExitCodes {
        let (first, rest) = codes.split_at(regular.min(codes.len()));
        let code = first.first().copied().flatten();
        let same = first.iter().all(|it| *it == code);
        if same && rest.iter().all(|it| *it == Some(0)) {
            if let Some(code) = code.and_then(|code| i16::try_from(code).ok()) {
                return ExitCodes::All(code);
            }
        }
        if codes.iter().all(Option::is_none) {
            return ExitCodes::None;
        }
        let known =
            |(count, entry): &(usize, Box<[Option<i32>]>)| *count == regular && **entry == *codes;
        let entry = self.exits.iter().position(known).unwrap_or_else(|| {
            self.exits.push((regular, codes.into()));
            self.exits.len() - 1
        });
        u16::try_from(entry).map_or(ExitCodes::All(1), ExitCodes::Listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ContainerSlot::{Init, Regular};

    #[test]
    fn exit_codes_read_back_container_by_container() {
        let mut api = ApiServer::new(Release::LATEST);
        for (codes, regular) in [
            (&[Some(0)][..], 1),
            (&[Some(3), Some(3), Some(0)], 2),
            (&[Some(3), Some(3), Some(1)], 2),
            (&[Some(3), None], 2),
            (&[None, Some(1)], 1),
            (&[None, None], 1),
            (&[Some(3), Some(3), Some(1)], 1),
        ] {
            let exit = api.intern_exit_codes(codes, regular);
            let pod = Pod {
                exit,
                ..Pod::default()
            };
            let count = u16::try_from(regular).unwrap();
            let slots = (0..count).map(Regular).chain((0u16..).map(Init));
            for (slot, code) in slots.zip(codes) {
                assert_eq!(api.exit_code(&pod, slot), *code, "{codes:?} {slot:?}");
            }
        }
        assert_eq!(
            api.intern_exit_codes(&[Some(7), Some(0)], 1),
            ExitCodes::All(7)
        );
    }
}
