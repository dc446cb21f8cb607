//! Probabilities.

use std::fmt;
use std::str::FromStr;

use crate::base::Stream;

/// The parts of a whole chance: 18 decimals of a probability.
const WHOLE: u64 = 1_000_000_000_000_000_000;

/// A probability from 0 to 1, as a whole number of parts of 10¹⁸, so that it is what was written
/// and no more or less.
///
/// It is written as `2%`, `0.02` or `1/50`, and printed as `2%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chance(u64);

/// Why something is no chance; a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct ChanceError(#[from] Flaw);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Flaw {
    #[error("{given:?} is no probability: write it as 2%, 0.02 or 1/50")]
    Unreadable { given: String },
    #[error("a probability is at most 1, and {given} is more{advice}")]
    Above { given: String, advice: String },
    #[error("a probability is from 0 to 1, and {given} is not")]
    Outside { given: String },
    #[error("{given} is finer than the finest probability, 0.000000000000000001")]
    TooFine { given: String },
    #[error("{given} has a zero below its stroke")]
    OfNone { given: String },
}

impl Chance {
    /// What never happens.
    pub const NEVER: Self = Self(0);
    /// What always happens.
    pub const ALWAYS: Self = Self(WHOLE);

    /// The nearest chance to a probability.
    ///
    /// # Errors
    /// A number that is not from 0 to 1.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )] // from 0 to 10¹⁸
    pub fn new(probability: f64) -> Result<Self, ChanceError> {
        if (0.0..=1.0).contains(&probability) {
            let parts = (probability * WHOLE as f64).round_ties_even();
            return Ok(Self(parts as u64));
        }
        let given = probability.to_string();
        Err(Flaw::Outside { given }.into())
    }

    /// The nearest chance to `hits` in `of`.
    ///
    /// # Errors
    /// More hits than there are; one in none; a chance above zero that is nearer to zero than to
    /// one in 10¹⁸.
    #[allow(clippy::cast_possible_truncation)] // at most 10¹⁸
    pub fn ratio(hits: u64, of: u64) -> Result<Self, ChanceError> {
        let given = || format!("{hits}/{of}");
        if of == 0 {
            return Err(Flaw::OfNone { given: given() }.into());
        }
        if hits > of {
            let advice = String::new();
            let given = given();
            return Err(Flaw::Above { given, advice }.into());
        }
        let (hits, of) = (u128::from(hits), u128::from(of));
        let parts = (hits * u128::from(WHOLE) + of / 2) / of;
        if parts == 0 && hits > 0 {
            return Err(Flaw::TooFine { given: given() }.into());
        }
        Ok(Self(parts as u64))
    }

    /// Whether it happens this time: compares integers, with one number from the stream.
    ///
    /// What happens by one chance happens by each greater one that meets the same stream.
    pub fn hits(self, stream: &mut Stream) -> bool {
        let product = u128::from(stream.next_u64()) * u128::from(WHOLE);
        product >> 64 < u128::from(self.0)
    }

    /// Which of several happens, if at most one can: the chances add up. One number is taken from
    /// the stream, however many there are.
    pub fn first_hit(
        chances: impl IntoIterator<Item = Self>,
        stream: &mut Stream,
    ) -> Option<usize> {
        let product = u128::from(stream.next_u64()) * u128::from(WHOLE);
        let mut left = product >> 64;
        for (place, chance) in chances.into_iter().enumerate() {
            match left.checked_sub(u128::from(chance.0)) {
                Some(rest) => left = rest,
                None => return Some(place),
            }
        }
        None
    }

    /// The probability, as near as a float comes.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn probability(self) -> f64 {
        self.0 as f64 / WHOLE as f64
    }
}

impl FromStr for Chance {
    type Err = ChanceError;

    #[allow(clippy::cast_possible_truncation)] // at most 10¹⁸
    fn from_str(text: &str) -> Result<Self, ChanceError> {
        let text = text.trim();
        let given = || text.chars().take(40).collect::<String>();
        let unreadable = || Flaw::Unreadable { given: given() };
        if let Some((hits, of)) = text.split_once('/') {
            let number = |text: &str| text.trim().parse().map_err(|_| unreadable());
            if !digits(hits.trim()) || !digits(of.trim()) {
                return Err(unreadable().into());
            }
            return Self::ratio(number(hits)?, number(of)?);
        }
        let (number, places) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), 16),
            None => (text, 18),
        };
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if !digits(whole) || !digits(part) || (whole.is_empty() && part.is_empty()) {
            return Err(unreadable().into());
        }
        let part = part.trim_end_matches('0');
        if part.len() > places {
            return Err(Flaw::TooFine { given: given() }.into());
        }
        let decimal = format!("{whole}{part:0<places$}");
        // What is more than a u128 holds is more than 1 anyway.
        let parts = decimal.parse().unwrap_or(u128::MAX);
        if parts > u128::from(WHOLE) {
            let advice = if places == 18 && parts <= 100 * u128::from(WHOLE) {
                format!("; for per cent, write {}%", given())
            } else {
                String::new()
            };
            let given = given();
            return Err(Flaw::Above { given, advice }.into());
        }
        Ok(Self(parts as u64))
    }
}

fn digits(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_digit())
}

/// In per cent, with as many decimals as it takes.
impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PER_CENT: u64 = WHOLE / 100;
        let (whole, part) = (self.0 / PER_CENT, self.0 % PER_CENT);
        if part == 0 {
            return f.pad(&format!("{whole}%"));
        }
        let part = format!("{part:016}");
        f.pad(&format!("{whole}.{}%", part.trim_end_matches('0')))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Key, Purpose, Seed};
    use proptest::prelude::*;

    #[test]
    fn chances_read_as_they_are_written() {
        for (text, parts, printed) in [
            ("2%", WHOLE / 50, "2%"),
            ("0.02", WHOLE / 50, "2%"),
            (" 1 / 50 ", WHOLE / 50, "2%"),
            (".5 %", WHOLE / 200, "0.5%"),
            ("0", 0, "0%"),
            ("0%", 0, "0%"),
            ("000.000", 0, "0%"),
            ("1", WHOLE, "100%"),
            ("1.", WHOLE, "100%"),
            ("100.0%", WHOLE, "100%"),
            ("1/3", 333_333_333_333_333_333, "33.3333333333333333%"),
            ("2/3", 666_666_666_666_666_667, "66.6666666666666667%"),
            ("0.000000000000000001", 1, "0.0000000000000001%"),
            ("18446744073709551615/18446744073709551615", WHOLE, "100%"),
            ("0.10000000000000000000000000000", WHOLE / 10, "10%"),
        ] {
            let chance: Chance = text.parse().unwrap();
            assert_eq!(chance, Chance(parts), "{text}");
            assert_eq!(chance.to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_no_chance_is_refused_in_a_sentence() {
        let unreadable =
            |given: &str| format!("{given:?} is no probability: write it as 2%, 0.02 or 1/50");
        for (text, error) in [
            ("", unreadable("")),
            (".", unreadable(".")),
            ("%", unreadable("%")),
            ("-1%", unreadable("-1%")),
            ("+1", unreadable("+1")),
            ("1e-3", unreadable("1e-3")),
            ("often", unreadable("often")),
            ("1/+2", unreadable("1/+2")),
            (
                "2",
                "a probability is at most 1, and 2 is more; for per cent, write 2%".to_owned(),
            ),
            (
                "99.5",
                "a probability is at most 1, and 99.5 is more; for per cent, write 99.5%"
                    .to_owned(),
            ),
            (
                "101",
                "a probability is at most 1, and 101 is more".to_owned(),
            ),
            (
                "150%",
                "a probability is at most 1, and 150% is more".to_owned(),
            ),
            (
                "99999999999999999999999",
                "a probability is at most 1, and 99999999999999999999999 is more".to_owned(),
            ),
            (
                "3/2",
                "a probability is at most 1, and 3/2 is more".to_owned(),
            ),
            ("1/0", "1/0 has a zero below its stroke".to_owned()),
            (
                "0.0000000000000000001",
                "0.0000000000000000001 is finer than the finest probability, \
                 0.000000000000000001"
                    .to_owned(),
            ),
            (
                "1/10000000000000000000",
                "1/10000000000000000000 is finer than the finest probability, \
                 0.000000000000000001"
                    .to_owned(),
            ),
        ] {
            let refused = text.parse::<Chance>().unwrap_err();
            assert_eq!(refused.to_string(), error, "{text}");
        }
        for number in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            let refused = Chance::new(number).unwrap_err().to_string();
            let error = format!("a probability is from 0 to 1, and {number} is not");
            assert_eq!(refused, error);
        }
        assert_eq!(Chance::new(0.25).unwrap(), "25%".parse().unwrap());
    }

    fn hits(chance: Chance, draws: u32) -> u32 {
        let mut stream = Key::new(Seed(7), 3).stream(5, Purpose::Fate);
        (0..draws)
            .map(|_| u32::from(chance.hits(&mut stream)))
            .sum()
    }

    #[test]
    fn chances_hit_as_often_as_they_say() {
        const DRAWS: u32 = 1_000_000;
        assert_eq!(hits(Chance::NEVER, DRAWS), 0);
        assert_eq!(hits(Chance::ALWAYS, DRAWS), DRAWS);
        for text in ["1/10000", "2%", "1/3", "50%", "0.9", "99.99%"] {
            let chance: Chance = text.parse().unwrap();
            let (n, p) = (f64::from(DRAWS), chance.probability());
            let off = (f64::from(hits(chance, DRAWS)) - n * p) / (n * p * (1.0 - p)).sqrt();
            assert!(off.abs() < 4.0, "{text}: {off} standard errors");
        }
    }

    #[test]
    fn draws_of_chances_stay_the_same() {
        let mut stream = Key::new(Seed(7), 1).stream(42, Purpose::Fate);
        let half = Chance::new(0.5).unwrap();
        let drawn = [(); 8].map(|()| half.hits(&mut stream));
        assert_eq!(drawn.map(u8::from), [0, 0, 0, 1, 0, 1, 0, 0]);
    }

    /// Three that add up to 60 %: each as often as it says, and none of them in 40 % of cases.
    #[test]
    fn of_several_chances_each_hits_as_often_as_it_says() {
        const DRAWS: u32 = 1_000_000;
        let chances = ["10%", "1/5", "0.3"].map(|it| it.parse::<Chance>().unwrap());
        let mut stream = Key::new(Seed(7), 1).stream(42, Purpose::Fate);
        let first = [(); 8].map(|()| Chance::first_hit(chances, &mut stream).unwrap_or(3));
        assert_eq!(first, [3, 2, 3, 0, 3, 2, 3, 3]);
        let mut counts = [0_u32; 4];
        for _ in 0..DRAWS {
            counts[Chance::first_hit(chances, &mut stream).unwrap_or(3)] += 1;
        }
        for (count, p) in counts.into_iter().zip([0.1, 0.2, 0.3, 0.4]) {
            let n = f64::from(DRAWS);
            let off = (f64::from(count) - n * p) / (n * p * (1.0 - p)).sqrt();
            assert!(off.abs() < 4.0, "{p}: {off} standard errors");
        }
    }

    #[test]
    fn a_greater_chance_hits_wherever_a_smaller_one_does() {
        let mut stream = Key::new(Seed(7), 1).stream(42, Purpose::Fate);
        let (less, more) = (Chance(WHOLE / 10), Chance(WHOLE / 9));
        for _ in 0..10_000 {
            let mut copy = stream;
            assert!(!less.hits(&mut copy) || more.hits(&mut { stream }));
            stream = copy;
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_as_the_same(parts in 0..=WHOLE) {
            let chance = Chance(parts);
            prop_assert_eq!(chance.to_string().parse(), Ok(chance));
        }

        #[test]
        fn any_text_gets_an_answer(text in "[0-9./% e+-]{0,24}|.{0,12}") {
            drop(text.parse::<Chance>());
        }
    }
}
