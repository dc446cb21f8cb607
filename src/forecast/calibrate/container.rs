//! What the runs of one container tell: how long they last, how they fail, and when.

use super::Role;
use super::fit::Fit;
use super::pod::{ContainerSeen, RunEnd};
use super::sample::{Sample, float, incidence, shorter_by, survivor};
use crate::base::Chance;
use crate::forecast::Estimate;
use crate::workload::Ending;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Two-sided 1 % of the standard normal distribution: samples that are further apart differ.
const APART: f64 = 2.576;

/// Runs of a kind from which on they are compared by themselves; fewer are compared together with
/// the other failing ones.
const LEAST_ALONE: u64 = 5;

/// How runs of a container ended, or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunCounts {
    /// With exit code 0.
    pub succeeded: u64,
    /// Otherwise, by themselves.
    pub failed: u64,
    /// Under way when they were seen.
    pub running: u64,
    /// Ended from outside.
    pub cut: u64,
    /// Known by the number of restarts alone: a status tells the last two runs. They failed.
    pub unseen: u64,
}

impl RunCounts {
    /// Those that ended by themselves, and whose length is known.
    #[must_use]
    pub const fn ended(&self) -> u64 {
        self.succeeded + self.failed
    }

    /// Those of which it is known whether they failed.
    #[must_use]
    pub const fn judged(&self) -> u64 {
        self.ended() + self.unseen
    }
}

/// What the runs of a container tell.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ContainerFit {
    /// Its name.
    pub name: String,
    /// What it is.
    pub role: Role,
    /// Its runs.
    pub runs: RunCounts,
    /// How long its work takes; none if nothing tells.
    pub run: Option<Fit>,
    /// How it fails, the most frequent first.
    pub failures: Vec<FailureFit>,
    /// From its start to the condition Ready, if it has the only readiness probe; of pods that run.
    pub ready: Option<Fit>,
}

/// A way to fail.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FailureFit {
    /// How runs end. Exit codes that are not from 0 to 255 are 255.
    pub ending: Ending,
    /// How many ended so, as far as it was seen.
    pub runs: u64,
    /// How likely a run fails so, rounded to three digits.
    pub chance: Chance,
    /// The share of runs that ended so, with an interval that holds the probability in 95 of 100
    /// cases.
    pub share: Estimate,
    /// When, after the start of the run, if that is earlier than the end of the work.
    pub after: Option<Fit>,
    /// They last longer than those that succeed, which a scenario cannot tell.
    pub is_late: bool,
}

/// Runs that fail in the same way.
struct Failing {
    ending: Ending,
    sample: Sample,
    is_early: bool,
    is_late: bool,
}

impl ContainerFit {
    pub(super) fn of<'a>(
        name: &str,
        role: Role,
        seen: impl Iterator<Item = &'a ContainerSeen>,
    ) -> Self {
        let mut runs = RunCounts::default();
        let (mut succeeded, mut open) = (Sample::default(), Sample::default());
        let mut failed: BTreeMap<(u8, u8), (Ending, Sample)> = BTreeMap::new();
        let mut ready = Sample::default();
        for container in seen {
            runs.unseen += container.unseen();
            for (number, run) in &container.runs {
                match run.end {
                    RunEnd::Running if *number < container.restarts => {}
                    RunEnd::Running => runs.running += 1,
                    RunEnd::Cut => runs.cut += 1,
                    RunEnd::Ended(Ending::SUCCESS) => runs.succeeded += 1,
                    RunEnd::Ended(_) => runs.failed += 1,
                }
                match run.end {
                    RunEnd::Running | RunEnd::Cut => open.stay_open(run.seconds),
                    RunEnd::Ended(Ending::SUCCESS) => succeeded.end(run.seconds),
                    RunEnd::Ended(ending) => {
                        let of_kind = failed.entry(order(ending));
                        let (_, sample) = of_kind.or_insert((ending, Sample::default()));
                        sample.end(run.seconds);
                    }
                }
            }
            if let Some(seconds) = container.ready {
                ready.end(seconds);
            }
        }
        let mut fit = Self {
            name: name.to_owned(),
            role,
            runs,
            run: None,
            failures: Vec::new(),
            ready: Fit::of(&ready),
        };
        if role != Role::Sidecar {
            let failing = compared(&succeeded, failed);
            fit.learn(&succeeded, &failing, &open);
        }
        fit
    }

    fn learn(&mut self, succeeded: &Sample, failing: &[Failing], open: &Sample) {
        let mut work = open.clone();
        work.absorb(succeeded);
        for it in failing {
            if it.is_early {
                work.absorb_as_open(&it.sample);
            } else {
                work.absorb(&it.sample);
            }
        }
        self.run = Fit::of(&work);
        let kinds = failing.iter().map(|it| it.sample.clone());
        let kinds: Vec<Sample> = kinds.chain([succeeded.clone()]).collect();
        let mut shares = incidence(&kinds, &open.open);
        shares.pop();
        let fails: f64 = shares.iter().sum();
        // Those that were not seen fail like those that were.
        let (ended, unseen) = (float(self.runs.ended()), float(self.runs.unseen));
        let all = (fails * ended + unseen) / (ended + unseen).max(1.0);
        let more = if fails > 0.0 { all / fails } else { 1.0 };
        let steps = work.steps();
        let likely = failing.iter().zip(shares).map(|(it, share)| {
            let share = share * more;
            if !it.is_early {
                return share;
            }
            // Where the work ends first, a failure that would have come later does not happen.
            let each = it.sample.ended.iter();
            let lived = each.map(|(at, count)| float(*count) * survivor(&steps, *at));
            let lived = lived.sum::<f64>() / float(it.sample.count());
            share / lived.max(0.05)
        });
        let probabilities: Vec<f64> = likely.collect();
        let sum = probabilities.iter().sum::<f64>().max(1.0);
        let probabilities: Vec<f64> = probabilities.iter().map(|it| it / sum).collect();
        let runs = self.runs;
        let fit = |(it, chance): (&Failing, Chance)| {
            let hits = float(it.sample.count()) * more * float(runs.judged()) / ended.max(1.0);
            FailureFit {
                ending: it.ending,
                runs: it.sample.count(),
                chance,
                share: Estimate::probability(whole(hits).min(runs.judged()), runs.judged()),
                after: Fit::of(&it.sample).filter(|_| it.is_early && !is_at_start(it.ending)),
                is_late: it.is_late,
            }
        };
        self.failures = (failing.iter().zip(chances(&probabilities)))
            .map(fit)
            .collect();
        self.failures.sort_by_key(|it| Reverse(it.runs));
    }
}

/// Which kinds of failure end earlier than the runs that succeed.
fn compared(succeeded: &Sample, failed: BTreeMap<(u8, u8), (Ending, Sample)>) -> Vec<Failing> {
    let mut few = Sample::default();
    for (ending, sample) in failed.values() {
        if sample.count() < LEAST_ALONE && !is_at_start(*ending) {
            few.absorb(sample);
        }
    }
    let failing = |(ending, sample): (Ending, Sample)| {
        let judged = if sample.count() < LEAST_ALONE {
            &few
        } else {
            &sample
        };
        let apart = shorter_by(succeeded, judged);
        let early =
            apart > APART || (sample.count() < LEAST_ALONE && ends_soon(&sample, succeeded));
        // A second more or less is nothing that the API's times could tell.
        let median = |of: &Sample| of.quantile(0.5).unwrap_or(0);
        let differs = (median(succeeded) - median(judged)).abs() > 1;
        Failing {
            ending,
            is_early: is_at_start(ending) || (differs && early),
            is_late: !is_at_start(ending) && differs && apart < -APART,
            sample,
        }
    };
    failed.into_values().map(failing).collect()
}

/// Whether a few runs all ended in less than half of the time that the shortest success took.
fn ends_soon(few: &Sample, succeeded: &Sample) -> bool {
    let last = few.ended.last_key_value().map(|it| *it.0);
    let first = succeeded.ended.first_key_value().map(|it| *it.0);
    let pair = last
        .zip(first)
        .filter(|_| succeeded.count() >= LEAST_ALONE - 1);
    pair.is_some_and(|(last, first)| last.saturating_mul(2) < first)
}

/// A process that cannot be started ends when it starts, whatever else is told.
const fn is_at_start(ending: Ending) -> bool {
    matches!(ending, Ending::StartError)
}

/// Exit codes in order, then what has no code of its own.
const fn order(ending: Ending) -> (u8, u8) {
    match ending {
        Ending::Exit(code) => (0, code),
        Ending::Signal(number) => (1, number),
        Ending::OutOfMemory => (2, 0),
        Ending::StartError => (3, 0),
    }
}

/// Probabilities as chances of three digits or so, in millionths. In sum they are not more than
/// 1, and exactly 1 if no run succeeds.
fn chances(probabilities: &[f64]) -> Vec<Chance> {
    const WHOLE: u64 = 1_000_000;
    let millionths = |p: &f64| whole(three_digits(p.clamp(0.0, 1.0)) * float(WHOLE)).max(1);
    let mut parts: Vec<u64> = probabilities.iter().map(millionths).collect();
    let all: u64 = parts.iter().sum();
    let nobody_succeeds = probabilities.iter().sum::<f64>() > 1.0 - 1e-9;
    if let Some(largest) = parts
        .iter_mut()
        .max()
        .filter(|_| nobody_succeeds || all > WHOLE)
    {
        *largest = (*largest + WHOLE).saturating_sub(all);
    }
    let chance = |part: u64| Chance::ratio(part, WHOLE).unwrap_or(Chance::NEVER);
    parts.into_iter().map(chance).collect()
}

fn three_digits(number: f64) -> f64 {
    // By way of a text, which is exact, and the same everywhere.
    format!("{number:.2e}").parse().unwrap_or(number)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a count
fn whole(number: f64) -> u64 {
    number.round_ties_even() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_have_three_digits_and_are_100_per_cent_at_most() {
        let check = |probabilities: &[f64], want: &str| {
            let chances = chances(probabilities);
            let texts: Vec<String> = chances.iter().map(ToString::to_string).collect();
            assert_eq!(texts.join(" "), want);
        };
        check(&[], "");
        check(&[1.0 / 48.0], "2.08%");
        check(&[0.123456, 0.000_123_456], "12.3% 0.0123%");
        check(&[1.0], "100%");
        check(&[1.0 / 6.0; 6], "16.7% 16.7% 16.7% 16.7% 16.7% 16.5%");
        check(&[1.0 / 3.0; 3], "33.3% 33.3% 33.4%");
        check(&[1e-12], "0.0001%");
    }

    fn seen(runs: &[(i64, RunEnd)], restarts: u32) -> ContainerSeen {
        let run = |it: &(i64, RunEnd)| super::super::pod::Run {
            seconds: it.0,
            end: it.1,
        };
        ContainerSeen {
            runs: (0..).zip(runs.iter().map(run)).collect(),
            restarts,
            ready: None,
        }
    }

    fn fit(pods: &[ContainerSeen]) -> ContainerFit {
        ContainerFit::of("main", Role::Regular, pods.iter())
    }

    fn exits(code: u8) -> RunEnd {
        RunEnd::Ended(Ending::Exit(code))
    }

    #[test]
    fn failures_that_end_as_late_as_successes_are_at_the_end_of_the_work() {
        let long = (0..200).map(|it| seen(&[(600 + 7 * it % 300, exits(0))], 0));
        let failing = (0..20).map(|it| seen(&[(600 + 15 * it, exits(3))], 0));
        let pods: Vec<_> = long.chain(failing).collect();
        let fit = fit(&pods);
        assert_eq!(fit.failures.len(), 1);
        assert_eq!(fit.failures[0].after, None);
        assert_eq!(fit.failures[0].chance.to_string(), "9.09%");
        assert_eq!(fit.run.map(|it| (it.ended, it.open)), Some((220, 0)));
    }

    #[test]
    fn failures_that_end_early_have_a_law_of_their_own_and_hide_the_work() {
        let long = (0..200).map(|it| seen(&[(600 + 7 * it % 300, exits(0))], 0));
        let failing = (0..20).map(|it| seen(&[(10 + it % 2, exits(3))], 0));
        let pods: Vec<_> = long.chain(failing).collect();
        let fit = fit(&pods);
        let after = fit.failures[0].after.as_ref().map(|it| it.law.to_string());
        assert_eq!(after.as_deref(), Some("10.5s"));
        assert_eq!(fit.failures[0].chance.to_string(), "9.09%");
        assert_eq!(fit.run.map(|it| (it.ended, it.open)), Some((200, 20)));
    }

    #[test]
    fn failures_that_end_late_are_told() {
        let short = (0..50).map(|it| seen(&[(60 + it % 9, exits(0))], 0));
        let stuck = (0..9).map(|it| seen(&[(3600 + it, exits(124))], 0));
        let pods: Vec<_> = short.chain(stuck).collect();
        let fit = fit(&pods);
        assert!(fit.failures[0].is_late && fit.failures[0].after.is_none());
    }

    #[test]
    fn runs_that_only_the_count_of_restarts_knows_have_failed() {
        let pod = seen(&[], 6);
        let mut pod = ContainerSeen { restarts: 6, ..pod };
        let run = |end| super::super::pod::Run { seconds: 9, end };
        pod.runs = [(5, run(exits(2))), (6, run(exits(0)))].into();
        let fit = fit(&[pod]);
        assert_eq!((fit.runs.unseen, fit.runs.judged()), (5, 7));
        assert_eq!(fit.failures[0].chance.to_string(), "85.7%");
    }

    #[test]
    fn sidecars_tell_nothing() {
        let pod = seen(&[(60, exits(143))], 0);
        let fit = ContainerFit::of("proxy", Role::Sidecar, std::iter::once(&pod));
        assert_eq!((fit.run, fit.failures), (None, Vec::new()));
    }
}
