//! Who has to go so that a pod of higher priority finds room (S30–S36).

use super::attempt::Details;
use super::filter::Overview;
use super::nodes::NodeKey;
use super::reason::{Histogram, Refusal};
use super::scheduler::{PodKey, Scheduler, Ties};
use super::search::Search;
use crate::base::sort::sort_as_go;
use crate::base::{Purpose, WireTime};
use crate::model::LabelSelector;

/// A disruption budget, as it stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Budget {
    pub(super) namespace: String,
    pub(super) selector: LabelSelector,
    pub(super) allowed: i64,
}

/// A node that can be freed.
#[derive(Clone, Debug)]
pub struct Freeable {
    /// The node.
    pub node: NodeKey,
    /// The pods that have to go, the most important first.
    pub victims: Vec<PodKey>,
    /// How many of them a disruption budget would rather keep.
    pub violations: usize,
}

/// What comes of the wish to make room.
#[derive(Clone, Debug)]
pub(super) enum Preemption {
    /// The pod may not ask for it.
    NotAllowed(&'static str),
    /// No node can be freed, and why.
    Nowhere(String),
    /// This one is freed.
    Found(Freeable),
}

/// Why a node cannot be freed.
enum Stuck {
    /// Nobody there has a lower priority.
    Nobody,
    /// It would not be enough.
    Still(Refusal),
}

impl Scheduler {
    pub(super) fn preempt(
        &mut self,
        pod: PodKey,
        overview: &Overview,
        search: &Search,
        details: Option<&mut Details>,
    ) -> Preemption {
        if let Err(why) = self.may_preempt(pod, search) {
            return Preemption::NotAllowed(why);
        }
        let nodes = self.cluster.list.order.len();
        let (freeable, reasons, nobody) = self.freeable(pod, overview, search);
        if freeable.is_empty() {
            let hopeful = |it: &&(NodeKey, Refusal)| !it.1.is_hopeless();
            let hopeless = nodes - search.refused.iter().filter(hopeful).count();
            let names = &self.cluster.names;
            return Preemption::Nowhere(reasons.of_preemption(nodes, hopeless, nobody, names));
        }
        let mut equal = self.best_to_free(&freeable);
        let name = |at: &usize| &self.cluster.seats[freeable[*at].node.slot()].node.name;
        equal.sort_by_key(name);
        let nth = match self.settings.ties {
            Ties::InTurn => self.choices % equal.len(),
            Ties::Drawn(key) => {
                let entry = &self.pods[pod.slot()];
                let address = crate::base::stream::within(entry.order, entry.attempts.into());
                let count = u32::try_from(equal.len()).unwrap_or(u32::MAX);
                key.stream(address, Purpose::Tie).below(count) as usize
            }
        };
        self.choices += usize::from(freeable.len() > 1);
        let found = freeable[equal[nth]].clone();
        if let Some(details) = details {
            details.equal = equal.iter().map(|at| freeable[*at].node).collect();
            details.freeable = freeable;
        }
        Preemption::Found(found)
    }

    /// Whether the pod may ask others to make room, or why not.
    fn may_preempt(&self, pod: PodKey, search: &Search) -> Result<(), &'static str> {
        let kind = self.kind(self.kind_of(pod));
        if !kind.preempts {
            return Err("preemptionPolicy=Never");
        }
        let Some(node) = self.pods[pod.slot()].nominated.some() else {
            return Ok(());
        };
        let refusal = search.refused.iter().find(|it| it.0 == node).map(|it| it.1);
        let looked_at = refusal.or(search.nominated);
        if looked_at.is_none_or(Refusal::is_hopeless) {
            return Ok(());
        }
        let goes = |it: &PodKey| {
            let entry = &self.pods[it.slot()];
            let lower = self.kind(entry.kind).priority < kind.priority;
            lower && entry.terminating && entry.preempted
        };
        if self.cluster.seats[node.slot()].pods.iter().any(goes) {
            return Err("a terminating pod on the nominated node");
        }
        Ok(())
    }

    /// The nodes that can be freed (S31), and why the others cannot.
    fn freeable(
        &self,
        pod: PodKey,
        overview: &Overview,
        search: &Search,
    ) -> (Vec<Freeable>, Histogram, usize) {
        let hopeful = |it: &&(NodeKey, Refusal)| !it.1.is_hopeless();
        let mut nodes: Vec<NodeKey> = search
            .refused
            .iter()
            .filter(hopeful)
            .map(|it| it.0)
            .collect();
        let mut reasons = Histogram::default();
        if self.kind(self.kind_of(pod)).priority <= self.cluster.lowest {
            return (Vec::new(), reasons, nodes.len());
        }
        self.put_in_order(pod, &mut nodes);
        let enough = (nodes.len() / 10).max(100);
        let (mut freeable, mut nobody) = (Vec::new(), 0);
        let mut kept = 0;
        for node in nodes {
            match self.free(pod, node, overview) {
                Ok(it) => {
                    kept += usize::from(it.violations == 0);
                    freeable.push(it);
                    if kept > 0 && freeable.len() >= enough {
                        break;
                    }
                }
                Err(Stuck::Nobody) => nobody += 1,
                Err(Stuck::Still(refusal)) => reasons.add(refusal, 1),
            }
        }
        (freeable, reasons, nobody)
    }

    /// Nodes in the order of the list, from an offset that is drawn where that matters.
    fn put_in_order(&self, pod: PodKey, nodes: &mut [NodeKey]) {
        if nodes.len() <= 100 {
            return;
        }
        if let Ties::Drawn(key) = self.settings.ties {
            let count = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
            let entry = &self.pods[pod.slot()];
            let address = crate::base::stream::within(!entry.order, entry.attempts.into());
            nodes.rotate_left(key.stream(address, Purpose::Tie).below(count) as usize);
        }
    }

    /// Who has to go from a node, if that is enough (S31).
    fn free(&self, pod: PodKey, node: NodeKey, overview: &Overview) -> Result<Freeable, Stuck> {
        let cluster = &self.cluster;
        let seat = &cluster.seats[node.slot()];
        let kind = &cluster.kinds[self.kind_of(pod).slot()];
        let priority = kind.told.priority;
        let is_lower = |it: &super::KindId| self.kind(*it).priority < priority;
        if !seat.load.kinds.iter().any(|(kind, _)| is_lower(kind)) {
            return Err(Stuck::Nobody);
        }
        let lower = |it: &PodKey| is_lower(&self.kind_of(*it));
        let mut removed: Vec<PodKey> = seat.pods.iter().copied().filter(lower).collect();
        let (mut load, mut view) = (seat.load.clone(), overview.clone());
        let mut move_pod = |it: PodKey, on: bool| {
            let entry = &self.pods[it.slot()];
            let other = &cluster.kinds[entry.kind.slot()];
            if on {
                load.add(entry.kind, other, !entry.terminating);
                view.change(kind, entry.kind, node, 1, cluster);
            } else {
                load.take(entry.kind, other, !entry.terminating);
                view.change(kind, entry.kind, node, -1, cluster);
            }
            self.refuse(pod, node, Some(&load), &view)
        };
        let mut refusal = None;
        for it in &removed {
            refusal = move_pod(*it, false);
        }
        if let Some(refusal) = refusal {
            return Err(Stuck::Still(refusal));
        }
        sort_as_go(&mut removed, |a, b| self.matters_more(*a, *b));
        let (violating, others) = self.split_by_budgets(&removed);
        let (mut victims, mut violations) = (Vec::new(), 0);
        for it in &violating {
            if move_pod(*it, true).is_some() {
                move_pod(*it, false);
                victims.push(*it);
                violations += 1;
            }
        }
        for it in &others {
            if move_pod(*it, true).is_some() {
                move_pod(*it, false);
                victims.push(*it);
            }
        }
        if !violating.is_empty() && !others.is_empty() {
            sort_as_go(&mut victims, |a, b| self.matters_more(*a, *b));
        }
        Ok(Freeable {
            node,
            victims,
            violations,
        })
    }

    /// Whether a pod is more important than another: by its priority, then by its start.
    fn matters_more(&self, a: PodKey, b: PodKey) -> bool {
        let rank = |it: PodKey| {
            let entry = &self.pods[it.slot()];
            let priority = self.kind(entry.kind).priority;
            (std::cmp::Reverse(priority), self.started(it))
        };
        rank(a) < rank(b)
    }

    /// When a pod was started; one that was not counts as if it were just now.
    fn started(&self, pod: PodKey) -> WireTime {
        let never = WireTime::from_secs(i32::MAX);
        self.pods[pod.slot()].started.unwrap_or(never)
    }

    /// Those whose going a budget forbids, and the others (S32).
    fn split_by_budgets(&self, pods: &[PodKey]) -> (Vec<PodKey>, Vec<PodKey>) {
        let mut left: Vec<i64> = self.budgets.iter().map(|it| it.allowed).collect();
        let mut violates = |pod: &PodKey| {
            let kind = self.kind(self.kind_of(*pod));
            let mut violates = false;
            if kind.labels.is_empty() {
                return false;
            }
            for (budget, left) in self.budgets.iter().zip(&mut left) {
                let selector = &budget.selector;
                let asks = !(selector.labels.is_empty() && selector.expressions.is_empty());
                if budget.namespace == kind.namespace && asks && selector.matches(&kind.labels) {
                    *left -= 1;
                    if *left < 0 {
                        violates = true;
                        break;
                    }
                }
            }
            violates
        };
        pods.iter().partition(|it| violates(it))
    }

    /// The places of those that are the best to free (S33).
    fn best_to_free(&self, all: &[Freeable]) -> Vec<usize> {
        let priority = |it: &PodKey| i64::from(self.kind(self.kind_of(*it)).priority);
        let highest = |it: &Freeable| it.victims.first().map_or(i64::MIN, priority);
        let sum = |it: &Freeable| {
            it.victims
                .iter()
                .map(|it| priority(it) + (1 << 31))
                .sum::<i64>()
        };
        let earliest = |it: &Freeable| {
            let top = highest(it);
            let first = it.victims.iter().filter(|it| priority(it) == top);
            first.map(|it| self.started(*it)).min()
        };
        let rank = |it: &Freeable| {
            (
                it.violations,
                highest(it),
                sum(it),
                it.victims.len(),
                std::cmp::Reverse(earliest(it)),
            )
        };
        let best = all.iter().map(rank).min();
        (0..all.len())
            .filter(|at| Some(rank(&all[*at])) == best)
            .collect()
    }
}
