//! Which pod gets which node, where there are nodes.

use super::super::recorder::Recorder;
use super::super::scenario::{Placement, Scenario};
use super::World;
use super::cluster::Outside;
use super::scheduling::{Scheduling, Who};
use crate::api::{ApiServer, Notice};
use crate::base::stream::{address, within};
use crate::base::{Instant, Key};
use crate::base::{Purpose, Span};
use crate::model::{Node, NodeId, Pod, PodId, PodNews, PodTemplate};
use crate::schedule::{Endless, IdealScheduler};

/// Who decides.
#[derive(Debug)]
pub(super) enum Placing {
    /// Somebody from outside.
    ByHand,
    /// The scheduler, for the nodes that there are and those of the pool.
    Real {
        scheduling: Box<Scheduling>,
        /// Nodes of the pool that are being made, and those that were begun so far.
        under_way: u32,
        begun: u32,
    },
    /// One that decides at once.
    Ideal {
        scheduler: IdealScheduler,
        /// Nodes of the pool that are being made, and those that were begun so far.
        under_way: u32,
        begun: u32,
    },
    /// There is always another node.
    Endless { nodes: Endless, waiting: Vec<PodId> },
}

/// What a node is wanted for.
enum Waits {
    Pod(PodId),
    Background(Box<PodTemplate>),
}

impl Placing {
    pub(super) fn new(scenario: &Scenario, key: Key) -> Self {
        if scenario.placement == Placement::ByHand {
            Self::ByHand
        } else if scenario.is_endless() {
            Self::Endless {
                nodes: Endless::like(Node::named("node")),
                waiting: Vec::new(),
            }
        } else if scenario.placement == Placement::Scheduler {
            Self::Real {
                scheduling: Box::new(Scheduling::new(scenario, key)),
                under_way: 0,
                begun: 0,
            }
        } else {
            Self::Ideal {
                scheduler: IdealScheduler::default(),
                under_way: 0,
                begun: 0,
            }
        }
    }

    /// Forgets everything, for another run of the same scenario.
    pub(super) fn clear(&mut self, key: Key) {
        match self {
            Self::ByHand => {}
            Self::Real {
                scheduling,
                under_way,
                begun,
            } => {
                scheduling.clear(key);
                (*under_way, *begun) = (0, 0);
            }
            Self::Ideal {
                scheduler,
                under_way,
                begun,
            } => {
                scheduler.clear();
                (*under_way, *begun) = (0, 0);
            }
            Self::Endless { nodes, waiting } => {
                nodes.clear();
                waiting.clear();
            }
        }
    }

    /// Whether pods are placed at once, before anything else happens at that instant.
    pub(super) const fn is_at_once(&self) -> bool {
        matches!(self, Self::Ideal { .. })
    }

    /// Takes in a write, as the watch tells it.
    pub(super) fn observe(&mut self, now: Instant, api: &ApiServer, notice: &Notice) {
        match self {
            Self::ByHand => {}
            Self::Real { scheduling, .. } => scheduling.observe(now, api, notice),
            Self::Ideal { scheduler, .. } => scheduler.observe(api, notice),
            Self::Endless { waiting, .. } => {
                if let Notice::Pod(change) = notice {
                    let free = |it: &Pod| it.deletion.is_none() && !api.is_gated(it);
                    let waits = change.new.is_some_and(|it| free(&it));
                    if change.old.is_none() && waits {
                        waiting.push(change.id);
                    }
                }
            }
        }
    }
}

impl World {
    /// When the scheduler next does something by itself. If nothing else is to happen, it is not
    /// asked to try once more what it knows to be in vain.
    pub(super) fn next_attempt(&self, alone: bool) -> Option<Instant> {
        self.cluster.as_ref()?;
        let Placing::Real { scheduling, .. } = &self.placing else {
            return None;
        };
        let scheduler = &scheduling.scheduler;
        let due = scheduler.next_due().map(|it| it.max(self.now))?;
        let in_vain = || alone && !scheduler.hopes() && self.next_pass().is_none();
        (!in_vain()).then_some(due)
    }

    /// Where it is decided at once: lets the next thing come from outside, and places pods, before
    /// anything else happens at that instant; whether there was anything.
    pub(super) fn decide_at_once(&mut self, recorder: &mut impl Recorder) -> bool {
        self.placing.is_at_once()
            && self.cluster.is_some()
            && (self.tend_cluster(recorder) || self.place_next(recorder))
    }

    /// Places the next pod that can be placed, or has a node made; whether there was anything.
    pub(super) fn place_next(&mut self, recorder: &mut impl Recorder) -> bool {
        let (now, api) = (self.now, &mut self.api);
        let mut news = Vec::new();
        let placed = match &mut self.placing {
            Placing::Real { .. } => {
                return self.schedule_next(recorder) || self.make_nodes(recorder);
            }
            Placing::ByHand => false,
            Placing::Ideal { scheduler, .. } => scheduler.bind_next(api, &mut news),
            Placing::Endless { nodes, waiting } => {
                waiting.retain(|pod| {
                    let stored = api.pod(*pod);
                    api.pod_exists(*pod) && stored.deletion.is_none() && !stored.is_bound()
                });
                if waiting.is_empty() {
                    false
                } else {
                    let pod = waiting.remove(0);
                    let before = api.nodes().count();
                    let node = nodes.node_for(now, api, pod);
                    let is_new = api.nodes().count() > before;
                    // The pod waits, so it takes the node.
                    let _ = api.bind_pod(pod, node);
                    if is_new {
                        self.plan_for_node(node);
                    }
                    true
                }
            }
        };
        for (pod, told) in news {
            recorder.told(now, &self.api, pod, told);
        }
        let placed = placed || self.make_nodes(recorder);
        self.spread(recorder);
        placed
    }

    /// Begins to make nodes for the pods that wait, as far as the pool allows; whether any.
    fn make_nodes(&mut self, recorder: &mut impl Recorder) -> bool {
        let Some(pool) = &self.scenario.pool else {
            return false;
        };
        let (waiting, under_way, begun): (Vec<Waits>, _, _) = match &mut self.placing {
            Placing::Real {
                scheduling,
                under_way,
                begun,
            } => {
                if !std::mem::take(&mut scheduling.short) {
                    return false;
                }
                let waiting = scheduling.waiting().map(|who| match who {
                    Who::Pod(pod) => Waits::Pod(pod),
                    Who::Background(number) => {
                        let all = &self.scenario.background;
                        Waits::Background(Box::new(scheduling.backdrop.template(number, all)))
                    }
                });
                (waiting.collect(), under_way, begun)
            }
            Placing::Ideal {
                scheduler,
                under_way,
                begun,
            } => {
                let waiting = scheduler.waiting().map(Waits::Pod).collect();
                (waiting, under_way, begun)
            }
            Placing::ByHand | Placing::Endless { .. } => return false,
        };
        let made = *begun - *under_way;
        let first = waiting.iter().find_map(|it| match it {
            Waits::Pod(pod) => Some(*pod),
            Waits::Background(_) => None,
        });
        let templates = waiting.iter().map(|it| match it {
            Waits::Pod(pod) => &self.api.job(self.api.pod(*pod).job).job.spec.template,
            Waits::Background(template) => template,
        });
        let missing = pool.missing(templates, *under_way, made);
        let mut soonest: Option<Span> = None;
        for _ in 0..missing {
            *begun += 1;
            *under_way += 1;
            let entity = within(address(&pool.node.name), u64::from(*begun));
            let mut stream = self.key.stream(entity, Purpose::Provisioning);
            let delay = pool.delay.draw(&mut stream);
            soonest = Some(soonest.map_or(delay, |it| it.min(delay)));
            if let Some(cluster) = &mut self.cluster {
                cluster.plan(self.now + delay, Outside::PoolNode(*begun));
            }
        }
        if let (Some(pod), Some(delay)) = (first, soonest) {
            recorder.told(self.now, &self.api, pod, PodNews::Provisioning(delay));
        }
        missing > 0
    }

    /// A node of the pool is ready.
    pub(super) fn pool_node(&mut self, number: u32) -> Option<Node> {
        if let Placing::Real { under_way, .. } | Placing::Ideal { under_way, .. } =
            &mut self.placing
        {
            *under_way = under_way.saturating_sub(1);
        }
        Some(self.scenario.pool.as_ref()?.numbered(number))
    }

    /// Whether the deed needs nodes that have names.
    pub(super) fn node_of(&self, pod: PodId) -> Option<NodeId> {
        self.api.pod(pod).node.filter(|node| node.is_named())
    }
}
