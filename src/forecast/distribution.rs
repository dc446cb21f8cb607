//! The values that a measure took in many trials, in bounded memory, and mergeable.

/// Values of an octave (from a power of two up to the next) are told apart in so many steps: two
/// values that share a bucket differ by less than 1/512.
const STEPS: usize = 1 << BITS;
const BITS: u32 = 9;

/// The values that a measure took: how many, their sum, and how they are distributed.
///
/// Values are whole numbers: pods, or microseconds. Those below 1,024 are kept as they are; larger
/// ones share a bucket with others that differ by less than 0.2 %. A bucket knows its largest
/// value, and what is told as a quantile is always that: a value that was observed, at least the
/// true quantile, and less than 0.2 % above it. Mean and deviation are exact.
///
/// Two distributions can be added; sums, counts and largest values do not depend on the order,
/// so that the result is the same, to the byte, however the trials were shared out.
///
/// ```
/// use dryjob::forecast::{Distribution, Quantile};
///
/// let mut seen = Distribution::default();
/// for trial in 0..100 {
///     seen.add(1 + trial, trial);
/// }
/// assert_eq!(seen.quantile(Quantile::percent(95)), Some(95));
/// assert_eq!((seen.min(), seen.max(), seen.mean()), (Some(1), Some(100), Some(50.5)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// Pages of buckets, an octave each; absent where nothing was seen.
    pages: Vec<Option<Box<[Bucket; STEPS]>>>,
    count: u64,
    sum: u128,
    squares: u128,
}

/// Values that are not told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How many there are.
    pub count: u64,
    /// The smallest.
    pub least: u64,
    /// The largest.
    pub most: u64,
    /// The first trial in which the largest was seen.
    pub trial: u64,
}

/// A share of all values: the quantile at 95 % is one that at least 95 % of the values do not
/// exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile {
    millionths: u32,
}

impl Quantile {
    /// Half of the values are below.
    pub const MEDIAN: Self = Self::percent(50);

    /// So many per cent, at most 100.
    #[must_use]
    pub const fn percent(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self {
            millionths: percent as u32 * 10_000,
        }
    }

    /// So many millionths, at most all.
    #[must_use]
    pub const fn millionths(millionths: u32) -> Self {
        let all = 1_000_000;
        Self {
            millionths: if millionths > all { all } else { millionths },
        }
    }

    /// As a fraction from 0 to 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.millionths) / 1e6
    }

    /// Which of so many values it is, counted from 1 in rising order.
    #[must_use]
    pub fn rank(self, count: u64) -> u64 {
        let rank = (u128::from(count) * u128::from(self.millionths)).div_ceil(1_000_000);
        u64::try_from(rank)
            .unwrap_or(u64::MAX)
            .clamp(1, count.max(1))
    }
}

impl std::fmt::Display for Quantile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.millionths / 10_000, self.millionths % 10_000);
        if part == 0 {
            return write!(f, "p{whole}");
        }
        let digits = format!("{part:04}");
        write!(f, "p{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Distribution {
    /// Adds a value that was seen in that trial.
    pub fn add(&mut self, value: u64, trial: u64) {
        self.count += 1;
        self.sum += u128::from(value);
        self.squares += u128::from(value) * u128::from(value);
        self.bucket_of(value).add(&Bucket {
            count: 1,
            least: value,
            most: value,
            trial,
        });
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.squares = self.squares.saturating_add(other.squares);
        for bucket in other.buckets() {
            self.bucket_of(bucket.most).add(bucket);
        }
    }

    /// Puts one together from its buckets and its sums; `None` if they contradict each other.
    #[must_use]
    pub fn from_parts(
        buckets: impl IntoIterator<Item = Bucket>,
        sum: u128,
        squares: u128,
    ) -> Option<Self> {
        let mut made = Self {
            sum,
            squares,
            ..Self::default()
        };
        // What the sums are at least, and at most.
        let (mut low, mut high) = ([0_u128; 2], [0_u128; 2]);
        for bucket in buckets {
            for (bounds, value) in [(&mut low, bucket.least), (&mut high, bucket.most)] {
                let (count, value) = (u128::from(bucket.count), u128::from(value));
                let (sum, squares) = (count * value, count.checked_mul(value * value)?);
                bounds[0] = bounds[0].checked_add(sum)?;
                bounds[1] = bounds[1].checked_add(squares)?;
            }
            if bucket.count == 0 || place(bucket.least) != place(bucket.most) {
                return None;
            }
            made.count = made.count.checked_add(bucket.count)?;
            made.bucket_of(bucket.most).add(&bucket);
        }
        let fits = (low[0]..=high[0]).contains(&sum) && (low[1]..=high[1]).contains(&squares);
        fits.then_some(made)
    }

    /// The buckets that hold something, in rising order.
    pub fn buckets(&self) -> impl Iterator<Item = &Bucket> {
        let pages = self.pages.iter().flatten();
        pages.flat_map(|it| it.iter()).filter(|it| it.count > 0)
    }

    /// How many values there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum of all values, and that of their squares.
    #[must_use]
    pub const fn sums(&self) -> (u128, u128) {
        (self.sum, self.squares)
    }

    /// The mean.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // 53 bits of a mean are plenty
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The standard deviation, with n − 1 in the denominator.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // after the exact subtraction
    pub fn deviation(&self) -> Option<f64> {
        if self.count < 2 {
            return (self.count == 1).then_some(0.0);
        }
        let n = u128::from(self.count);
        // n Σx² − (Σx)², exactly where it fits into 128 bits.
        let spread = match (n.checked_mul(self.squares), self.sum.checked_mul(self.sum)) {
            (Some(all), Some(mean)) => all.saturating_sub(mean) as f64,
            _ => (n as f64 * self.squares as f64 - self.sum as f64 * self.sum as f64).max(0.0),
        };
        Some((spread / (n as f64 * (n - 1) as f64)).sqrt())
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> Option<u64> {
        self.buckets().next().map(|it| it.least)
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> Option<u64> {
        self.at_rank(self.count).map(|it| it.most)
    }

    /// The quantile among the values that there are: see [`Distribution`] for how exact it is.
    #[must_use]
    pub fn quantile(&self, at: Quantile) -> Option<u64> {
        self.at_rank(at.rank(self.count)).map(|it| it.most)
    }

    /// The bucket that holds the value of that rank, counted from 1.
    #[must_use]
    pub fn at_rank(&self, rank: u64) -> Option<&Bucket> {
        let mut before = 0;
        self.buckets().find(|it| {
            before += it.count;
            before >= rank
        })
    }

    fn bucket_of(&mut self, value: u64) -> &mut Bucket {
        let (page, step) = place(value);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        let page = self.pages[page].get_or_insert_with(|| Box::new([Bucket::default(); STEPS]));
        &mut page[step]
    }
}

impl Bucket {
    fn add(&mut self, other: &Self) {
        if self.count == 0 {
            *self = *other;
            return;
        }
        self.count += other.count;
        self.least = self.least.min(other.least);
        if other.most > self.most {
            (self.most, self.trial) = (other.most, other.trial);
        } else if other.most == self.most {
            self.trial = self.trial.min(other.trial);
        }
    }
}

/// The page and the step that a value belongs to.
#[allow(clippy::cast_possible_truncation)] // both are small
const fn place(value: u64) -> (usize, usize) {
    let octave = u64::BITS - value.leading_zeros();
    if octave <= BITS {
        return (0, value as usize);
    }
    let page = octave - BITS;
    (page as usize, (value >> (page - 1)) as usize & (STEPS - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_have_a_bucket_each() {
        let mut places: Vec<_> = (0..1024).map(place).collect();
        places.dedup();
        assert_eq!(places.len(), 1024);
        assert_eq!((place(1024), place(1025)), ((2, 0), (2, 0)));
        assert_eq!(place(u64::MAX), (55, STEPS - 1));
    }

    #[test]
    fn quantiles_have_names_and_ranks() {
        assert_eq!(Quantile::percent(95).to_string(), "p95");
        assert_eq!(Quantile::millionths(999_000).to_string(), "p99.9");
        assert_eq!(Quantile::MEDIAN.rank(5), 3);
        assert_eq!(Quantile::percent(0).rank(5), 1);
        assert_eq!(Quantile::percent(100).rank(5), 5);
    }

    #[test]
    fn nothing_has_no_quantile() {
        let none = Distribution::default();
        assert_eq!((none.min(), none.max(), none.mean()), (None, None, None));
        assert_eq!(none.quantile(Quantile::MEDIAN), None);
    }

    proptest! {
        #[test]
        fn quantiles_are_observed_and_close(
            mut values in prop::collection::vec(0..100_000_000_u64, 1..200),
            percent in 0..=100_u8,
        ) {
            let mut seen = Distribution::default();
            for (trial, value) in (0..).zip(&values) {
                seen.add(*value, trial);
            }
            values.sort_unstable();
            let at = Quantile::percent(percent);
            let exact = values[usize::try_from(at.rank(seen.count())).unwrap() - 1];
            let told = seen.quantile(at).unwrap();
            prop_assert!(values.contains(&told));
            prop_assert!(told >= exact && told - exact <= exact / 512);
            prop_assert_eq!(seen.min(), values.first().copied());
            prop_assert_eq!(seen.max(), values.last().copied());
        }

        #[test]
        fn shares_add_up_in_any_order(
            values in prop::collection::vec(0..5_000_u64, 0..200),
            cut in 0..200_usize,
        ) {
            let all: Vec<(u64, u64)> = (0..).zip(values).collect();
            let (left, right) = all.split_at(cut.min(all.len()));
            let of = |part: &[(u64, u64)]| {
                let mut seen = Distribution::default();
                for (trial, value) in part {
                    seen.add(*value, *trial);
                }
                seen
            };
            let (whole, mut one, mut other) = (of(&all), of(left), of(right));
            let copy = one.clone();
            one.merge(&other);
            other.merge(&copy);
            prop_assert!(one.buckets().eq(whole.buckets()));
            prop_assert!(other.buckets().eq(whole.buckets()));
            prop_assert_eq!(one.sums(), whole.sums());
            let (sum, squares) = whole.sums();
            let read = Distribution::from_parts(whole.buckets().copied(), sum, squares);
            prop_assert_eq!(read, Some(whole));
        }
    }
}
