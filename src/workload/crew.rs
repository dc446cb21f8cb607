//! What the containers of a run do, as it happens.

mod address;
mod answer;
mod course;
mod end;

use super::fate::{Fate, Process, Work};
use super::flaw::{FateError, Flaw};
use super::piece::Pieces;
use super::queue::{Item, QueueCounts, Tub};
use super::stop::{Stop, signal_number};
use crate::base::{Instant, Key, Span};
use crate::model::{Container, ContainerRun, ContainerSlot, Exit, Job, PodId};
use std::collections::BTreeMap;

/// Where a run of a container takes place, and what its draws belong to.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The random numbers of the trial.
    pub key: &'a Key,
    /// What the draws of the Job's pods belong to: not a number that another Job could change.
    pub job_entity: u64,
    /// The node's name, if it has one.
    pub node_name: Option<&'a str>,
}

/// The processes of all containers of a run.
#[derive(Clone, Debug, Default)]
pub struct Crew {
    casts: Vec<Cast>,
    active: BTreeMap<(PodId, ContainerSlot), Active>,
    tubs: Vec<Tub>,
    pieces: Vec<Pieces>,
    repeated: Span,
    uses_up: bool,
}

/// What the pods of a Job do.
#[derive(Clone, Debug, Default)]
struct Cast {
    fates: Vec<Fate>,
    /// For each fate, what init containers and then regular ones do.
    roles: Vec<Vec<Role>>,
    init: usize,
}

/// What a container does.
#[derive(Clone, Debug)]
struct Role {
    process: Process,
    memory_limit: Option<u64>,
    stop_signal: u8,
    /// The place of its queue, and what the draws of that belong to.
    tub: Option<(usize, u64)>,
    /// The place of its pieces of work.
    pieces: Option<usize>,
    /// Whether a run has to be remembered.
    remembered: bool,
}

/// A run under way that has to be remembered.
#[derive(Clone, Copy, Debug)]
struct Active {
    since: Instant,
    /// When it ends by itself, and how.
    ends: Option<(Instant, Exit)>,
    /// What it cannot outlive, when it works on a queue.
    fatal: Option<(Instant, Exit)>,
    /// How it ends when its queue is empty.
    last: Exit,
    item: Option<Item>,
    piece: Option<u32>,
    /// How much of the piece was done before, and when the run got there.
    saved: Span,
    restored: Instant,
    finishing: bool,
    /// Places of its Job, fate and container.
    role: (usize, usize, usize),
}

impl Crew {
    /// Gives the next Job its fates.
    ///
    /// # Errors
    ///
    /// What is wrong with them, or does not fit the Job.
    pub fn cast(&mut self, job: &Job, fates: &[Fate]) -> Result<(), FateError> {
        let template = &job.spec.template;
        let all = || template.init_containers.iter().chain(&template.containers);
        let mut cast = Cast {
            init: template.init_containers.len(),
            ..Cast::default()
        };
        let mut flaws = Vec::new();
        for fate in fates {
            flaws.extend(fate.others.check().into_iter().map(|it| (None, it)));
            for (place, (name, process)) in fate.containers.iter().enumerate() {
                let mut found = process.check();
                if !all().any(|it| it.name == *name) {
                    let known = all().map(|it| it.name.as_str()).collect::<Vec<_>>();
                    let known = known.join(", ");
                    found.push(Flaw::Unknown { known });
                }
                if fate.containers[..place].iter().any(|it| it.0 == *name) {
                    found.push(Flaw::Twice);
                }
                flaws.extend(found.into_iter().map(|it| (Some(name.clone()), it)));
            }
            let roles = all().enumerate().map(|(place, container)| {
                let process = fate.process_of(container, place < cast.init);
                let known = cast.roles.iter().map(|it: &Vec<Role>| &it[place]);
                let tub = self.tub(&process.work, known);
                self.role(process, container, tub)
            });
            let roles = roles.collect();
            cast.roles.push(roles);
            cast.fates.push(fate.clone());
        }
        self.casts.push(cast);
        FateError::check(&job.name, flaws)
    }

    /// The queue of a process: all that follow the same description in the same container share
    /// it, also where the rest of their fates differs.
    fn tub<'a>(
        &mut self,
        work: &Work,
        known: impl Iterator<Item = &'a Role> + Clone,
    ) -> Option<(usize, u64)> {
        if !matches!(work, Work::Queue(_)) {
            return None;
        }
        let mut same = known.clone().filter(|it| it.process.work == *work);
        same.next().and_then(|it| it.tub).or_else(|| {
            self.tubs.push(Tub::default());
            Some((self.tubs.len() - 1, known.count() as u64))
        })
    }

    fn role(&mut self, process: Process, container: &Container, tub: Option<(usize, u64)>) -> Role {
        let queues = tub.is_some();
        let pieces = process.has_pieces().then(|| {
            self.pieces.push(Pieces::default());
            self.pieces.len() - 1
        });
        let health = process.health != super::stop::Health::default();
        let used = process.memory.is_some() || process.disk.is_some();
        self.uses_up |= used;
        let finishes = process.stop == Stop::Finishes;
        Role {
            memory_limit: container.limits.memory,
            stop_signal: signal_number(container.stop_signal.as_deref()),
            remembered: queues || pieces.is_some() || health || used || finishes,
            process,
            tub,
            pieces,
        }
    }

    /// Forgets all runs, and keeps what containers do.
    pub fn clear(&mut self) {
        self.active.clear();
        self.tubs.iter_mut().for_each(Tub::clear);
        self.pieces.iter_mut().for_each(Pieces::clear);
        self.repeated = Span::ZERO;
    }

    /// What has become of the items of each queue.
    pub fn queues(&self) -> impl Iterator<Item = QueueCounts> {
        self.tubs.iter().map(|tub| tub.counts)
    }

    /// Work on pieces that was done and not saved, so that it had to be done again.
    #[must_use]
    pub const fn repeated(&self) -> Span {
        self.repeated
    }

    /// Whether any process has a word about memory or local storage.
    #[must_use]
    pub const fn uses_up(&self) -> bool {
        self.uses_up
    }

    /// The fate that a run follows, and its container's place.
    fn place(&self, run: &ContainerRun) -> Option<(usize, usize)> {
        let cast = self.casts.get(run.job.slot())?;
        let holds = |fate: &Fate| fate.whose.holds(run.index, run.nth, run.run);
        let last = cast.fates.len().checked_sub(1)?;
        let fate = cast.fates.iter().position(holds).unwrap_or(last);
        let place = match run.container {
            ContainerSlot::Init(place) => usize::from(place),
            ContainerSlot::Regular(place) => cast.init + usize::from(place),
        };
        (place < cast.roles[fate].len()).then_some((fate, place))
    }
}
