//! Durations in whole seconds, some of which are known to be longer than they look.

use std::collections::BTreeMap;

/// Durations as the API lets them be seen: differences of times that are cut to whole seconds.
/// What was still under way, or was stopped from outside, is *open*: it would have lasted longer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    /// How many lasted so many seconds.
    pub(super) ended: BTreeMap<i64, u64>,
    /// How many lasted longer than so many seconds.
    pub(super) open: BTreeMap<i64, u64>,
}

/// An instant of the product-limit estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) at: i64,
    pub(super) ended: u64,
    /// Those that lasted at least that long.
    pub(super) at_risk: u64,
    /// The probability of lasting at least that long, and longer.
    pub(super) before: f64,
    pub(super) after: f64,
}

#[allow(clippy::cast_precision_loss)] // counts of runs are far below 2⁵³
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

impl Sample {
    pub(super) fn of(ended: impl IntoIterator<Item = i64>) -> Self {
        let mut sample = Self::default();
        for seconds in ended {
            sample.end(seconds);
        }
        sample
    }

    pub(super) fn end(&mut self, seconds: i64) {
        *self.ended.entry(seconds).or_default() += 1;
    }

    pub(super) fn stay_open(&mut self, seconds: i64) {
        *self.open.entry(seconds).or_default() += 1;
    }

    /// Takes in what ended in another sample.
    pub(super) fn absorb(&mut self, other: &Self) {
        for (seconds, count) in &other.ended {
            *self.ended.entry(*seconds).or_default() += count;
        }
    }

    /// Takes in what ended in another sample, as what ended there for a reason of its own.
    pub(super) fn absorb_as_open(&mut self, other: &Self) {
        for (seconds, count) in &other.ended {
            *self.open.entry(*seconds).or_default() += count;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.ended.values().sum()
    }

    pub(super) fn open_count(&self) -> u64 {
        self.open.values().sum()
    }

    /// The longest of all.
    pub(super) fn longest_open(&self) -> Option<i64> {
        self.open.last_key_value().map(|it| *it.0)
    }

    /// The estimate of the survivor function from samples with open ends; without those, the
    /// empirical one.
    ///
    /// Kaplan and Meier, "Nonparametric Estimation from Incomplete Observations" (1958).
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut at_risk = self.count() + self.open_count();
        let mut open = self.open.iter().peekable();
        let mut survivor = 1.0;
        let mut steps = Vec::with_capacity(self.ended.len());
        for (at, ended) in &self.ended {
            while let Some((_, gone)) = open.next_if(|it| it.0 < at) {
                at_risk -= gone;
            }
            let before = survivor;
            survivor *= float(at_risk - ended) / float(at_risk);
            steps.push(Step {
                at: *at,
                ended: *ended,
                at_risk,
                before,
                after: survivor,
            });
            at_risk -= ended;
        }
        steps
    }

    /// The number of seconds that is not exceeded with that probability, if so much is known.
    pub(super) fn quantile(&self, p: f64) -> Option<i64> {
        let steps = self.steps();
        // The last step of a sample without open ends is exactly 0.
        let found = steps.iter().find(|it| it.after <= 1.0 - p + 1e-12);
        found.map(|it| it.at)
    }
}

/// The probability of lasting longer than that, by the steps of a sample.
pub(super) fn survivor(steps: &[Step], at: i64) -> f64 {
    let next = steps.partition_point(|it| it.at <= at);
    next.checked_sub(1).map_or(1.0, |last| steps[last].after)
}

/// How likely each kind of end is, from the ends of each kind and from what is open; they add up
/// to 1, or are all 0 if nothing ended.
///
/// The cumulative incidence of competing ends: Aalen and Johansen, "An Empirical Transition Matrix
/// for Non-homogeneous Markov Chains" (1978). Short runs are seen more often than long ones where
/// many are open; the plain share would take that for a chance. What is not known of the longest
/// is shared out as all the rest.
pub(super) fn incidence(kinds: &[Sample], open: &BTreeMap<i64, u64>) -> Vec<f64> {
    let mut all = Sample {
        ended: BTreeMap::new(),
        open: open.clone(),
    };
    for kind in kinds {
        all.absorb(kind);
    }
    let steps = all.steps();
    let of = |kind: &Sample| -> f64 {
        let parts = steps.iter().map(|step| {
            let ended = kind.ended.get(&step.at).copied().unwrap_or(0);
            step.before * float(ended) / float(step.at_risk)
        });
        parts.sum()
    };
    let shares: Vec<f64> = kinds.iter().map(of).collect();
    let whole: f64 = shares.iter().sum();
    let part = |share: f64| if whole > 0.0 { share / whole } else { 0.0 };
    shares.into_iter().map(part).collect()
}

/// By how many standard deviations the second sample's ranks lie below those of the first, as
/// Mann and Whitney compare them, with ties. Positive: the second is shorter.
pub(super) fn shorter_by(first: &Sample, second: &Sample) -> f64 {
    let (n, m) = (float(first.count()), float(second.count()));
    let mut all = first.clone();
    all.absorb(second);
    let total = n + m;
    let (mut below, mut ranks, mut ties) = (0.0, 0.0, 0.0);
    for (seconds, count) in &all.ended {
        let count = float(*count);
        let of_second = float(second.ended.get(seconds).copied().unwrap_or(0));
        ranks += of_second * (below + f64::midpoint(count, 1.0));
        ties += count * count * count - count;
        below += count;
    }
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if n < 1.0 || m < 1.0 || variance <= 0.0 {
        return 0.0;
    }
    (m * (total + 1.0) / 2.0 - ranks) / variance.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(seconds: &[i64]) -> BTreeMap<i64, u64> {
        Sample::of(seconds.iter().copied()).ended
    }

    /// The example of Kaplan and Meier's paper: 8 items, deaths at 0.8, 3.1, 5.4 and 9.2 months,
    /// losses at 1.0, 2.7, 7.0 and 12.1.
    #[test]
    fn survivors_are_those_of_kaplan_and_meier() {
        let sample = Sample {
            ended: open(&[8, 31, 54, 92]),
            open: open(&[10, 27, 70, 121]),
        };
        let after: Vec<String> = sample
            .steps()
            .iter()
            .map(|it| format!("{:.3}", it.after))
            .collect();
        assert_eq!(after, ["0.875", "0.700", "0.525", "0.263"]);
        assert_eq!(sample.quantile(0.5), Some(92));
        assert_eq!(sample.quantile(0.9), None);
        assert_eq!(format!("{:.3}", survivor(&sample.steps(), 60)), "0.525");
    }

    #[test]
    fn without_open_ends_quantiles_are_those_of_the_list() {
        let sample = Sample::of([5, 1, 4, 2, 3]);
        for (p, want) in [(0.2, 1), (0.21, 2), (0.5, 3), (0.95, 5), (1.0, 5)] {
            assert_eq!(sample.quantile(p), Some(want), "{p}");
        }
    }

    #[test]
    fn chances_are_shares_where_nothing_is_open() {
        let kinds = [Sample::of([10; 97]), Sample::of([3; 3])];
        let shares = incidence(&kinds, &BTreeMap::new());
        assert!((shares[1] - 0.03).abs() < 1e-12, "{shares:?}");
    }

    /// Of 100 runs, 10 fail at once; the others take 100 s, and only one of nine has ended.
    #[test]
    fn chances_are_not_those_of_the_short_ones_that_ended_first() {
        let kinds = [Sample::of([100; 10]), Sample::of([1; 10])];
        let shares = incidence(&kinds, &open(&[50; 80]));
        assert!((shares[1] - 0.1).abs() < 1e-12, "{shares:?}");
    }

    #[test]
    fn samples_that_differ_are_told_apart() {
        let long = Sample::of(100..200);
        assert!(shorter_by(&long, &Sample::of(1..20)) > 5.0);
        assert!(shorter_by(&long, &Sample::of((100..200).step_by(7))).abs() < 1.0);
        assert!(shorter_by(&long, &Sample::of(300..320)) < -5.0);
        assert!(shorter_by(&Sample::of([7; 9]), &Sample::of([7; 9])).abs() < f64::EPSILON);
        assert!(shorter_by(&Sample::default(), &long).abs() < f64::EPSILON);
    }
}
