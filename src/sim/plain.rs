//! A fast engine for plain scenarios: one Job, whose pods nothing disturbs.
//!
//! [`World`] plays anything and is written to be read; this plays little, and writes down of it
//! nothing but the [`Outcome`]. It has every sync of the Job controller at its real time, and every
//! write of a pod's status that wakes the controller, but no objects: a pod that runs is a few
//! instants, known from its creation on, and one that has ended is a number. World is its oracle:
//! for every scenario that it takes, seed and trial, the outcome is the same to the last field.
//!
//! What it takes is a scenario with
//! - one Job, not suspended, without pod failure policy and success policy, looked after by the
//!   built-in controller, `restartPolicy: Never`;
//! - no nodes, pool, other pods, actions, faults, anything recurring or disruption budgets, and
//!   requests that take no time, with a rate limit (if there is one) of which the burst suffices
//!   to create all pods that are active at a time;
//! - pods that follow scripts which bind, start and end them, or whose only container does as
//!   [`Solo`](crate::workload::Solo) can tell on kubelets of which
//!   [`Rhythm`](crate::node::Rhythm) knows the beat.
//!
//! A few turns that such a run can take are left to a World all the same, which then plays the
//! trial from its beginning: requests that may have to wait for the rate limit, a Job that may
//! spend the scenario's budget, one that fails while a pod of it is starting or hundreds are to be
//! counted, and what a release refuses.
//!
//! The files: `terms` is what is taken from the scenario, `purse` the rate limit, `life` what a pod
//! comes to, `few` and `many` keep the pods that run, `books` is the Job controller, `ending` what
//! it does once the Job has failed, `tally` measures.

mod books;
mod ending;
mod few;
mod life;
mod many;
mod purse;
mod tally;
mod terms;
mod wheel;

use super::outcome::{Gauge, Outcome};
use super::scenario::Scenario;
use super::world::World;
use crate::base::{Key, Seed};
use crate::model::JobId;
use books::{Books, Turn};
use few::Few;
use life::Lives;
use many::Many;
use terms::Terms;

/// Up to so many pods are looked at one by one.
const FEW: u32 = 24;

/// A fast player of plain scenarios: those with one Job that nothing disturbs.
///
/// That is: `restartPolicy: Never`, no policies, not suspended; no nodes, pool, other pods,
/// actions, faults or budgets; requests that take no time, under a rate limit that is hardly felt;
/// pods of one container on kubelets with fixed delays, or scripts that bind, start and end them.
/// Whatever it does not take, a [`World`] plays; so it does the rare trials that take a turn which
/// is not modelled here.
///
/// ```
/// use dryjob::base::Seed;
/// use dryjob::model::{Job, Release};
/// use dryjob::sim::{Finish, Limits, PlainWorld, Scenario};
/// use dryjob::workload::Fate;
///
/// let job = Job::from_yaml(
///     "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {completions: 4, \
///      template: {spec: {restartPolicy: Never, containers: [{name: main, image: a}]}}}}",
/// )?;
/// let fate = Fate::lasting("exponential(mean=30s)").failing("10%", 1);
/// let scenario = Scenario::on(Release::LATEST).workload(job, [fate]).limits(Limits::IDEAL);
/// let mut world = PlainWorld::of(&scenario).ok_or("the scenario is plain")?;
/// let completes = |trial| matches!(world.play(Seed(1), trial).finish, Finish::Complete(_));
/// let share = (0..1000).map(completes).filter(|it| *it).count();
/// assert!(share > 950);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PlainWorld {
    terms: Terms,
    lives: Lives,
    books: Books,
    pods: Pods,
    /// Plays what is not modelled here, from when it is first needed.
    world: Option<Box<World>>,
    gauge: Gauge,
    scenario: Scenario,
    left: u64,
    /// Whether the last trial was left to the world.
    in_world: bool,
    failures: Vec<u32>,
}

/// The pods that run.
#[derive(Debug)]
enum Pods {
    Few(Few),
    Many(Box<Many>),
}

impl PlainWorld {
    /// A player of the scenario; `None` if it is not plain.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let terms = Terms::of(scenario)?;
        let lives = Lives::of(scenario)?;
        let most = terms.most_active();
        let pods = if most <= FEW || !lives.keep_their_order() {
            Pods::Few(Few::default())
        } else {
            Pods::Many(Box::new(Many::new(lives.between_ends())))
        };
        Some(Self {
            terms,
            lives,
            books: Books::default(),
            pods,
            world: None,
            gauge: Gauge::default(),
            scenario: scenario.clone(),
            left: 0,
            in_world: false,
            failures: Vec::new(),
        })
    }

    /// Plays a trial until the Job has ended, as [`World::play_until_ended`] does; the outcome is
    /// that which a [`Gauge`] measures there up to [`World::watched_to`]. Once warm, it allocates
    /// nothing.
    pub fn play(&mut self, seed: Seed, trial: u64) -> Outcome {
        self.in_world = false;
        let key = Key::new(seed, trial);
        let (terms, lives, books) = (&self.terms, &mut self.lives, &mut self.books);
        let turn = match &mut self.pods {
            Pods::Few(pods) => books.play(terms, lives, &key, pods),
            Pods::Many(pods) => books.play(terms, lives, &key, &mut **pods),
        };
        match turn {
            Turn::Over if books.is_within(terms) => books.outcome(),
            _ => self.leave(seed, trial),
        }
    }

    /// Whether the last trial has spent the scenario's budget, and was stopped.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        let world = self.world.as_deref().filter(|_| self.in_world);
        world.is_some_and(World::is_spent)
    }

    /// Failures of each index in the last trial, up to the last index that failed; none if the Job
    /// is not Indexed.
    pub fn failures_by_index(&mut self) -> &[u32] {
        if self.in_world {
            return self.gauge.failures_by_index(JobId(0));
        }
        let failed = &self.books.failed_pods;
        let last = failed.iter().max().map_or(0, |last| *last as usize + 1);
        self.failures.clear();
        self.failures.resize(last, 0);
        for index in failed {
            self.failures[*index as usize] += 1;
        }
        &self.failures
    }

    /// How many trials were left to a [`World`] so far.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.left
    }

    fn leave(&mut self, seed: Seed, trial: u64) -> Outcome {
        self.left += 1;
        self.in_world = true;
        let scenario = &self.scenario;
        let world = self
            .world
            .get_or_insert_with(|| Box::new(World::seeded(scenario.clone(), seed, trial)));
        world.reset_to(seed, trial);
        self.gauge.clear();
        world.play_until_ended(&mut self.gauge);
        self.gauge.finish(world.watched_to());
        self.gauge.outcomes().first().copied().unwrap_or_default()
    }
}
