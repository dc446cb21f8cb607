//! From pods that ran on a cluster to what their containers do: run times, failures and start-up
//! latencies, each with how far to trust it.
//!
//! ```
//! use dryjob::forecast::calibrate::{Choice, Observations, Quality};
//!
//! // As `kubectl get pods,jobs -o json` prints it, shortened.
//! let printed = br#"{"kind": "List", "items": [{
//!   "kind": "Pod",
//!   "metadata": {"name": "train-x7k2p", "labels": {"batch.kubernetes.io/job-name": "train"}},
//!   "status": {"containerStatuses": [{"name": "main", "restartCount": 0, "state": {"terminated": {
//!     "exitCode": 0, "reason": "Completed",
//!     "startedAt": "2026-03-01T12:00:00Z", "finishedAt": "2026-03-01T12:20:07Z"}}}]}
//! }]}"#;
//! let mut seen = Observations::default();
//! seen.read("pods.json", printed)?;
//! let found = seen.calibrate(&Choice::default())?;
//!
//! let main = &found.containers[0];
//! assert_eq!((main.name.as_str(), main.runs.succeeded), ("main", 1));
//! let run = main.run.as_ref().ok_or("it has ended")?;
//! assert_eq!((run.law.to_string().as_str(), run.quality), ("20m7s", Quality::Same));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What counts as what
//!
//! A *run* is a container's process from its start to its end; a pod's status tells the last two
//! of each container. The duration of a run that is under way, or that was ended from outside
//! (eviction, preemption, deletion, a deadline, the loss of its node), is *open*: it would have
//! been longer. Open durations count as just that, in the laws and in the probabilities; leaving
//! them out would make the workload look faster than it is. Whether runs from outside would have
//! failed is not known, and they are no failures of the workload.
//!
//! Failing runs that last as long as those that succeed fail at the end of their work. If those of
//! a kind end earlier, they have a law of their own ([`FailureFit::after`]), and hide how long the
//! work would have taken: for the law of the work they are open.
//!
//! # How laws are chosen
//!
//! By maximum likelihood for whole seconds, among uniform, exponential, Weibull, log-normal and
//! gamma laws; by Akaike's criterion among those that fit (Kolmogorov and Smirnov's distance with
//! Stephens' percentage points, at 1 %). If none fits, or durations are few, they are taken as they
//! are. Everything is computed with `libm` in a fixed order: the same input gives the same numbers.

mod clock;
mod container;
mod decode;
mod error;
mod fit;
mod minimum;
mod observations;
mod pod;
mod sample;

pub use container::{ContainerFit, FailureFit, RunCounts};
pub use error::CalibrateError;
pub use fit::{Fit, Kind, LEAST_FOR_A_LAW, MOST_VALUES, Quality};
pub use observations::Observations;

use error::Flaw;
use pod::{PodSeen, RunEnd};
use sample::Sample;
use std::collections::BTreeMap;

/// Which pods are the workload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The names of Jobs or CronJobs; `train-*` is every name that starts so. All unless told.
    pub jobs: Vec<String>,
    /// The namespace; all unless told.
    pub namespace: Option<String>,
}

/// What a container is in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It runs before the regular ones.
    Init,
    /// An init container that stays (`restartPolicy: Always`): it ends when it is stopped, so its
    /// runs tell nothing.
    Sidecar,
    /// It does the work.
    Regular,
}

/// What the pods of a workload tell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Calibration {
    /// Whose pods they are, in words: `Job "train" (12 pods)`.
    pub of: String,
    /// How many pods.
    pub pods: u64,
    /// How the Jobs ended, if they were among what was read: `Complete`, or `Failed: REASON`.
    pub jobs: BTreeMap<String, u64>,
    /// Containers, as they stand in the manifest, init containers first.
    pub containers: Vec<ContainerFit>,
    /// How many pods were ended from outside, by the reason of the condition DisruptionTarget, the
    /// pod's own, or `deleted`.
    pub outside: BTreeMap<String, u64>,
    /// How pods start.
    pub start: StartFit,
    /// Containers that were never started, by what they wait for.
    pub waiting: BTreeMap<String, u64>,
    /// The completion index that most failures are of, with its failures and all failures, if they
    /// are at least half of all and it never succeeded.
    pub bad_index: Option<(String, u64, u64)>,
}

/// How pods start.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StartFit {
    /// From the creation to the binding to a node.
    pub scheduled: Option<Fit>,
    /// From there to the start of the first container: volumes, network, images.
    pub started: Option<Fit>,
    /// The same for the first pod on each node, which may pull images.
    pub first_on_node: Option<Fit>,
    /// The same for the others.
    pub later_on_node: Option<Fit>,
}

impl Calibration {
    fn of(pods: &[&PodSeen], names: String) -> Result<Self, CalibrateError> {
        let mut roles: Vec<(&str, Role)> = Vec::new();
        for (name, role) in pods.iter().flat_map(|it| &it.roles) {
            if !roles.iter().any(|it| it.0 == name) {
                roles.push((name, *role));
            }
        }
        let fit = |(name, role): &(&str, Role)| {
            let seen = pods.iter().filter_map(|it| it.containers.get(*name));
            ContainerFit::of(name, *role, seen)
        };
        let containers: Vec<ContainerFit> = roles.iter().map(fit).collect();
        let told = |it: &ContainerFit| it.role != Role::Sidecar && it.runs.ended() > 0;
        if !containers.iter().any(told) {
            let open: u64 = containers.iter().map(|it| it.runs.running).sum();
            let open = match open {
                0 => String::new(),
                1 => " (one runs)".to_owned(),
                more => format!(" ({more} run)"),
            };
            let pods = names;
            return Err(Flaw::NothingEnded { pods, open }.into());
        }
        let mut outside = BTreeMap::new();
        let mut waiting = BTreeMap::new();
        for pod in pods {
            if let Some(cause) = &pod.cause {
                *outside.entry(cause.clone()).or_default() += 1;
            }
            for reason in &pod.waiting {
                *waiting.entry(reason.clone()).or_default() += 1;
            }
        }
        Ok(Self {
            of: names,
            pods: pods.len() as u64,
            jobs: BTreeMap::new(),
            containers,
            outside,
            start: StartFit::of(pods),
            waiting,
            bad_index: bad_index(pods),
        })
    }
}

impl StartFit {
    fn of(pods: &[&PodSeen]) -> Self {
        let mut first: BTreeMap<&str, (Order, i64)> = BTreeMap::new();
        let mut later = Sample::default();
        let starts = pods.iter().enumerate();
        let starts = starts.filter_map(|(place, pod)| {
            let (took, at) = pod.started?;
            Some((pod.node.as_deref()?, ((at, place), took)))
        });
        for (node, start) in starts {
            let known = first.entry(node).or_insert(start);
            if start.0 < known.0 {
                later.end(known.1);
                *known = start;
            } else if start.0 > known.0 {
                later.end(start.1);
            }
        }
        let firsts = Sample::of(first.values().map(|it| it.1));
        let all = |of: fn(&PodSeen) -> Option<i64>| {
            Fit::of(&Sample::of(pods.iter().filter_map(|it| of(it))))
        };
        let split = later.count() > 0;
        Self {
            scheduled: all(|it| it.scheduled),
            started: all(|it| it.started.map(|it| it.0)),
            first_on_node: Fit::of(&firsts).filter(|_| split),
            later_on_node: Fit::of(&later),
        }
    }
}

/// Which of two starts was first: by the second, and else by the order in which they were read.
type Order = (clock::Second, usize);

/// The index that fails whatever is tried, if it makes up most of the failures.
fn bad_index(pods: &[&PodSeen]) -> Option<(String, u64, u64)> {
    let mut of: BTreeMap<&str, (u64, bool)> = BTreeMap::new();
    for pod in pods {
        let Some(index) = &pod.index else { continue };
        let runs = pod.containers.values().flat_map(|it| it.runs.values());
        let mut ends = runs.filter_map(|it| match it.end {
            RunEnd::Ended(ending) => Some(ending.exit().is_success()),
            RunEnd::Running | RunEnd::Cut => None,
        });
        let failed = ends.clone().filter(|it| !it).count() as u64;
        let known = of.entry(index).or_default();
        known.0 += failed;
        known.1 |= failed == 0 && ends.any(|it| it);
    }
    let all: u64 = of.values().map(|it| it.0).sum();
    let (index, failed) = (of.iter())
        .filter(|it| !it.1.1)
        .map(|(index, it)| (*index, it.0))
        .max_by_key(|it| it.1)?;
    (failed >= 3 && 2 * failed >= all && of.len() > 1).then(|| (index.to_owned(), failed, all))
}
