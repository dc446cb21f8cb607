//! How full the nodes were, how many pods waited, and when all of a Job's pods had a node.

use super::Run;
use super::trace::What;
use crate::base::{Instant, Span};
use crate::model::{JobId, NodeId, PodId, Resources};
use std::fmt;

/// What the nodes were used for during a run.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterUse {
    /// How it was from each instant on at which it changed.
    pub moments: Vec<Moment>,
    /// For each Job, from its creation until it had as many pods on nodes as it wants and none
    /// that waited; `None` if that never was.
    pub all_placed: Vec<(JobId, Option<Span>)>,
    /// The part of the nodes' cpu, in thousandths, that was asked for on average, from the first
    /// pod's creation to the last pod's end; `None` if cpu is not limited.
    pub milli_cpu_share: Option<u64>,
    /// The same of memory.
    pub milli_memory_share: Option<u64>,
}

/// How it is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since when.
    pub at: Instant,
    /// Pods without a node.
    pub pending: u32,
    /// Pods on nodes that have not ended.
    pub placed: u32,
    /// What these ask for together, in thousandths of a core.
    pub milli_cpu: u64,
    /// What they ask for together, in bytes.
    pub memory: u64,
    /// Of the cpu that nobody has asked for, the part in thousandths of a core that is on nodes
    /// with too little left for any pod that waits. Nothing if none waits.
    pub stranded_milli_cpu: u64,
}

/// Where everybody is, record by record.
struct Account<'r> {
    run: &'r Run,
    asked: Vec<Resources>,
    free_cpu: Vec<Option<u64>>,
    /// Pods of each Job that wait, and that are on nodes.
    jobs: Vec<(u32, u32)>,
    all_placed: Vec<Option<Instant>>,
    state: Vec<State>,
    now: Moment,
}

/// Where a pod is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    Placed(NodeId),
    Over,
}

impl Run {
    /// What the nodes were used for; `None` without nodes.
    #[must_use]
    pub fn cluster_use(&self) -> Option<ClusterUse> {
        let api = self.api();
        let named = api.nodes().next().is_some() && !self.scenario().is_endless();
        if !named {
            return None;
        }
        let mut account = Account::new(self);
        let mut moments: Vec<Moment> = Vec::new();
        for record in self.trace().records() {
            if account.take_in(&record.what) {
                account.now.at = record.at;
                account.now.stranded_milli_cpu = account.stranded();
                account.note_placed(record.at);
                match moments.last_mut().filter(|it| it.at == record.at) {
                    Some(same) => *same = account.now,
                    None => moments.push(account.now),
                }
            }
        }
        let (cpu, memory) = account.capacity();
        let share = |capacity: Option<u64>, of: &dyn Fn(&Moment) -> u64| {
            average(&moments, of).zip(capacity).map(|(it, all)| {
                let milli = u128::from(it) * 1000 / u128::from(all.max(1));
                u64::try_from(milli).unwrap_or(u64::MAX)
            })
        };
        let created = |job: JobId| {
            let milestones = self.trace().milestones().get(job.slot());
            milestones.and_then(|it| it.created).unwrap_or_default()
        };
        let all_placed = (0u32..).map(JobId).zip(&account.all_placed);
        Some(ClusterUse {
            all_placed: all_placed
                .map(|(job, at)| (job, at.map(|at| at.since(created(job)))))
                .collect(),
            milli_cpu_share: share(cpu, &|it| it.milli_cpu),
            milli_memory_share: share(memory, &|it| it.memory),
            moments,
        })
    }
}

/// The average of an amount over time.
fn average(moments: &[Moment], of: &dyn Fn(&Moment) -> u64) -> Option<u64> {
    let (first, last) = (moments.first()?, moments.last()?);
    let whole = u128::try_from(last.at.since(first.at).micros()).ok()?;
    let steps = moments.iter().zip(moments.iter().skip(1));
    let sum: u128 = steps
        .map(|(it, next)| {
            let lasts = u128::try_from(next.at.since(it.at).micros()).unwrap_or(0);
            u128::from(of(it)) * lasts
        })
        .sum();
    u64::try_from(sum.checked_div(whole)?).ok()
}

impl<'r> Account<'r> {
    fn new(run: &'r Run) -> Self {
        let api = run.api();
        let jobs = api.jobs().count();
        Self {
            run,
            asked: (api.jobs())
                .map(|(_, it)| it.job.spec.template.effective_requests())
                .collect(),
            free_cpu: (api.nodes())
                .map(|(_, it)| it.node.allocatable.milli_cpu)
                .collect(),
            jobs: vec![(0, 0); jobs],
            all_placed: vec![None; jobs],
            state: vec![State::Over; api.pods_created() as usize],
            now: Moment {
                at: Instant::ORIGIN,
                pending: 0,
                placed: 0,
                milli_cpu: 0,
                memory: 0,
                stranded_milli_cpu: 0,
            },
        }
    }

    /// Whether the record changes where a pod is.
    fn take_in(&mut self, what: &What) -> bool {
        let api = self.run.api();
        let (pod, state) = match what {
            What::PodCreated(pod) => (*pod, State::Waits),
            What::PodBound(pod) => match api.pod(*pod).node.filter(|it| it.is_named()) {
                Some(node) => (*pod, State::Placed(node)),
                None => return false,
            },
            What::PodEnded(pod, _) | What::PodGone(pod) => (*pod, State::Over),
            _ => return false,
        };
        let old = std::mem::replace(&mut self.state[pod.slot()], state);
        if old == state {
            return false;
        }
        self.count(pod, old, false);
        self.count(pod, state, true);
        true
    }

    fn count(&mut self, pod: PodId, state: State, more: bool) {
        let job = self.run.api().pod(pod).job.slot();
        let change = |number: &mut u32| {
            *number = if more { *number + 1 } else { *number - 1 };
        };
        match state {
            State::Over => {}
            State::Waits => {
                change(&mut self.now.pending);
                change(&mut self.jobs[job].0);
            }
            State::Placed(node) => {
                change(&mut self.now.placed);
                change(&mut self.jobs[job].1);
                let cpu = self.asked[job].milli_cpu.unwrap_or(0);
                let memory = self.asked[job].memory.unwrap_or(0);
                let now = &mut self.now;
                let free = self.free_cpu[node.slot()].as_mut();
                if more {
                    (now.milli_cpu, now.memory) = (now.milli_cpu + cpu, now.memory + memory);
                    if let Some(free) = free {
                        *free = free.saturating_sub(cpu);
                    }
                } else {
                    (now.milli_cpu, now.memory) = (now.milli_cpu - cpu, now.memory - memory);
                    if let Some(free) = free {
                        *free += cpu;
                    }
                }
            }
        }
    }

    /// Free cpu on nodes that have too little of it for every pod that waits.
    fn stranded(&self) -> u64 {
        let waiting = self.jobs.iter().zip(&self.asked);
        let waiting = waiting.filter(|(counts, _)| counts.0 > 0);
        let least = waiting.map(|(_, asked)| asked.milli_cpu.unwrap_or(0)).min();
        let Some(least) = least else { return 0 };
        let free = self.free_cpu.iter().flatten();
        free.filter(|it| **it < least).sum()
    }

    fn note_placed(&mut self, now: Instant) {
        let api = self.run.api();
        for ((job, stored), at) in api.jobs().zip(&mut self.all_placed) {
            let (waits, placed) = self.jobs[job.slot()];
            let wanted = stored.job.spec.parallelism;
            let wanted = wanted.min(stored.job.spec.completions.unwrap_or(wanted));
            if at.is_none() && waits == 0 && placed >= wanted.max(1) {
                *at = Some(now);
            }
        }
    }

    /// What all nodes have together, if it is limited.
    fn capacity(&self) -> (Option<u64>, Option<u64>) {
        let nodes = || self.run.api().nodes().map(|(_, it)| &it.node.allocatable);
        let sum = |amounts: Vec<Option<u64>>| amounts.into_iter().sum::<Option<u64>>();
        (
            sum(nodes().map(|it| it.milli_cpu).collect()),
            sum(nodes().map(|it| it.memory).collect()),
        )
    }
}

/// `cpu used to 63% on average, memory to 20%; at most 14 pods waited`
impl fmt::Display for ClusterUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |milli: u64| format!("{}.{}%", milli / 10, milli % 10);
        let shares = [
            ("cpu", self.milli_cpu_share),
            ("memory", self.milli_memory_share),
        ];
        let shares = shares
            .iter()
            .filter_map(|(name, it)| Some(format!("{name} was asked for to {}", percent((*it)?))));
        let mut parts: Vec<String> = shares.collect();
        let most = self.moments.iter().map(|it| it.pending).max().unwrap_or(0);
        parts.push(format!("at most {most} pods waited at a time"));
        let stranded = self.moments.iter().map(|it| it.stranded_milli_cpu).max();
        if let Some(stranded) = stranded.filter(|it| *it > 0) {
            parts.push(format!(
                "up to {stranded}m of free cpu was of no use to them"
            ));
        }
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seed;
    use crate::model::{Job, Node, PodScript, Release};
    use crate::sim::Scenario;

    /// Three pods of 1.5 cores on two nodes of two cores: two at once, and half a core is left on
    /// each node while the third waits.
    #[test]
    fn what_is_asked_for_is_held_against_what_the_nodes_have() {
        let job = Job::from_yaml(
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {parallelism: 3, \
             completions: 3, template: {spec: {restartPolicy: Never, containers: [{name: m, \
             image: m, resources: {requests: {cpu: 1500m}}}]}}}}",
        );
        let script = PodScript::lasting(Span::from_secs(60));
        let job = job.expect("the manifest is valid");
        let mut scenario = Scenario::on(Release::LATEST).job(job, [script]);
        for name in ["n1", "n2"] {
            let mut node = Node::named(name);
            node.allocatable.milli_cpu = Some(2000);
            scenario.nodes.push(node);
        }
        let run = scenario.run(Seed(0)).expect("it can be played");
        let found = run.cluster_use().expect("there are nodes");
        let full = found.moments.iter().find(|it| it.placed == 2);
        let full = full.expect("two pods at a time");
        assert_eq!((full.pending, full.milli_cpu), (1, 3000));
        assert_eq!(full.stranded_milli_cpu, 1000);
        assert_eq!(found.all_placed, [(JobId(0), None)]);
        // 3000m for the first half, and 1500m for the second.
        let share = found.milli_cpu_share.expect("cpu is limited");
        assert!((540..=580).contains(&share), "{share}");
        assert_eq!(found.milli_memory_share, None);
    }
}
