//! Trials on as many threads as wanted, with a result that does not depend on them.
//!
//! A trial is what its number says, whoever plays it, and what trials come to is added up in
//! whole numbers: so it does not matter who plays which.

use super::plan::Plan;
use super::summary::Summary;
use crate::base::Seed;
use crate::model::JobId;
use crate::sim::{Gauge, Outcome, Scenario, World};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Trials that a thread takes at a time.
const STRIDE: u64 = 64;

/// Plays trials of a scenario, one after the other, in the same world.
pub(super) struct Player {
    world: World,
    gauge: Gauge,
    outcomes: Vec<Outcome>,
}

impl Player {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            world: World::new(scenario.clone()),
            gauge: Gauge::default(),
            outcomes: Vec::new(),
        }
    }

    /// Plays a trial until every Job has ended; what it came to, Job by Job. `None` if the
    /// scenario's budget did not suffice.
    pub(super) fn play(&mut self, seed: Seed, trial: u64) -> Option<&[Outcome]> {
        self.gauge.clear();
        self.world.reset_to(seed, trial);
        self.world.play_until_ended(&mut self.gauge);
        if self.world.is_spent() {
            return None;
        }
        self.gauge.finish(self.world.watched_to());
        // Jobs that were not created in time have no outcome of their own.
        let jobs = self.world.scenario().workloads.len();
        self.outcomes.clear();
        self.outcomes.extend_from_slice(self.gauge.outcomes());
        self.outcomes.resize_with(jobs, Outcome::default);
        Some(&self.outcomes)
    }

    fn failures_by_index(&self, job: JobId) -> &[u32] {
        self.gauge.failures_by_index(job)
    }
}

/// A trial took more than the scenario's budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    pub(super) trial: u64,
}

/// One thread's world, and what its trials came to.
struct Share {
    player: Player,
    jobs: Vec<Summary>,
}

/// Plays the trials of a plan; `observe` is told, from any thread, how many have been played.
pub(super) fn play(
    scenario: &Scenario,
    plan: &Plan,
    observe: &(dyn Fn(u64) + Sync),
) -> Result<(Vec<Summary>, Range<u64>), Spent> {
    let fresh = || -> Vec<Summary> {
        let jobs = scenario.workloads.iter();
        jobs.map(|_| Summary::new(plan.within.iter().copied()))
            .collect()
    };
    let share = plan.share();
    let threads = plan.threads.get().min(most_threads(&share));
    let mut shares: Vec<Share> = (0..threads)
        .map(|_| Share {
            player: Player::new(scenario),
            jobs: fresh(),
        })
        .collect();
    let mut total = fresh();
    let mut next = share.start;
    while next < share.end {
        let end = next
            .saturating_add(plan.batch(next - share.start))
            .min(share.end);
        batch(&mut shares, plan.seed, next..end, share.start, observe)?;
        next = end;
        for share in &mut shares {
            for (sum, part) in total.iter_mut().zip(&mut share.jobs) {
                sum.merge(part);
                *part = Summary::new(plan.within.iter().copied());
            }
        }
        let reached = |it: &super::Precision| total.iter().all(|job| it.is_reached(job));
        if plan.precision.as_ref().is_some_and(reached) {
            break;
        }
    }
    Ok((total, share.start..next))
}

fn most_threads(share: &Range<u64>) -> usize {
    let strides = (share.end - share.start).div_ceil(STRIDE).max(1);
    usize::try_from(strides).unwrap_or(usize::MAX)
}

/// Plays these trials, shared out as threads become free.
fn batch(
    shares: &mut [Share],
    seed: Seed,
    trials: Range<u64>,
    first: u64,
    observe: &(dyn Fn(u64) + Sync),
) -> Result<(), Spent> {
    let next = AtomicU64::new(trials.start);
    let played = AtomicU64::new(trials.start - first);
    let stopped = AtomicBool::new(false);
    let work = |share: &mut Share| -> Result<(), Spent> {
        loop {
            let from = next.fetch_add(STRIDE, Ordering::Relaxed);
            if from >= trials.end || stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            let to = (from + STRIDE).min(trials.end);
            for trial in from..to {
                share
                    .play(seed, trial)
                    .inspect_err(|_| stopped.store(true, Ordering::Relaxed))?;
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

impl Share {
    fn play(&mut self, seed: Seed, trial: u64) -> Result<(), Spent> {
        let outcomes = self.player.play(seed, trial).ok_or(Spent { trial })?;
        for (summary, outcome) in self.jobs.iter_mut().zip(outcomes) {
            summary.add(trial, outcome);
        }
        for (job, summary) in (0..).map(JobId).zip(&mut self.jobs) {
            let failures = self.player.failures_by_index(job);
            if !failures.is_empty() {
                summary.add_failures(failures);
            }
        }
        Ok(())
    }
}
