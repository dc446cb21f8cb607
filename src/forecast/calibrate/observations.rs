//! All pods that were read, and which of them are one workload.

use super::clock::Second;
use super::decode::{self, Condition, Content, JobObject, Metadata, PodObject};
use super::error::{CalibrateError, Flaw};
use super::pod::{PodSeen, asked_to_go};
use super::{Calibration, Choice};
use std::collections::{BTreeMap, BTreeSet};

/// Names that an error lists.
const MOST_NAMES: usize = 10;

/// Digits at the end of a Job's name that are a time: CronJobs name their Jobs by the minute.
const DIGITS_OF_A_TIME: usize = 8;

/// Pods and Jobs of a cluster, as `kubectl get pods,jobs -o json` prints them.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// By their UIDs, or else by their names.
    pods: BTreeMap<String, PodSeen>,
    jobs: BTreeMap<Name, JobSeen>,
    others: BTreeMap<String, u64>,
}

/// A namespace and a name.
type Name = (String, String);

#[derive(Clone, Debug, Default)]
struct JobSeen {
    cron_job: Option<String>,
    ending: Option<String>,
}

impl Observations {
    /// Reads a file; `from` is what messages call it. The same pod may be in several files, seen
    /// at different times: its status tells the last two runs of each container alone.
    ///
    /// Of the text, only what tells of runs is kept.
    ///
    /// # Errors
    ///
    /// What is not JSON, no object of Kubernetes, or has a field of another type: which and why.
    pub fn read(&mut self, from: &str, bytes: &[u8]) -> Result<(), CalibrateError> {
        let content = decode::read(from, bytes)?;
        let now = latest(&content);
        for job in &content.jobs {
            let (name, seen) = job_seen(job);
            self.jobs.insert(name, seen);
        }
        for pod in &content.pods {
            let key = key(&pod.metadata, self.pods.len());
            let seen = PodSeen::read(pod, now);
            match self.pods.get_mut(&key) {
                Some(known) => known.merge(seen),
                None => drop(self.pods.insert(key, seen)),
            }
        }
        for (kind, count) in content.others {
            *self.others.entry(kind).or_default() += count;
        }
        Ok(())
    }

    /// What the pods of a workload tell.
    ///
    /// Without a choice there must be one Job, or one CronJob; of several that are chosen, all
    /// pods count as those of one workload.
    ///
    /// # Errors
    ///
    /// There are no pods, pods of several Jobs or none of the chosen one, or none of their
    /// containers has ended.
    pub fn calibrate(&self, choice: &Choice) -> Result<Calibration, CalibrateError> {
        let all: Vec<&PodSeen> = self.pods.values().collect();
        if all.is_empty() {
            let among = self.among();
            return Err(Flaw::NoPods { among }.into());
        }
        let here = |it: &&PodSeen| {
            let wanted = choice.namespace.as_ref();
            wanted.is_none_or(|wanted| *wanted == it.namespace)
        };
        let chosen: Vec<&PodSeen> = all.iter().copied().filter(here).collect();
        if let Some(namespace) = choice.namespace.as_ref().filter(|_| chosen.is_empty()) {
            return Err(self.no_such(format!("namespace {namespace:?}"), &all));
        }
        for wanted in &choice.jobs {
            if !chosen.iter().any(|it| self.is_of(it, wanted)) {
                return Err(self.no_such(format!("Job {wanted:?}"), &chosen));
            }
        }
        let wanted = |it: &&PodSeen| {
            let mut jobs = choice.jobs.iter();
            choice.jobs.is_empty() || jobs.any(|wanted| self.is_of(it, wanted))
        };
        let chosen: Vec<&PodSeen> = chosen.into_iter().filter(wanted).collect();
        let workloads: BTreeSet<Name> = chosen.iter().map(|it| self.workload(it)).collect();
        if choice.jobs.is_empty() && workloads.len() > 1 {
            let names = self.names(&chosen);
            return Err(Flaw::Several { names }.into());
        }
        let names = self.names(&chosen);
        let mut calibration = Calibration::of(&chosen, names)?;
        let jobs: BTreeSet<Name> = chosen.iter().filter_map(|it| job_name(it)).collect();
        for ending in jobs
            .iter()
            .filter_map(|it| self.jobs.get(it)?.ending.clone())
        {
            *calibration.jobs.entry(ending).or_default() += 1;
        }
        Ok(calibration)
    }

    /// What there is instead of pods.
    fn among(&self) -> String {
        let mut found: Vec<(&str, u64)> = self
            .others
            .iter()
            .map(|it| (it.0.as_str(), *it.1))
            .collect();
        if !self.jobs.is_empty() {
            found.push(("Job", self.jobs.len() as u64));
        }
        let mut names: Vec<String> = found
            .iter()
            .take(MOST_NAMES)
            .map(|(kind, count)| format!("{count} of kind {kind}"))
            .collect();
        if found.len() > MOST_NAMES {
            names.push("others".to_owned());
        }
        if names.is_empty() {
            String::new()
        } else {
            format!(" among what was given ({})", names.join(", "))
        }
    }

    fn no_such(&self, wanted: String, among: &[&PodSeen]) -> CalibrateError {
        let names = self.names(among);
        Flaw::NoSuchJob { wanted, names }.into()
    }

    /// `Job "train" (12 pods), Job "eval" (3 pods)`, the most pods first.
    fn names(&self, of: &[&PodSeen]) -> String {
        let mut counts: BTreeMap<Name, u64> = BTreeMap::new();
        for pod in of {
            *counts.entry(self.workload(pod)).or_default() += 1;
        }
        let namespaces: BTreeSet<&str> = counts.keys().map(|it| it.0.as_str()).collect();
        let mut counts: Vec<(&Name, u64)> = counts.iter().map(|it| (it.0, *it.1)).collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let name = |(name, count): &(&Name, u64)| {
            let place = if namespaces.len() > 1 && !name.0.is_empty() {
                format!(" in {:?}", name.0)
            } else {
                String::new()
            };
            let noun = if *count == 1 { "pod" } else { "pods" };
            if name.1.is_empty() {
                return format!("no Job{place} ({count} {noun})");
            }
            format!("Job {:?}{place} ({count} {noun})", name.1)
        };
        let mut names: Vec<String> = counts.iter().take(MOST_NAMES).map(name).collect();
        if let Some(more) = counts.len().checked_sub(MOST_NAMES).filter(|it| *it > 0) {
            names.push(format!("and {more} more"));
        }
        names.join(", ")
    }

    /// The workload of a pod: its Job, or the CronJob of that. Empty without a Job.
    fn workload(&self, pod: &PodSeen) -> Name {
        let Some(name) = job_name(pod) else {
            return (pod.namespace.clone(), String::new());
        };
        let known = self.jobs.get(&name);
        let cron_job = known.and_then(|it| it.cron_job.clone());
        let workload = cron_job.unwrap_or_else(|| without_time(&name.1).to_owned());
        (name.0, workload)
    }

    /// Whether that means the pod: the name of its Job or its workload, or the start of one.
    fn is_of(&self, pod: &PodSeen, wanted: &str) -> bool {
        let job = pod.job.clone().unwrap_or_default();
        [job, self.workload(pod).1]
            .iter()
            .any(|it| match wanted.strip_suffix('*') {
                Some(start) => it.starts_with(start),
                None => it == wanted,
            })
    }
}

fn job_name(pod: &PodSeen) -> Option<Name> {
    Some((pod.namespace.clone(), pod.job.clone()?))
}

/// A Job's name without the time that a CronJob puts behind its own.
fn without_time(name: &str) -> &str {
    let Some((start, digits)) = name.rsplit_once('-') else {
        return name;
    };
    let is_time = digits.len() >= DIGITS_OF_A_TIME && digits.bytes().all(|it| it.is_ascii_digit());
    if is_time && !start.is_empty() {
        start
    } else {
        name
    }
}

fn job_seen(job: &JobObject) -> (Name, JobSeen) {
    let meta = &job.metadata;
    let namespace = meta.namespace.clone().unwrap_or_default();
    let owners = meta.owner_references.as_deref().unwrap_or_default();
    let owner = owners.iter().find(|it| it.kind == "CronJob");
    let conditions = job.status.as_ref().and_then(|it| it.conditions.as_ref());
    let mut conditions = conditions.into_iter().flatten();
    let last = conditions.find(|it| it.is("Complete") || it.is("Failed"));
    let seen = JobSeen {
        cron_job: owner.map(|it| it.name.clone()),
        ending: last.map(|it| match &it.reason {
            Some(reason) if it.kind == "Failed" => format!("Failed: {reason}"),
            _ => it.kind.clone(),
        }),
    };
    ((namespace, meta.name.clone().unwrap_or_default()), seen)
}

/// What tells one pod from all others.
fn key(meta: &Metadata, number: usize) -> String {
    let namespace = meta.namespace.as_deref().unwrap_or_default();
    match (&meta.uid, &meta.name) {
        (Some(uid), _) => uid.clone(),
        (None, Some(name)) => format!("{namespace}/{name}"),
        (None, None) => format!("//{number}"),
    }
}

/// The latest time that stands in a file: what runs in it was running then.
fn latest(content: &Content) -> Second {
    let of_pods = content.pods.iter().flat_map(times);
    let of_jobs = content.jobs.iter().flat_map(|job| {
        let conditions = job.status.as_ref().and_then(|it| it.conditions.as_ref());
        let created = job.metadata.creation_timestamp;
        transitions(conditions).chain(created)
    });
    let latest = of_pods.chain(of_jobs).max();
    latest.unwrap_or(Second(0))
}

fn transitions(conditions: Option<&Vec<Condition>>) -> impl Iterator<Item = Second> + '_ {
    let conditions = conditions.into_iter().flatten();
    conditions.filter_map(|it| it.last_transition_time)
}

fn times(pod: &PodObject) -> Vec<Second> {
    let meta = &pod.metadata;
    let mut times: Vec<Second> = meta.creation_timestamp.into_iter().collect();
    times.extend(asked_to_go(meta));
    let Some(status) = &pod.status else {
        return times;
    };
    times.extend(transitions(status.conditions.as_ref()));
    let statuses = [&status.init_container_statuses, &status.container_statuses];
    for status in statuses.into_iter().flatten().flatten() {
        for state in [&status.state, &status.last_state].into_iter().flatten() {
            let running = state.running.as_ref();
            times.extend(running.and_then(|it| it.started_at));
            let ended = state.terminated.as_ref();
            times.extend(ended.and_then(|it| it.finished_at));
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_the_end_of_names_are_those_of_cron_jobs() {
        for (name, want) in [
            ("nightly-29384720", "nightly"),
            ("train-2", "train-2"),
            ("train-20261128", "train"),
            ("-29384720", "-29384720"),
            ("train-2938472x", "train-2938472x"),
            ("train", "train"),
        ] {
            assert_eq!(without_time(name), want);
        }
    }
}
