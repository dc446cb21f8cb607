//! One attempt to place one pod: search, scores, choice; or why not, and what is done about it.

use super::filter::Overview;
use super::hints::Event;
use super::nodes::NodeKey;
use super::preemption::{Freeable, Preemption};
use super::queue::{Place, Queue};
use super::reason::{Plugins, Refusal};
use super::scheduler::{Known, PodKey, Scheduler, Ties};
use super::score::{PLUGINS, choose, score, totals};
use super::search::Search;
use crate::base::{Instant, Purpose};
use std::fmt::Write;
use std::sync::Arc;

/// What came of an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The pod that was tried.
    pub pod: PodKey,
    /// What came of it.
    pub outcome: Outcome,
    /// The details, if they are kept.
    pub details: Option<Box<Details>>,
}

/// What came of an attempt.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The pod goes to that node: it has to be bound. For the scheduler it is there already.
    Bound(NodeKey),
    /// No node takes it.
    Refused(Refused),
    /// It is being deleted.
    Skipped,
}

/// Why a pod found no node, and what has to be written about it.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Message of the condition PodScheduled=False and of the event FailedScheduling (S14).
    pub message: Arc<str>,
    /// Whether that is another message than the one before.
    pub is_new: bool,
    /// Who rejected it.
    pub plugins: Plugins,
    /// The node that it is nominated for from now on, if that changes; `Some(None)` is for none.
    pub nominated: Option<Option<NodeKey>>,
    /// Pods that lose their nomination to it (S34).
    pub unnominated: Vec<PodKey>,
    /// Pods that have to go, in that order. Before the last of them is asked to, the scheduler is
    /// to be told ([`Scheduler::victims_asked`]).
    pub victims: Vec<PodKey>,
}

/// The details of an attempt.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Nodes that were looked at.
    pub evaluated: usize,
    /// The feasible ones, in the order of the search.
    pub feasible: Vec<NodeKey>,
    /// Their weighted scores, by [`Details::PLUGINS`]; nothing if there was no choice.
    pub scores: Vec<[i64; 7]>,
    /// The nodes that could be freed.
    pub freeable: Vec<Freeable>,
    /// Those of them that are equally good.
    pub equal: Vec<NodeKey>,
}

impl Details {
    /// The plugins that score, in the order of [`Details::scores`].
    pub const PLUGINS: [&'static str; 7] = [
        PLUGINS[0].0,
        PLUGINS[1].0,
        PLUGINS[2].0,
        PLUGINS[3].0,
        PLUGINS[4].0,
        PLUGINS[5].0,
        PLUGINS[6].0,
    ];
}

impl Scheduler {
    /// When the scheduler next has something to do by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Instant> {
        let ready = self.queue.head().map(|_| self.next_turn());
        let flush = self.queue.next_flush();
        // Pods that are tried before their back-off is over need no flush.
        ready.into_iter().chain(flush).min()
    }

    /// Whether an attempt can come to something, though nothing happens in the cluster any more.
    #[must_use]
    pub fn hopes(&self) -> bool {
        let current = |kind: super::KindId| {
            let known = self.known[kind.slot()].as_ref();
            known.is_some_and(|it| it.changes == self.changes)
        };
        let has_nodes = !self.cluster.list.order.is_empty();
        self.queue.is_busy()
            || (has_nodes && self.queue.has_errors())
            || self.queue.groups().any(|(_, kind)| !current(kind))
    }

    /// The earliest instant of the next attempt.
    fn next_turn(&self) -> Instant {
        self.last
            .map_or(Instant::ORIGIN, |it| it + self.settings.cycle)
    }

    /// Tries the next pod, if it is time for an attempt and there is one to try.
    pub fn attempt(&mut self, now: Instant) -> Option<Attempt> {
        self.flush(now);
        if now < self.next_turn() {
            return None;
        }
        let pod = self.queue.head()?;
        self.put(pod, Place::Nowhere);
        self.last = Some(now);
        let entry = &mut self.pods[pod.slot()];
        entry.attempts += 1;
        if entry.terminating {
            return Some(Attempt {
                pod,
                outcome: Outcome::Skipped,
                details: None,
            });
        }
        let mut details = self.settings.tells.then(Box::<Details>::default);
        let outcome = self.decide(now, pod, details.as_deref_mut());
        Some(Attempt {
            pod,
            outcome,
            details,
        })
    }

    /// Pods leave back-off, or are tried again because they have waited for long (S6, S7).
    fn flush(&mut self, now: Instant) {
        let before = self.flushed.replace(now);
        if let Some(at) = Queue::flush_between(before, now) {
            for pod in self.queue.rested(at) {
                self.put(pod, Place::Active);
            }
        }
        if let Some(at) = Queue::sweep_between(before, now) {
            for pod in self.queue.forgotten(at) {
                if self.held != Some(pod) {
                    self.stir(now, pod);
                }
            }
        }
    }

    fn decide(&mut self, now: Instant, pod: PodKey, details: Option<&mut Details>) -> Outcome {
        if self.cluster.list.order.is_empty() {
            return self.no_nodes(now, pod);
        }
        if details.is_none() {
            if let Some(known) = self.known_refusal(pod) {
                let (message, plugins) = (known.message.clone(), known.plugins);
                return self.refused(now, pod, message, plugins, None);
            }
        }
        let kind = self.kind_of(pod);
        let overview = self.overview(kind);
        let search = self.search(pod, &overview);
        if search.feasible.is_empty() {
            return self.fail(now, pod, &overview, &search, details);
        }
        let node = self.choose(pod, &search, details);
        self.nominate(pod, NodeKey::NONE);
        self.seat(pod, node);
        Outcome::Bound(node)
    }

    /// S10
    fn no_nodes(&mut self, now: Instant, pod: PodKey) -> Outcome {
        let text = "no nodes available to schedule pods";
        let (message, is_new) = self.tell(pod, text);
        self.rest_after_error(now, pod);
        Outcome::Refused(Refused {
            message,
            is_new,
            plugins: Plugins::NONE,
            nominated: None,
            unnominated: Vec::new(),
            victims: Vec::new(),
        })
    }

    /// What became of the last pod of the same kind, if nothing has changed since then: the same
    /// will become of this one.
    fn known_refusal(&self, pod: PodKey) -> Option<&Known> {
        let entry = &self.pods[pod.slot()];
        let known = self.known[entry.kind.slot()].as_ref()?;
        (known.changes == self.changes && entry.nominated == NodeKey::NONE).then_some(known)
    }

    /// Takes one of the feasible nodes (S21, S29).
    fn choose(&mut self, pod: PodKey, search: &Search, details: Option<&mut Details>) -> NodeKey {
        let feasible = &search.feasible;
        let entry = &self.pods[pod.slot()];
        let by_nomination = feasible.len() == 1 && entry.nominated == feasible[0];
        let nodes = self.cluster.list.order.len();
        let looked_at = feasible.len() + search.refused.len();
        let nominated = entry
            .nominated
            .some()
            .filter(|_| search.nominated.is_some());
        let evaluated = match nominated {
            // The nominated node was looked at first, and counts once.
            Some(node) if !search.refused.iter().any(|it| it.0 == node) => looked_at + 1,
            _ => looked_at,
        };
        if !by_nomination {
            self.start = (self.start + evaluated) % nodes;
        }
        let kind = &self.cluster.kinds[entry.kind.slot()];
        let mut scores = std::mem::take(&mut self.scores);
        let mut sums = std::mem::take(&mut self.totals);
        scores.clear();
        let node = if feasible.len() == 1 {
            feasible[0]
        } else {
            if details.is_some() {
                score(kind, feasible, &self.cluster, &mut scores);
                sums.clear();
                sums.extend(scores.iter().map(|it| it.iter().sum::<i64>()));
            } else {
                totals(kind, feasible, &self.cluster, &mut scores, &mut sums);
            }
            feasible[self.best(pod, &sums)]
        };
        if let Some(details) = details {
            details.evaluated = evaluated;
            details.feasible.clone_from(feasible);
            details.scores.clone_from(&scores);
        }
        (self.scores, self.totals) = (scores, sums);
        node
    }

    /// The place of the best; of several that which the release takes.
    fn best(&mut self, pod: PodKey, totals: &[i64]) -> usize {
        let Ties::Drawn(key) = self.settings.ties else {
            return choose(totals, &mut self.heap);
        };
        let most = totals.iter().max();
        let best = || (0..totals.len()).filter(|it| totals.get(*it) == most);
        let count = u32::try_from(best().count()).unwrap_or(u32::MAX);
        let entry = &self.pods[pod.slot()];
        let address = crate::base::stream::within(entry.order, entry.attempts.into());
        let nth = key.stream(address, Purpose::Tie).below(count.max(1));
        best().nth(nth as usize).unwrap_or(0)
    }

    /// No node takes the pod: perhaps others can make room (S30).
    fn fail(
        &mut self,
        now: Instant,
        pod: PodKey,
        overview: &Overview,
        search: &Search,
        details: Option<&mut Details>,
    ) -> Outcome {
        let nodes = self.cluster.list.order.len();
        self.start = (self.start + search.refused.len()) % nodes;
        let names = &self.cluster.names;
        let mut text = if search.conflict {
            format!("0/{nodes} nodes are available: pod affinity terms conflict.")
        } else {
            search.reasons.sentence(nodes, names)
        };
        let mut plugins = search.reasons.plugins();
        if search.conflict {
            plugins.insert(Refusal::NotNamed.plugin());
        }
        let preemption = self.preempt(pod, overview, search, details);
        let facts = self.cluster.facts;
        let claims = if facts.claims_speak {
            " no new claims to deallocate,"
        } else {
            ""
        };
        match &preemption {
            Preemption::NotAllowed(why) => {
                let _ = write!(text, "{claims} preemption: not eligible due to {why}.");
            }
            Preemption::Nowhere(why) => {
                let _ = write!(text, "{claims} preemption: {why}");
            }
            Preemption::Found(found) if facts.tells_success => {
                let name = &self.cluster.seats[found.node.slot()].node.name;
                let count = found.victims.len();
                let _ = write!(
                    text,
                    " preemption: found a potential placement for pod on node {name}, preempting \
                     {count} victims"
                );
            }
            Preemption::Found(_) => {}
        }
        let message: Arc<str> = text.into();
        let alike = self.kind(self.kind_of(pod));
        let no_rival = matches!(preemption, Preemption::Nowhere(_)) || !alike.preempts;
        let everywhere = self.cluster.kinds[self.kind_of(pod).slot()].names.is_none();
        if no_rival && everywhere && self.pods[pod.slot()].nominated == NodeKey::NONE {
            let slot = self.kind_of(pod).slot();
            self.known[slot] = Some(Known {
                changes: self.changes,
                message: message.clone(),
                plugins,
            });
        }
        self.refused(now, pod, message, plugins, Some(preemption))
    }

    /// A pod was rejected: it waits for something to happen (S9).
    fn refused(
        &mut self,
        now: Instant,
        pod: PodKey,
        message: Arc<str>,
        plugins: Plugins,
        preemption: Option<Preemption>,
    ) -> Outcome {
        let entry = &mut self.pods[pod.slot()];
        entry.rejections += 1;
        entry.errors = 0;
        entry.since = now;
        entry.plugins = plugins;
        let old = entry.nominated;
        let is_new = entry.told.as_ref() != Some(&message);
        entry.told = Some(message.clone());
        self.put(pod, Place::Asleep);
        let mut refused = Refused {
            message,
            is_new,
            plugins,
            nominated: None,
            unnominated: Vec::new(),
            victims: Vec::new(),
        };
        let new = match preemption {
            None | Some(Preemption::NotAllowed(_)) => old,
            Some(Preemption::Nowhere(_)) => NodeKey::NONE,
            Some(Preemption::Found(found)) => {
                let staying = |it: &PodKey| !self.pods[it.slot()].terminating;
                refused.victims = found.victims.iter().copied().filter(staying).collect();
                let spared = self.cluster.facts.spares_nominations && refused.victims.is_empty();
                if !spared {
                    refused.unnominated = self.unnominate(now, pod, found.node);
                }
                if refused.victims.len() > 1 {
                    self.held = Some(pod);
                }
                found.node
            }
        };
        if new != old {
            refused.nominated = Some(new.some());
            self.nominate(pod, new);
            self.nomination_lost(now, pod, old);
        }
        Outcome::Refused(refused)
    }

    /// Takes the nominations for a node away from pods of lower priority (S34).
    fn unnominate(&mut self, now: Instant, pod: PodKey, node: NodeKey) -> Vec<PodKey> {
        let priority = self.kind(self.kind_of(pod)).priority;
        let lower = |it: &PodKey| self.kind(self.kind_of(*it)).priority < priority;
        let nominated = self.cluster.seats[node.slot()].nominated.iter().copied();
        let pods: Vec<PodKey> = nominated.filter(lower).collect();
        for pod in &pods {
            self.nominate(*pod, NodeKey::NONE);
            self.nomination_lost(now, *pod, node);
        }
        pods
    }

    /// A nomination has gone, which may help others (S8).
    fn nomination_lost(&mut self, now: Instant, pod: PodKey, node: NodeKey) {
        if node.some().is_some() && self.cluster.facts.nominations_wake {
            let kind = self.kind_of(pod);
            let most = self.kind(kind).priority;
            self.wake(now, Event::PodDeleted(kind), Some(most));
        }
    }

    fn tell(&mut self, pod: PodKey, text: &str) -> (Arc<str>, bool) {
        let told = &mut self.pods[pod.slot()].told;
        if let Some(same) = told.as_ref().filter(|it| ***it == *text) {
            return (same.clone(), false);
        }
        let message: Arc<str> = text.into();
        *told = Some(message.clone());
        (message, true)
    }
}
