//! Trials on as many threads as wanted, with a result that does not depend on them.
//!
//! A trial is what its number says, whoever plays it, and what trials come to is added up in
//! whole numbers: so it does not matter who plays which.

use super::plan::Plan;
use super::summary::Summary;
use crate::base::Seed;
use crate::model::JobId;
use crate::sim::{Gauge, Outcome, PlainWorld, Scenario, World};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Trials that a thread takes at a time.
const STRIDE: u64 = 64;

/// Plays trials of a scenario, one after the other, on the fastest engine that can: they all come
/// to the same.
pub(super) struct Player {
    engine: Engine,
    outcomes: Vec<Outcome>,
}

enum Engine {
    /// One Job that nothing disturbs.
    Plain(Box<PlainWorld>),
    /// Anything.
    World(Box<World>, Gauge),
}

impl Player {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let world = || Box::new(World::new(scenario.clone()));
        Self {
            engine: match PlainWorld::of(scenario) {
                Some(plain) => Engine::Plain(Box::new(plain)),
                None => Engine::World(world(), Gauge::default()),
            },
            outcomes: Vec::new(),
        }
    }

    /// Plays a trial until every Job has ended, and adds it to the Jobs' summaries.
    pub(super) fn add_to(
        &mut self,
        jobs: &mut [Summary],
        seed: Seed,
        trial: u64,
    ) -> Result<(), Spent> {
        self.outcomes.clear();
        match &mut self.engine {
            Engine::Plain(world) => {
                self.outcomes.push(world.play(seed, trial));
                if world.is_spent() {
                    return Err(Spent { trial });
                }
                if let Some(summary) = jobs.first_mut() {
                    summary.add_failures(world.failures_by_index());
                }
            }
            Engine::World(world, gauge) => {
                gauge.clear();
                world.reset_to(seed, trial);
                world.play_until_ended(gauge);
                if world.is_spent() {
                    return Err(Spent { trial });
                }
                gauge.finish(world.watched_to());
                // Jobs that were not created in time have no outcome of their own.
                self.outcomes.extend_from_slice(gauge.outcomes());
                self.outcomes.resize_with(jobs.len(), Outcome::default);
                for (job, summary) in (0..).map(JobId).zip(jobs.iter_mut()) {
                    summary.add_failures(gauge.failures_by_index(job));
                }
            }
        }
        for (summary, outcome) in jobs.iter_mut().zip(&self.outcomes) {
            summary.add(trial, outcome);
        }
        Ok(())
    }

    /// What the last trial came to, Job by Job.
    pub(super) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }
}

/// A trial took more than the scenario's budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) trial: u64,
}

/// What a thread plays with, and what its trials have come to.
pub(super) trait Share: Send {
    /// Plays a trial and adds what it came to.
    fn play(&mut self, seed: Seed, trial: u64) -> Result<(), Spent>;
}

/// One thread's world, and what its trials came to.
struct Single<'a> {
    player: Player,
    jobs: Vec<Summary>,
    plan: &'a Plan,
}

impl<'a> Single<'a> {
    fn new(scenario: &Scenario, plan: &'a Plan) -> Self {
        Self {
            player: Player::new(scenario),
            jobs: fresh(scenario, plan),
            plan,
        }
    }

    /// Hands over what was added up.
    fn give(&mut self, total: &mut [Summary]) {
        for (sum, part) in total.iter_mut().zip(&mut self.jobs) {
            if sum.trials == 0 {
                // Nothing is there to be added to: no second copy has to be in memory.
                std::mem::swap(sum, part);
            } else {
                sum.merge(part);
                *part = Summary::new(self.plan.within.iter().copied());
            }
        }
    }
}

impl Share for Single<'_> {
    fn play(&mut self, seed: Seed, trial: u64) -> Result<(), Spent> {
        self.player.add_to(&mut self.jobs, seed, trial)
    }
}

/// An empty summary for each Job.
pub(super) fn fresh(scenario: &Scenario, plan: &Plan) -> Vec<Summary> {
    let jobs = scenario.workloads.iter();
    jobs.map(|_| Summary::new(plan.within.iter().copied()))
        .collect()
}

/// Plays the trials of a plan; `observe` is told, from any thread, how many have been played.
pub(super) fn play(
    scenario: &Scenario,
    plan: &Plan,
    observe: &(dyn Fn(u64) + Sync),
) -> Result<(Vec<Summary>, Range<u64>), Spent> {
    let share = plan.share();
    let mut shares: Vec<_> = (0..threads(plan))
        .map(|_| Single::new(scenario, plan))
        .collect();
    let mut total = fresh(scenario, plan);
    let mut next = share.start;
    while next < share.end {
        let end = next
            .saturating_add(plan.batch(next - share.start))
            .min(share.end);
        batch(&mut shares, plan.seed, next..end, share.start, observe)?;
        next = end;
        for it in &mut shares {
            it.give(&mut total);
        }
        let reached = |it: &super::Precision| total.iter().all(|job| it.is_reached(job));
        if plan.precision.as_ref().is_some_and(reached) {
            break;
        }
    }
    Ok((total, share.start..next))
}

/// More threads than any machine has cores are of no use, and may not be had.
const MOST_THREADS: usize = 512;

/// As many threads as have something to do.
pub(super) fn threads(plan: &Plan) -> usize {
    let share = plan.share();
    let strides = (share.end - share.start).div_ceil(STRIDE).max(1);
    let useful = usize::try_from(strides).unwrap_or(MOST_THREADS);
    plan.threads.get().min(useful).min(MOST_THREADS)
}

/// Plays these trials, shared out as threads become free.
pub(super) fn batch<S: Share>(
    shares: &mut [S],
    seed: Seed,
    trials: Range<u64>,
    first: u64,
    observe: &(dyn Fn(u64) + Sync),
) -> Result<(), Spent> {
    let next = AtomicU64::new(trials.start);
    let played = AtomicU64::new(trials.start - first);
    let stopped = AtomicBool::new(false);
    let work = |share: &mut S| -> Result<(), Spent> {
        loop {
            let from = next.fetch_add(STRIDE, Ordering::Relaxed);
            if from >= trials.end || stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            let to = (from + STRIDE).min(trials.end);
            for trial in from..to {
                let stop = |_: &Spent| stopped.store(true, Ordering::Relaxed);
                share.play(seed, trial).inspect_err(stop)?;
            }
            observe(played.fetch_add(to - from, Ordering::Relaxed) + to - from);
        }
    };
    let Some((own, others)) = shares.split_first_mut() else {
        return Ok(());
    };
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = others
            .iter_mut()
            .map(|it| scope.spawn(move || work(it)))
            .collect();
        let mut result = work(own);
        for other in others {
            match other.join() {
                Ok(it) => result = result.and(it),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        result
    })
}
