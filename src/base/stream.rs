//! Random numbers with an address.
//!
//! A draw is not taken from a generator that everybody shares; it belongs to an address: the
//! seed, the trial, the entity it is about, what it is for, and how many draws for the same
//! purpose came before. So one more entity, or one more draw about it, changes no other draw, and
//! two variants of a scenario meet the same fates.
//!
//! `ChaCha8` turns seed and trial into a key, once per trial. A draw within the trial is a mix of
//! the key and the rest of the address by the finaliser of `SplitMix64`, three times over: enough
//! for a simulation, and some ten times cheaper than opening a cipher stream for each entity.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What makes a run repeatable: equal seeds give equal results, on every machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(pub u64);

/// What a draw is for. Draws for different purposes have nothing to do with each other.
///
/// The values are part of every result: they are never changed and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// The random part of a generated name.
    PodName = 0,
    /// Which of several equals goes first.
    Tie = 1,
    /// How long a request or a notice is under way.
    Latency = 2,
    /// What becomes of an entity: how long it lasts and how it ends.
    Fate = 3,
    /// How long a kubelet and its runtime take.
    Kubelet = 4,
    /// When something goes wrong, and where.
    Fault = 5,
    /// How long a node takes to be made.
    Provisioning = 6,
    /// Which of several nodes something happens to.
    Target = 7,

    // What the processes in containers do.
    /// How long a run of a container works.
    RunTime = 32,
    /// How long a piece of work takes, whoever does it.
    Piece = 33,
    /// How a run ends.
    Ending = 34,
    /// When in its course a run fails.
    FailsAt = 35,
    /// When something hits a run, and which it is.
    Hazard = 36,
    /// Whether a piece of work cannot be done.
    BadInput = 37,
    /// Whether a node is a bad one.
    BadNode = 38,
    /// Whether a bad node fails a run.
    BadNodeHit = 39,
    /// How long a checkpoint takes to be read.
    Restore = 40,
    /// How long a process takes to stop.
    Stop = 41,
    /// What a hook does after the start.
    PostStart = 42,
    /// What a hook does before the stop.
    PreStop = 43,
    /// When the process has started up.
    StartedUp = 44,
    /// When it becomes ready.
    Ready = 45,
    /// When it ceases to be ready.
    Unready = 46,
    /// Whether it hangs.
    Hangs = 47,
    /// When it does.
    HangsAt = 48,
    /// How long an item of a queue takes.
    Item = 49,
    /// Whether a delivery of an item ends its worker.
    Delivery = 50,
    /// Whether an item ends every worker.
    Poison = 51,
    /// When an item arrives.
    Arrival = 52,
}

/// The random numbers of one trial, all of them, as a key to address them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    outer: u64,
    inner: u64,
}

/// The draws at one address: those for one purpose about one entity, in order.
///
/// A copy gives the same draws again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stream {
    state: u64,
}

impl Key {
    /// The key of the trial: the first 16 bytes of `ChaCha8` under the seed's eight bytes (least
    /// significant first, then zeros), with the trial as the number of the cipher's stream.
    #[must_use]
    pub fn new(seed: Seed, trial: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.0.to_le_bytes());
        let mut cipher = ChaCha8Rng::from_seed(bytes);
        cipher.set_stream(trial);
        Self {
            outer: cipher.next_u64(),
            inner: cipher.next_u64(),
        }
    }

    /// The draws about `entity` for `purpose`, from the first one on.
    #[must_use]
    pub const fn stream(&self, entity: u64, purpose: Purpose) -> Stream {
        self.about(entity).stream(purpose)
    }

    /// All draws about `entity`: half of the way to each of its streams.
    #[must_use]
    pub const fn about(&self, entity: u64) -> Draws {
        let entity = mix(self.outer.wrapping_add(entity.wrapping_mul(GOLDEN)));
        Draws(entity ^ self.inner)
    }
}

/// The draws about one entity, for all purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draws(u64);

impl Draws {
    /// Those for `purpose`, from the first one on.
    #[must_use]
    pub const fn stream(self, purpose: Purpose) -> Stream {
        Stream {
            state: mix(self.0 ^ purpose as u64),
        }
    }
}

impl Stream {
    /// The next draw: 64 bits, each as likely to be set as not.
    pub const fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// A number from 0 to `n - 1`, all equally likely; 0 if `n` is 0.
    ///
    /// Lemire, "Fast Random Integer Generation in an Interval" (2019): a multiplication, and once
    /// in 2³² / `n` times a second draw.
    #[allow(clippy::cast_possible_truncation)] // the halves of 64 bits
    pub const fn below(&mut self, n: u32) -> u32 {
        loop {
            let product = (self.next_u64() >> 32) * n as u64;
            let low = product as u32;
            // The division of the second test is needed only where the first one fails.
            if low >= n || low >= n.wrapping_neg() % n {
                return (product >> 32) as u32;
            }
        }
    }

    /// A fraction from 0 up to, but not including, 1: a multiple of 2⁻⁵³, all equally likely.
    ///
    /// Not a time. Samplers turn it into one and round there, in one documented place.
    #[allow(clippy::cast_precision_loss)] // 53 bits are what an f64 holds
    pub const fn unit(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * STEP
    }

    /// Puts the items into an order that is as likely as any other (Fisher and Yates).
    ///
    /// Of more than 2³² − 1 items, only so many are moved.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        for last in (1..count).rev() {
            items.swap(last as usize, self.below(last + 1) as usize);
        }
    }
}

/// The address of an entity that is known by a name: equal names have equal addresses.
///
/// FNV-1a of the bytes, mixed.
#[must_use]
pub const fn address(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0xCBF2_9CE4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01B3);
        at += 1;
    }
    mix(hash)
}

/// One entity out of the parts of its address, such as (Job, index, attempt): the finaliser of
/// `SplitMix64` over each part and what came before it.
///
/// The order of the parts counts, and so does their number: `[1]`, `[1, 0]` and `[0, 1]` are three
/// entities.
#[must_use]
pub const fn entity(parts: &[u64]) -> u64 {
    let mut sum = 0_u64;
    let mut rest = parts;
    while let [part, after @ ..] = rest {
        sum = extended(sum, *part);
        rest = after;
    }
    sum
}

/// The entity with one part more at the end of its address.
#[must_use]
pub const fn extended(entity: u64, part: u64) -> u64 {
    mix(entity.wrapping_add(GOLDEN) ^ part)
}

/// The address of something that belongs to something else: the attempt of a pod, say.
#[must_use]
pub const fn within(outer: u64, inner: u64) -> u64 {
    mix(outer.rotate_left(32) ^ mix(inner.wrapping_add(GOLDEN)))
}

/// 2⁶⁴ divided by the golden ratio, made odd: the step of `SplitMix64`.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finaliser of `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators", 2014; the constants are Stafford's thirteenth variant): a bijection in which each
/// bit of the input changes about half of the bits of the output.
const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURPOSES: [Purpose; 4] = [
        Purpose::PodName,
        Purpose::Tie,
        Purpose::Latency,
        Purpose::Fate,
    ];

    #[test]
    fn the_key_is_the_published_key_stream_of_chacha8() {
        // Test vector 1 of draft-strombergson-chacha-test-vectors, 8 rounds, 256-bit key.
        let key = Key::new(Seed(0), 0);
        assert_eq!(
            key.outer.to_le_bytes(),
            [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6]
        );
        assert_eq!(
            key.inner.to_le_bytes(),
            [0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1]
        );
    }

    #[test]
    fn a_stream_is_the_published_splitmix64() {
        let mut stream = Stream { state: 1234567 };
        for expected in [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
        ] {
            assert_eq!(stream.next_u64(), expected);
        }
    }

    #[test]
    fn names_keep_their_addresses_for_ever() {
        assert_eq!(address(""), 0xF52A_15E9_A9B5_E89B);
        assert_ne!(within(address("a"), 1), within(address("a"), 2));
        assert_ne!(within(1, 2), within(2, 1));
    }

    #[test]
    fn addresses_keep_their_draws_for_ever() {
        for (seed, trial, entity, purpose, draws) in [
            (
                0,
                0,
                0,
                Purpose::PodName,
                [7113239909219815630, 4595192637301843834],
            ),
            (
                7,
                0,
                0,
                Purpose::PodName,
                [5570984597926437076, 1348213433937830606],
            ),
            (
                7,
                1,
                0,
                Purpose::PodName,
                [6013777881462182973, 5606296628440291993],
            ),
            (
                7,
                1,
                42,
                Purpose::PodName,
                [2206372220326829328, 13942093823044229455],
            ),
            (
                7,
                1,
                42,
                Purpose::Tie,
                [2260117873084047248, 12440415227149553982],
            ),
            (
                7,
                1,
                42,
                Purpose::Latency,
                [13532512353957038833, 13425685773872342494],
            ),
            (
                7,
                1,
                42,
                Purpose::Fate,
                [12974508005355286264, 9541657634420764778],
            ),
            (
                u64::MAX,
                u64::MAX,
                u64::MAX,
                Purpose::Fate,
                [3546970907663410153, 9786029559771156322],
            ),
        ] {
            let mut stream = Key::new(Seed(seed), trial).stream(entity, purpose);
            let got = [stream.next_u64(), stream.next_u64()];
            assert_eq!(got, draws, "{seed} {trial} {entity} {purpose:?}");
        }
    }

    #[test]
    fn derived_draws_stay_the_same_too() {
        let stream = Key::new(Seed(7), 1).stream(42, Purpose::Fate);
        let (mut dice, mut items) = (stream, [0, 1, 2, 3, 4, 5, 6, 7]);
        let mut copy = stream;
        copy.shuffle(&mut items);
        assert_eq!([(); 8].map(|()| dice.below(6)), [4, 3, 5, 0, 4, 1, 5, 5]);
        assert_eq!(items, [2, 1, 4, 6, 0, 7, 3, 5]);
        assert_eq!({ stream }.unit().to_bits(), 4604510428532266301);
    }

    #[test]
    fn nothing_to_choose_from_is_no_trouble() {
        let mut stream = Key::new(Seed(1), 1).stream(1, Purpose::Tie);
        assert_eq!((stream.below(0), stream.below(1)), (0, 0));
        stream.shuffle::<u8>(&mut []);
    }

    /// Σ (observed − expected)² / expected over equally likely buckets.
    fn chi_square(counts: &[u64]) -> u64 {
        let expected = counts.iter().sum::<u64>() / counts.len() as u64;
        counts
            .iter()
            .map(|&n| n.abs_diff(expected).pow(2))
            .sum::<u64>()
            / expected
    }

    /// 255 degrees of freedom: mean 255, deviation 22.6; four of them to either side.
    const FINE: std::ops::Range<u64> = 165..346;

    /// For each byte of `draws`, its 256 values must be about equally frequent.
    fn assert_even(draws: impl Iterator<Item = u64>, what: &str) {
        let mut counts = [[0; 256]; 8];
        for draw in draws {
            for (count, byte) in counts.iter_mut().zip(draw.to_le_bytes()) {
                count[usize::from(byte)] += 1;
            }
        }
        for (place, count) in counts.iter().enumerate() {
            let chi = chi_square(count);
            assert!(
                FINE.contains(&chi),
                "{what}: byte {place} has chi-square {chi}"
            );
        }
    }

    #[test]
    fn draws_are_even_along_every_part_of_the_address() {
        const DRAWS: u64 = 1 << 16;
        for seed in [0, 1, 7, u64::MAX] {
            let key = Key::new(Seed(seed), 0);
            for purpose in PURPOSES {
                let first = |entity| key.stream(entity, purpose).next_u64();
                assert_even((0..DRAWS).map(first), "neighbours");
                // A sum or a difference of neighbours that leaned to one side would show here.
                assert_even(
                    (0..DRAWS).map(|n| first(n) ^ first(n + 1)),
                    "pairs of neighbours",
                );
                assert_even((0..DRAWS).map(|n| first(n << 32)), "high bits");
                let mut stream = key.stream(0, purpose);
                assert_even((0..DRAWS).map(|_| stream.next_u64()), "one stream");
            }
            let tie = |n| key.stream(n, Purpose::Tie).next_u64();
            let fate = |n| key.stream(n, Purpose::Fate).next_u64();
            assert_even((0..DRAWS).map(|n| tie(n) ^ fate(n)), "pairs of purposes");
        }
        let trial = |n| Key::new(Seed(7), n).stream(0, Purpose::Fate).next_u64();
        assert_even((0..DRAWS).map(trial), "trials");
        assert_even(
            (0..DRAWS).map(|n| trial(n) ^ trial(n + 1)),
            "pairs of trials",
        );
    }

    #[test]
    fn each_bit_of_the_address_changes_half_of_the_draw() {
        let key = Key::new(Seed(7), 1);
        for bit in 0..64 {
            let changed: u32 = (0..4096_u64)
                .map(|n| {
                    let draw = |entity| key.stream(entity, Purpose::Fate).next_u64();
                    (draw(n) ^ draw(n ^ (1 << bit))).count_ones()
                })
                .sum();
            // 4096 × 64 fair bits: 131072 on average, deviation 256, five of them.
            assert!(changed.abs_diff(131072) < 1280, "bit {bit}: {changed}");
        }
    }

    #[test]
    fn numbers_below_a_bound_and_orders_are_even() {
        let mut stream = Key::new(Seed(7), 2).stream(0, Purpose::Tie);
        let mut counts = [0; 256];
        for _ in 0..1 << 16 {
            // 3 · 2³⁰ is where a draw without rejection would be off by a third.
            counts[stream.below(3 << 30) as usize / (3 << 22)] += 1;
        }
        assert!(FINE.contains(&chi_square(&counts)));
        let mut orders = [0; 256];
        for _ in 0..1 << 16 {
            let mut items: [u8; 16] = std::array::from_fn(|i| u8::try_from(i).unwrap());
            stream.shuffle(&mut items);
            orders[usize::from(items[3] << 4 | items[12])] += 1;
        }
        // No item is in two places at once: 16 of the 256 pairs cannot occur.
        let possible: Vec<u64> = orders.into_iter().filter(|&n| n > 0).collect();
        assert_eq!(possible.len(), 240);
        assert!((150..330).contains(&chi_square(&possible)));
    }
}
