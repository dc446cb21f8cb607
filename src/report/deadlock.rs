//! Jobs that wait for each other: each has pods on nodes, and others for which there is no room.

use super::Run;
use crate::model::{JobId, PodId};
use std::fmt;

/// Jobs that hold a part of the cluster each, and wait for the rest of what they want. Where the
/// pods of a Job wait for each other, as those of distributed training do, none of these Jobs ever
/// goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadlock {
    /// The Jobs, in the order of their creation.
    pub jobs: Vec<Holder>,
}

/// A Job that has a part of what it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The Job.
    pub job: JobId,
    /// Its name.
    pub name: String,
    /// Its pods that are on nodes.
    pub holds: u32,
    /// Its pods that find no node.
    pub waits: u32,
}

impl Run {
    /// Jobs that wait for each other when nothing more happens; nothing if there are not at least
    /// two of them.
    #[must_use]
    pub fn deadlock(&self) -> Option<Deadlock> {
        if !self.world().is_over() {
            return None;
        }
        let api = self.api();
        let holder = |(job, stored): (JobId, &crate::api::StoredJob)| {
            let (mut holds, mut waits) = (0, 0);
            for pod in stored.pods.iter().map(|it| api.pod(PodId(it))) {
                holds += u32::from(pod.is_active() && pod.is_bound());
                waits += u32::from(pod.is_active() && pod.unschedulable);
            }
            let name = stored.job.name.clone();
            (holds > 0 && waits > 0).then_some(Holder {
                job,
                name,
                holds,
                waits,
            })
        };
        let jobs: Vec<Holder> = api.jobs().filter_map(holder).collect();
        (jobs.len() > 1).then_some(Deadlock { jobs })
    }
}

/// `Jobs a, b wait for each other: a has 3 pods on nodes and 2 that find none, b has …`
impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.jobs.iter().map(|it| it.name.as_str()).collect();
        let each: Vec<String> = (self.jobs.iter())
            .map(|it| {
                format!(
                    "{} has {} on nodes and {} that find none",
                    it.name,
                    pods(it.holds),
                    it.waits
                )
            })
            .collect();
        write!(
            f,
            "Jobs {} wait for each other: {}",
            names.join(", "),
            each.join(", ")
        )
    }
}

fn pods(count: u32) -> String {
    format!("{count} pod{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use crate::base::{Seed, Span};
    use crate::model::{Job, Node, PodScript, Release, Resources};
    use crate::sim::{Scenario, Workload};

    /// Jobs of three pods of two cores and of one, on two nodes of three cores, that run so long.
    fn told(run: Option<Span>) -> Option<String> {
        let mut scenario = Scenario::on(Release::LATEST);
        for name in ["n1", "n2"] {
            let mut node = Node::named(name);
            node.allocatable = Resources {
                milli_cpu: Some(3000),
                ..Resources::default()
            };
            scenario.nodes.push(node);
        }
        for (name, cpu, at) in [("a", 2, 0), ("b", 1, 10)] {
            let job = Job::from_yaml(&format!(
                "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec:\n  \
                 parallelism: 3\n  completions: 3\n  template:\n    spec:\n      \
                 restartPolicy: Never\n      containers:\n      - name: m\n        \
                 image: m\n        resources: {{requests: \
                 {{cpu: {cpu}}}}}\n"
            ));
            scenario.workloads.push(Workload {
                job: job.expect("the manifest is valid").into(),
                at: Span::from_millis(at),
                pods: vec![PodScript {
                    run,
                    ..PodScript::lasting(Span::ZERO)
                }],
                fates: Vec::new(),
            });
        }
        let run = scenario.run(Seed(0)).expect("it can be played");
        run.deadlock().map(|it| it.to_string())
    }

    #[test]
    fn jobs_that_hold_a_part_each_wait_for_each_other() {
        let text = "Jobs a, b wait for each other: a has 2 pods on nodes and 1 that find none, b \
                    has 2 pods on nodes and 1 that find none";
        assert_eq!(told(None).as_deref(), Some(text));
        assert_eq!(told(Some(Span::from_secs(60))), None);
    }
}
