//! The other way round: the smallest value of a field with which a forecast keeps a bound.

use super::measure::Finding;
use std::str::FromStr;

/// What is looked for: `min spec.backoffLimit`, `max spec.parallelism`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Whether the smallest value is wanted, or the largest.
    pub smallest: bool,
    /// Of which field of the manifest, or which word about the workload.
    pub name: String,
}

impl FromStr for Goal {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            ["min", name] => Ok(Self {
                smallest: true,
                name: (*name).to_owned(),
            }),
            ["max", name] => Ok(Self {
                smallest: false,
                name: (*name).to_owned(),
            }),
            _ => Err("write min or max and what, as in 'min spec.backoffLimit'".to_owned()),
        }
    }
}

/// A value that was tried, and whether the bound holds with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tried {
    /// The value.
    pub value: i64,
    /// What the forecast says.
    pub finding: Finding,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The value with which the bound holds; `None` if it does not for any in the range.
    pub found: Option<Tried>,
    /// Its neighbour, with which it does not hold; `None` if it would lie outside of the range.
    pub beyond: Option<Tried>,
    /// All values that were tried, in order.
    pub tried: Vec<Tried>,
}

impl Solution {
    /// Whether the intervals of both neighbours lie on their own side of the bound: more trials
    /// would hardly find another value.
    #[must_use]
    pub fn is_sure(&self) -> bool {
        let surely = |it: &Option<Tried>| it.is_none_or(|it| it.finding.surely);
        surely(&self.found) && surely(&self.beyond)
    }
}

/// Looks for the end of a range at which a bound begins to hold, by bisection: `smallest` looks for
/// the least value with which it does, else for the largest. All values are tried on the same
/// fates, so that the answer to "does it hold" changes only where the field makes it change.
///
/// Assumes that a bound that holds for a value holds for all above it (below it, for the largest);
/// where that is not so, the value found is one at which it begins to hold.
///
/// # Errors
///
/// Whatever `holds` refuses to try.
pub fn solve<E>(
    smallest: bool,
    range: std::ops::RangeInclusive<i64>,
    mut holds: impl FnMut(i64) -> Result<Finding, E>,
) -> Result<Solution, E> {
    let (least, most) = (*range.start(), *range.end());
    // Counted from the end at which the bound holds last: `at(0)` is the most wanted value.
    let at = |step: i64| if smallest { least + step } else { most - step };
    let steps = most.saturating_sub(least);
    let mut tried: Vec<Tried> = Vec::new();
    let mut attempt = |step: i64, tried: &mut Vec<Tried>| -> Result<bool, E> {
        let value = at(step);
        let finding = holds(value)?;
        tried.push(Tried { value, finding });
        Ok(finding.holds)
    };
    // Steps of 1, 2, 4 … until it holds, then halves: the range may be much larger than the answer.
    let (mut fails, mut holding) = (-1, None);
    let mut step = 0;
    while holding.is_none() {
        if attempt(step, &mut tried)? {
            holding = Some(step);
        } else if step >= steps {
            break;
        } else {
            fails = step;
            step = (2 * step + 1).min(steps);
        }
    }
    let Some(mut good) = holding else {
        let beyond = tried.last().copied();
        let found = None;
        return Ok(Solution {
            found,
            beyond,
            tried,
        });
    };
    while good - fails > 1 {
        let middle = fails + (good - fails) / 2;
        if attempt(middle, &mut tried)? {
            good = middle;
        } else {
            fails = middle;
        }
    }
    let known = |step: i64| tried.iter().find(|it| it.value == at(step)).copied();
    Ok(Solution {
        found: known(good),
        beyond: (fails >= 0).then(|| known(fails)).flatten(),
        tried,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::{Estimate, Measured, Scale};
    use proptest::prelude::*;

    fn finding(holds: bool) -> Finding {
        let estimate = Estimate::normal(0.0, 0.0);
        let scale = Scale::Count;
        Finding {
            measured: Measured { estimate, scale },
            holds,
            surely: true,
        }
    }

    #[test]
    fn goals_are_read() {
        let goal: Goal = "min spec.backoffLimit".parse().unwrap();
        assert_eq!(
            (goal.smallest, goal.name.as_str()),
            (true, "spec.backoffLimit")
        );
        assert!(!"max nodes".parse::<Goal>().unwrap().smallest);
        assert!("spec.backoffLimit".parse::<Goal>().is_err());
    }

    proptest! {
        #[test]
        fn the_border_is_found(from in -5..5_i64, size in 0..200_i64, border in -10..210_i64) {
            let range = from..=from + size;
            let up = solve(true, range.clone(), |it| Ok::<_, ()>(finding(it >= border))).unwrap();
            let want = range.clone().find(|it| *it >= border);
            prop_assert_eq!(up.found.map(|it| it.value), want);
            prop_assert!(up.tried.len() <= 18, "{}", up.tried.len());
            let below = |it| Ok::<_, ()>(finding(it <= border));
            let down = solve(false, range.clone(), below).unwrap();
            let want = range.rev().find(|it| *it <= border);
            prop_assert_eq!(down.found.map(|it| it.value), want);
            if let (Some(found), Some(beyond)) = (down.found, down.beyond) {
                prop_assert_eq!(beyond.value, found.value + 1);
            }
        }
    }
}
