//! Index sets as text: `0-2,5,7,8`, read leniently or strictly.

use std::fmt;
use std::str::FromStr;

use super::IndexSet;

/// Why a text is not an index set, and at which of its parts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{part:?} {flaw}")]
pub struct ParseIndexSetError {
    part: String,
    flaw: Flaw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Flaw {
    #[error("is not a number from 0 to 4294967295, nor a range of two such numbers")]
    NotANumber,
    #[error("is a range that ends before it starts")]
    Backwards,
    #[error("does not come after the part before it")]
    OutOfOrder,
}

impl ParseIndexSetError {
    /// The part between two commas that is wrong.
    #[must_use]
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Whether the parts are fine by themselves but do not ascend.
    #[must_use]
    pub const fn is_out_of_order(&self) -> bool {
        matches!(self.flaw, Flaw::OutOfOrder)
    }
}

impl IndexSet {
    /// Reads the numbers below `bound` from a text that may be damaged, as controllers read back
    /// what they have stored earlier.
    ///
    /// Parts that are not numbers are skipped. Reading stops at the first part that starts at or
    /// above `bound`; a range that goes on above it is cut. What lies below 0 is dropped.
    #[must_use]
    pub fn parse_below(text: &str, bound: u32) -> Self {
        let mut set = Self::new();
        for part in text.split(',') {
            // What follows a second dash is not looked at; neither does the original.
            let mut limits = part.split('-').map(str::parse::<i64>);
            let Some(Ok(first)) = limits.next() else {
                continue;
            };
            if first >= i64::from(bound) {
                break;
            }
            let last = match limits.next() {
                None => first,
                Some(Ok(last)) => last.min(i64::from(bound) - 1),
                Some(Err(_)) => continue,
            };
            if let (Ok(first), Ok(past)) = (u32::try_from(first), u32::try_from(last + 1)) {
                set.insert_range(first..past);
            }
        }
        set
    }
}

/// Reads what `Display` writes: ascending numbers and ranges, separated by commas.
///
/// The set takes memory for its largest number; see [`IndexSet`].
impl FromStr for IndexSet {
    type Err = ParseIndexSetError;

    fn from_str(text: &str) -> Result<Self, ParseIndexSetError> {
        let mut set = Self::new();
        let mut previous = None;
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let fail = |flaw| ParseIndexSetError {
                part: part.to_owned(),
                flaw,
            };
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (first, last) = digits(first)
                .zip(digits(last))
                .ok_or_else(|| fail(Flaw::NotANumber))?;
            if last < first {
                return Err(fail(Flaw::Backwards));
            }
            if previous.is_some_and(|previous| previous >= first) {
                return Err(fail(Flaw::OutOfOrder));
            }
            set.insert_range(first..last);
            set.insert(last);
            previous = Some(last);
        }
        Ok(set)
    }
}

/// A number of digits only; `str::parse` alone would let a plus sign pass.
fn digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Members and ranges, ascending: two neighbours with a comma, three and more with a dash.
impl fmt::Display for IndexSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.iter_intervals().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match last - first {
                0 => write!(f, "{comma}{first}")?,
                1 => write!(f, "{comma}{first},{last}")?,
                _ => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

/// As the text form in braces.
impl fmt::Debug for IndexSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writes_three_in_a_row_as_a_range() {
        for (members, text) in [
            (&[][..], ""),
            (&[4], "4"),
            (&[0, 1], "0,1"),
            (&[0, 1, 2, 5, 7, 8], "0-2,5,7,8"),
            (&[63, 64, 65, 127, 128], "63-65,127,128"),
        ] {
            let set: IndexSet = members.iter().copied().collect();
            assert_eq!(set.to_string(), text);
            assert_eq!(format!("{set:?}"), format!("{{{text}}}"));
        }
    }

    #[test]
    fn a_damaged_text_is_read_as_far_as_it_goes() {
        for (text, bound, read) in [
            ("", 10, ""),
            ("0-2,5,7,8", 10, "0-2,5,7,8"),
            ("0-2,5,7,8", 8, "0-2,5,7"),
            ("0-9", 4, "0-3"),
            ("x,3,4-y,z-5,6", 10, "3,6"),
            ("9,1", 5, ""),
            ("1,9,2", 5, "1"),
            ("4-2,6", 10, "6"),
            ("+3, 4,-5", 10, "3"),
            ("1-3-9", 10, "1-3"),
            ("7-99999999999999999999", 10, ""),
            ("5", 0, ""),
        ] {
            assert_eq!(
                IndexSet::parse_below(text, bound).to_string(),
                read,
                "{text}"
            );
        }
    }

    #[test]
    fn a_strict_reader_names_the_wrong_part() {
        const NUMBER: &str =
            "is not a number from 0 to 4294967295, nor a range of two such numbers";
        const ORDER: &str = "does not come after the part before it";
        for (text, error) in [
            ("1,,2", format!("\"\" {NUMBER}")),
            ("1,x", format!("\"x\" {NUMBER}")),
            ("+1", format!("\"+1\" {NUMBER}")),
            ("1-2-3", format!("\"1-2-3\" {NUMBER}")),
            ("4294967296", format!("\"4294967296\" {NUMBER}")),
            (
                "5-3",
                "\"5-3\" is a range that ends before it starts".to_owned(),
            ),
            ("3,3", format!("\"3\" {ORDER}")),
            ("1-5,4-9", format!("\"4-9\" {ORDER}")),
        ] {
            assert_eq!(
                text.parse::<IndexSet>().unwrap_err().to_string(),
                error,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(members in prop::collection::vec(0..300_u32, 0..200)) {
            let set: IndexSet = members.into_iter().collect();
            prop_assert_eq!(set.to_string().parse(), Ok(set.clone()));
            prop_assert_eq!(IndexSet::parse_below(&set.to_string(), 300), set);
        }
    }
}
