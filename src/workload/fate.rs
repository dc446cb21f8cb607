//! What the containers of a Job's pods do, described.

use super::checkpoint::Checkpoints;
use super::ending::{At, BadInputs, BadNodes, Ending, Failure, FirstRuns, Which};
use super::flaw::Flaw;
use super::memory::{Growth, Memory};
use super::queue::WorkQueue;
use super::stop::{Health, Hooks, Stop};
use super::words::{IntoChance, IntoLaw, Read};
use crate::base::Span;
use crate::base::{Chance, Law};
use crate::model::Container;
use std::ops::RangeInclusive;

/// How long an init container runs that nothing is said of.
const INIT_RUN: Span = Span::from_secs(1);

/// What the containers of some of a Job's pods do.
///
/// A Job has a list of them. A run of a container follows the first that is for it, else the last;
/// without any, it runs for ever. Within a fate it does what is said of its container by name;
/// without a word, a regular container does what all others do, an init container runs for 1 s and
/// succeeds, and a sidecar stays until it is stopped.
///
/// What could not be read (`Fate::lasting("20 parsecs")`) is told when the fate meets its Job:
/// [`Crew::cast`](super::Crew::cast).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Fate {
    /// Which runs it is for.
    pub whose: Whose,
    /// What regular containers do that are not named.
    pub others: Process,
    /// What containers do by name: regular ones, init containers and sidecars.
    pub containers: Vec<(String, Process)>,
}

/// Which runs something is for: those that each of the three lists holds, an empty one being for
/// all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// Completion indexes. Pods without one are in no list of them.
    pub index: Vec<RangeInclusive<u32>>,
    /// Pods by number, from 0, among the pods of their index (or of the Job, if that is not
    /// Indexed), in order of creation.
    pub nth: Vec<RangeInclusive<u32>>,
    /// Runs of a container by number, from 0, in its pod: 0 is the first, 1 that after the first
    /// restart.
    pub run: Vec<RangeInclusive<u32>>,
}

impl Whose {
    /// Whether it is for that run.
    #[must_use]
    pub fn holds(&self, index: Option<u32>, nth: u32, run: u32) -> bool {
        let fits = |list: &[RangeInclusive<u32>], it| list.is_empty() || among(list, it);
        (self.index.is_empty() || index.is_some_and(|it| among(&self.index, it)))
            && fits(&self.nth, nth)
            && fits(&self.run, run)
    }
}

/// Whether one of the ranges holds the number.
pub(super) fn among(ranges: &[RangeInclusive<u32>], number: u32) -> bool {
    ranges.iter().any(|range| range.contains(&number))
}

impl Fate {
    /// All regular containers do this.
    #[must_use]
    pub fn of(others: Process) -> Self {
        Self {
            others,
            ..Self::default()
        }
    }

    /// All regular containers run that long and succeed; drawn anew for each run.
    #[must_use]
    pub fn lasting(law: impl IntoLaw) -> Self {
        Self::of(Process::lasting(law))
    }

    /// The same, but with that chance a run ends otherwise: see [`Process::failing`].
    #[must_use]
    pub fn failing(mut self, chance: impl IntoChance, failure: impl Into<Failure>) -> Self {
        self.others = self.others.failing(chance, failure);
        self
    }

    /// The same, but the container of that name does this.
    #[must_use]
    pub fn container(mut self, name: impl Into<String>, process: Process) -> Self {
        self.containers.push((name.into(), process));
        self
    }

    /// What the container does.
    pub(super) fn process_of(&self, container: &Container, init: bool) -> Process {
        let named = self.containers.iter().find(|it| it.0 == container.name);
        match named {
            Some((_, process)) => process.clone(),
            None if container.sidecar => Process::staying(),
            None if init => Process::lasting(INIT_RUN),
            None => self.others.clone(),
        }
    }

    /// The same, for these completion indexes too, or only.
    #[must_use]
    pub fn for_index(mut self, index: RangeInclusive<u32>) -> Self {
        self.whose.index.push(index);
        self
    }

    /// The same, for pods of these numbers too, or only.
    #[must_use]
    pub fn for_nth(mut self, nth: RangeInclusive<u32>) -> Self {
        self.whose.nth.push(nth);
        self
    }

    /// The same, for these runs of each container too, or only.
    #[must_use]
    pub fn for_run(mut self, run: RangeInclusive<u32>) -> Self {
        self.whose.run.push(run);
        self
    }
}

impl From<Process> for Fate {
    fn from(others: Process) -> Self {
        Self::of(others)
    }
}

/// What the process of one container does, each time that it is run.
///
/// Whatever ends a run comes at some time; what comes first counts. Of what comes at the same
/// time, the first in this order does: bad input, bad node, first runs, endings by chance, hazards
/// in their order, memory, success.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Process {
    /// What it works on.
    pub work: Work,
    /// How it ends, by chance: at most one of these, as likely as it says. Else it succeeds when
    /// its work is done.
    pub endings: Vec<(Chance, Failure)>,
    /// What may hit it at any time: the time from the start of the run to the hit, and how it
    /// ends then. A run whose work ends before that is not hit.
    pub hazards: Vec<(Law, Ending)>,
    /// Runs that fail before one is let through.
    pub first: Option<FirstRuns>,
    /// Inputs that cannot be worked on.
    pub bad_inputs: Option<BadInputs>,
    /// Nodes on which it fails.
    pub bad_nodes: Option<BadNodes>,
    /// How it saves its work.
    pub checkpoints: Option<Checkpoints>,
    /// Its memory; without a word, it needs none.
    pub memory: Option<Memory>,
    /// What it writes to local storage (P68); a new run of the container starts with nothing.
    pub disk: Option<Growth>,
    /// What it does when it is asked to stop.
    pub stop: Stop,
    /// What its hooks take.
    pub hooks: Hooks,
    /// What it answers to probes.
    pub health: Health,
    pub(super) flaws: Vec<Flaw>,
}

/// What a process works on.
///
/// Of a Job's work there are pieces: one for each completion index, or, if the Job is not Indexed,
/// one for each success. There, a run takes the piece that its pod had before, else the oldest one
/// that nobody is at and that is not done, else a new one. Each container has pieces of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Work {
    /// That long, drawn anew for each run; with checkpoints, for each piece.
    For(Law),
    /// That long, drawn once for each piece: whoever tries it needs as long.
    Piece(Law),
    /// Items from a queue that all who follow this description share, as long as there are any.
    Queue(WorkQueue),
    /// For ever, until something ends it.
    #[default]
    Stays,
}

impl Process {
    /// Runs that long and succeeds; drawn anew for each run.
    #[must_use]
    pub fn lasting(law: impl IntoLaw) -> Self {
        let mut process = Self::default();
        if let Some(law) = process.flaws.read("lasting", law.into_law()) {
            process.work = Work::For(law);
        }
        process
    }

    /// Does a piece of work and succeeds; how long that takes is drawn once for each piece.
    #[must_use]
    pub fn working(law: impl IntoLaw) -> Self {
        let mut process = Self::default();
        if let Some(law) = process.flaws.read("working", law.into_law()) {
            process.work = Work::Piece(law);
        }
        process
    }

    /// Works on items from a queue.
    #[must_use]
    pub fn draining(queue: WorkQueue) -> Self {
        Self {
            work: Work::Queue(queue),
            ..Self::default()
        }
    }

    /// Stays until it is stopped.
    #[must_use]
    pub fn staying() -> Self {
        Self::default()
    }

    /// The same, but with that chance a run ends so; at the end of its work, unless the failure
    /// says when. Chances add up, so that no run meets two of them.
    #[must_use]
    pub fn failing(mut self, chance: impl IntoChance, failure: impl Into<Failure>) -> Self {
        if let Some(chance) = self.flaws.read("failing", chance.into_chance()) {
            self.endings.push((chance, failure.into()));
        }
        self
    }

    /// The same, but it always ends so.
    #[must_use]
    pub fn exiting(self, failure: impl Into<Failure>) -> Self {
        self.failing(Chance::ALWAYS, failure)
    }

    /// The same, but it ends so if its work takes longer than a draw of that law.
    #[must_use]
    pub fn hazard(mut self, time_to_failure: impl IntoLaw, ending: impl Into<Ending>) -> Self {
        if let Some(law) = self.flaws.read("hazard", time_to_failure.into_law()) {
            self.hazards.push((law, ending.into()));
        }
        self
    }

    /// The same, but the first so many runs at each piece of work fail.
    #[must_use]
    pub fn failing_first(mut self, runs: u32, failure: impl Into<Failure>) -> Self {
        let failure = failure.into();
        self.first = Some(FirstRuns { runs, failure });
        self
    }

    /// The same, but these pieces of work always fail.
    #[must_use]
    pub fn failing_on(
        mut self,
        inputs: impl IntoIterator<Item = RangeInclusive<u32>>,
        failure: impl Into<Failure>,
    ) -> Self {
        self.bad_inputs = Some(BadInputs {
            which: Which::Listed(inputs.into_iter().collect()),
            failure: failure.into(),
        });
        self
    }

    /// The same, but each piece of work has that chance to be one that always fails.
    #[must_use]
    pub fn bad_inputs(mut self, chance: impl IntoChance, failure: impl Into<Failure>) -> Self {
        if let Some(chance) = self.flaws.read("bad inputs", chance.into_chance()) {
            self.bad_inputs = Some(BadInputs {
                which: Which::Drawn(chance),
                failure: failure.into(),
            });
        }
        self
    }

    /// The same, but it saves its work.
    #[must_use]
    pub fn saving(mut self, checkpoints: Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// The same, but it stops so.
    #[must_use]
    pub fn stopping(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// The same, but it takes that long to exit with that code when it is asked to stop.
    #[must_use]
    pub fn stopping_in(mut self, law: impl IntoLaw, ending: impl Into<Ending>) -> Self {
        let after = self.flaws.read("stopping", law.into_law());
        let ending = Some(ending.into());
        self.stop = Stop::Exits { after, ending };
        self
    }

    /// The same, with that memory.
    #[must_use]
    pub fn memory(mut self, memory: Memory) -> Self {
        self.memory = Some(memory);
        self
    }

    /// All failures that it may come to.
    pub(super) fn failures(&self) -> impl Iterator<Item = &Failure> {
        let by_chance = self.endings.iter().map(|(_, failure)| failure);
        let first = self.first.iter().map(|it| &it.failure);
        let inputs = self.bad_inputs.iter().map(|it| &it.failure);
        let nodes = self.bad_nodes.iter().map(|it| &it.failure);
        by_chance.chain(first).chain(inputs).chain(nodes)
    }

    /// Whether it matters which piece of work a run is at.
    pub(super) fn has_pieces(&self) -> bool {
        let told = self.first.is_some() || self.bad_inputs.is_some() || self.checkpoints.is_some();
        told || matches!(self.work, Work::Piece(_))
    }

    /// What is wrong with it, whatever the Job.
    pub(super) fn check(&self) -> Vec<Flaw> {
        let mut flaws = self.flaws.clone();
        let sum: f64 = self.endings.iter().map(|it| it.0.probability()).sum();
        // 18 decimals are more than a float holds: the sum of ten times 10 % is allowed.
        if sum > 1.0 + 1e-9 {
            flaws.push(Flaw::MoreThanAll);
        }
        let mut endings: Vec<Ending> = self.hazards.iter().map(|it| it.1).collect();
        for failure in self.failures() {
            flaws.extend(failure.flaws.iter().cloned());
            endings.push(failure.ending);
            if let At::PerCent(share @ 101..) = failure.at {
                flaws.push(Flaw::PerCent(share));
            }
        }
        if let Stop::Exits { ending, .. } = &self.stop {
            endings.extend(ending);
        }
        let work = match &self.work {
            Work::For(_) | Work::Piece(_) => None,
            Work::Queue(queue) => {
                flaws.extend(queue.check());
                endings.extend([queue.crash, queue.poisoned]);
                Some("a queue")
            }
            Work::Stays => Some("a process that stays"),
        };
        for ending in endings {
            if let Ending::Signal(number @ (0 | 65..)) = ending {
                flaws.push(Flaw::Signal(number));
            }
        }
        let queues = matches!(self.work, Work::Queue(_));
        let words = [
            (self.checkpoints.is_some(), "checkpoints"),
            (self.bad_inputs.is_some(), "bad inputs"),
            (self.first.is_some() && queues, "first runs that fail"),
        ];
        for (_, what) in words.into_iter().filter(|it| it.0) {
            flaws.extend(work.map(|work| Flaw::NoPiece { what, work }));
        }
        if let Some(checkpoints) = &self.checkpoints {
            flaws.extend(checkpoints.check());
        }
        for growth in [self.memory.map(|it| it.growth), self.disk] {
            if growth.is_some_and(|it| it.per.micros() <= 0) {
                flaws.push(Flaw::Zero("time in which usage grows"));
            }
        }
        flaws
    }
}
