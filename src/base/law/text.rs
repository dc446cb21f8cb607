//! Laws as people write them.

use std::fmt;
use std::str::FromStr;

use super::empirical::Table;
use super::error::Flaw;
use super::family::{Family, Size, Spread};
use super::{Form, Law, LawError};
use crate::base::Span;
use crate::base::time::parse_duration;

#[cfg(test)]
mod tests;

/// A kind of law: its name, its arguments, and how it is written.
struct Kind {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Whether the names of the arguments may be left out.
    bare: bool,
    usage: &'static str,
    make: fn(&Arguments<'_>) -> Result<Law, LawError>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "constant",
        arguments: &["value"],
        bare: true,
        usage: "constant(30s)",
        make: |it| Law::constant(it.span("value")?),
    },
    Kind {
        name: "uniform",
        arguments: &["min", "max"],
        bare: true,
        usage: "uniform(min=…,max=…)",
        make: |it| Law::uniform(it.span("min")?, it.span("max")?),
    },
    Kind {
        name: "exponential",
        arguments: &["mean"],
        bare: true,
        usage: "exponential(mean=…)",
        make: |it| Law::exponential(it.span("mean")?),
    },
    Kind {
        name: "lognormal",
        arguments: &["median", "p95", "sigma"],
        bare: false,
        usage: "lognormal(median=…,p95=…)",
        make: |it| match it.either("p95", "sigma")? {
            "sigma" => Law::log_normal_of_sigma(it.span("median")?, it.number("sigma")?),
            _ => Law::log_normal(it.span("median")?, it.span("p95")?),
        },
    },
    Kind {
        name: "weibull",
        arguments: &["shape", "scale", "mean"],
        bare: false,
        usage: "weibull(shape=…,scale=…)",
        make: |it| match it.either("scale", "mean")? {
            "mean" => Law::weibull_of_mean(it.number("shape")?, it.span("mean")?),
            _ => Law::weibull(it.number("shape")?, it.span("scale")?),
        },
    },
    Kind {
        name: "gamma",
        arguments: &["shape", "mean"],
        bare: false,
        usage: "gamma(shape=…,mean=…)",
        make: |it| Law::gamma(it.number("shape")?, it.span("mean")?),
    },
    Kind {
        name: "pareto",
        arguments: &["min", "shape"],
        bare: false,
        usage: "pareto(min=…,shape=…)",
        make: |it| Law::pareto(it.span("min")?, it.number("shape")?),
    },
];

/// The most that may be added to a law or taken from it.
pub(super) const MOST_PARTS: u32 = 16;

/// Has any number of arguments, without names.
const EMPIRICAL: &str = "empirical";

/// What stands between the brackets.
struct Arguments<'a> {
    kind: &'static Kind,
    given: Vec<(&'static str, &'a str)>,
}

impl<'a> Arguments<'a> {
    fn read(kind: &'static Kind, text: &'a str) -> Result<Self, Flaw> {
        let (name, usage) = (kind.name, kind.usage);
        let mut given: Vec<(&'static str, &str)> = Vec::new();
        let parts = text.split(',').map(str::trim);
        for (place, part) in parts.enumerate().filter(|_| !text.trim().is_empty()) {
            let extra = || short(part);
            let (what, value) = match part.split_once('=') {
                Some((what, value)) => (kind.argument(what.trim())?, value.trim()),
                None if !kind.bare => {
                    let given = extra();
                    return Err(Flaw::Nameless { name, given, usage });
                }
                None => {
                    let Some(what) = kind.arguments.get(place) else {
                        let given = extra();
                        return Err(Flaw::Extra { name, given, usage });
                    };
                    (*what, part)
                }
            };
            if given.iter().any(|(other, _)| *other == what) {
                return Err(Flaw::Twice { name, what });
            }
            given.push((what, value));
        }
        Ok(Self { kind, given })
    }

    fn find(&self, what: &str) -> Option<&'a str> {
        let mut given = self.given.iter();
        given.find(|(name, _)| *name == what).map(|(_, it)| *it)
    }

    fn get(&self, what: &'static str) -> Result<&'a str, Flaw> {
        let Kind { name, usage, .. } = *self.kind;
        self.find(what).ok_or(Flaw::Missing { name, what, usage })
    }

    fn span(&self, what: &'static str) -> Result<Span, Flaw> {
        span(self.get(what)?)
    }

    fn number(&self, what: &'static str) -> Result<f64, Flaw> {
        let given = self.get(what)?;
        given.parse().map_err(|_| Flaw::NoNumber {
            what,
            given: short(given),
        })
    }

    /// Which of two ways to say the same was taken; the first if none was.
    fn either(&self, one: &'static str, other: &'static str) -> Result<&'static str, Flaw> {
        let name = self.kind.name;
        match (self.find(one), self.find(other)) {
            (Some(_), Some(_)) => Err(Flaw::Both { name, one, other }),
            (None, Some(_)) => Ok(other),
            (_, None) => Ok(one),
        }
    }
}

impl Kind {
    fn argument(&self, given: &str) -> Result<&'static str, Flaw> {
        let mut known = self.arguments.iter();
        let found = known.find(|name| name.eq_ignore_ascii_case(given));
        found.copied().ok_or_else(|| Flaw::Argument {
            name: self.name,
            given: short(given),
            usage: self.usage,
        })
    }
}

impl FromStr for Law {
    type Err = LawError;

    fn from_str(text: &str) -> Result<Self, LawError> {
        let text = text.trim();
        let (mut law, mut rest) = if text.starts_with(char::is_alphabetic) {
            named(text)?
        } else {
            let (first, rest) = cut(text);
            (plain(first)?, rest)
        };
        let mut parts = 0;
        while !rest.is_empty() {
            parts += 1;
            if parts > MOST_PARTS {
                return Err(Flaw::ManyParts.into());
            }
            if let Some(after) = rest.strip_prefix('+') {
                let (more, next) = cut(after);
                (law, rest) = (law.shifted(span(more)?)?, next);
            } else if let Some(after) = strip_in(rest) {
                let (bounds, next) = cut(after);
                let no_range = || Flaw::NoRange {
                    given: short(bounds),
                };
                let (low, high) = bounds.split_once("..").ok_or_else(no_range)?;
                (law, rest) = (law.truncated(span(low)?, span(high)?)?, next);
            } else {
                let given = short(rest);
                return Err(Flaw::Trailing { given }.into());
            }
        }
        Ok(law)
    }
}

/// A law without a name: a duration or a range.
fn plain(text: &str) -> Result<Law, LawError> {
    match text.split_once("..") {
        _ if text.is_empty() => Err(Flaw::Nothing.into()),
        Some((low, high)) => Law::uniform(span(low)?, span(high)?),
        None => Law::constant(span(text)?),
    }
}

/// A law with a name, and what follows it.
fn named(text: &str) -> Result<(Law, &str), LawError> {
    let end = text.find(|it: char| !it.is_alphanumeric() && it != '_' && it != '-');
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    let lower = name.to_ascii_lowercase();
    let full = if lower == "exp" {
        "exponential"
    } else {
        &lower
    };
    if full == EMPIRICAL {
        let (inside, rest) = brackets(EMPIRICAL, "empirical(10s,12s,40s)", rest)?;
        let values = inside.split(',').filter(|_| !inside.trim().is_empty());
        let pairs: Result<Vec<_>, Flaw> = values.map(|it| weighted(it.trim(), span)).collect();
        return Ok((Law::weighted(pairs?)?, rest));
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.name == full) else {
        let (given, advice) = (short(name), advice(&lower));
        return Err(Flaw::Unknown { given, advice }.into());
    };
    let (inside, rest) = brackets(kind.name, kind.usage, rest)?;
    let law = (kind.make)(&Arguments::read(kind, inside)?)?;
    Ok((law, rest))
}

/// What is between the brackets at the start, and what follows them.
fn brackets<'a>(
    name: &'static str,
    usage: &'static str,
    text: &'a str,
) -> Result<(&'a str, &'a str), Flaw> {
    let what = "its arguments in brackets";
    let inside = text.trim_start().strip_prefix('(');
    let inside = inside.ok_or(Flaw::Missing { name, what, usage })?;
    let (inside, rest) = inside.split_once(')').ok_or(Flaw::Open { name })?;
    Ok((inside, rest.trim()))
}

/// Cuts before the next `+` or `in`.
fn cut(text: &str) -> (&str, &str) {
    let text = text.trim();
    let plus = text.find('+').unwrap_or(text.len());
    let mut spaces = text[..plus].match_indices(char::is_whitespace);
    let word = spaces.find(|(at, space)| strip_in(&text[at + space.len()..]).is_some());
    let (first, rest) = text.split_at(word.map_or(plus, |(at, _)| at));
    (first.trim(), rest.trim())
}

/// What follows the word `in`.
fn strip_in(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked(2)?;
    let whole = !rest.starts_with(char::is_alphanumeric);
    (whole && word.eq_ignore_ascii_case("in")).then_some(rest)
}

fn span(text: &str) -> Result<Span, Flaw> {
    let text = text.trim();
    parse_duration(text).ok_or_else(|| {
        let given = short(text);
        if text
            .parse::<f64>()
            .is_ok_and(|it| it >= 0.0 && it.is_finite())
        {
            Flaw::NoUnit { given }
        } else {
            Flaw::NoDuration { given }
        }
    })
}

/// A duration, or a plain decimal number of seconds.
pub(super) fn seconds(text: &str) -> Result<Span, Flaw> {
    let decimal = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    match parse_duration(&format!("{text}s")) {
        Some(span) if decimal => Ok(span),
        _ => span(text),
    }
}

/// A value, and its weight if there is one: `10s` or `10s*3`.
pub(super) fn weighted(
    text: &str,
    value: fn(&str) -> Result<Span, Flaw>,
) -> Result<(Span, u32), Flaw> {
    let Some((first, weight)) = text.split_once('*') else {
        return Ok((value(text)?, 1));
    };
    let weight = weight.trim();
    let bad = |_| Flaw::BadWeight {
        given: short(weight),
    };
    Ok((value(first.trim())?, weight.parse().map_err(bad)?))
}

/// The start of a text, for an error about it.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// What was meant by an unknown name.
fn advice(given: &str) -> String {
    let names = KINDS.iter().map(|kind| (kind.name, kind.usage));
    let mut names: Vec<_> = names
        .chain([(EMPIRICAL, "empirical(10s,12s,40s)")])
        .collect();
    names.sort_unstable();
    let near = |name: &str| {
        let cut = given.len() >= 3 && (name.starts_with(given) || name.ends_with(given));
        let far = distance(given.as_bytes(), name.as_bytes());
        if cut {
            Some(0)
        } else {
            Some(far).filter(|far| *far <= 2)
        }
    };
    let nearest = names
        .iter()
        .filter_map(|(name, usage)| near(name).map(|far| (far, usage)))
        .min();
    if let Some((_, usage)) = nearest {
        return format!("did you mean {usage}?");
    }
    let names: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
    format!("there are {}", names.join(", "))
}

/// Letters to insert, delete or replace; of names that are too long, many.
fn distance(from: &[u8], to: &[u8]) -> usize {
    if from.len() > 2 * to.len() {
        return from.len();
    }
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let best = (diagonal + usize::from(a != b))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[to.len()]
}

/// A span without units that are zero at its end: `20m`, not `20m0s`.
pub(super) struct Brief(pub(super) Span);

impl fmt::Display for Brief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let long = self.0.to_string();
        let mut text = long.as_str();
        for (zero, unit) in [("m0s", 2), ("h0m", 2)] {
            if text.ends_with(zero) {
                text = &text[..text.len() - unit];
            }
        }
        f.write_str(text)
    }
}

/// In the shortest of the forms that read as the same law.
impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by, bounds) = match &self.0 {
            Form::Constant(span) => return write!(f, "{}", Brief(*span)),
            Form::Uniform { low, high } => {
                return write!(f, "{}..{}", Brief(*low), Brief(*high));
            }
            Form::Listed { by, table } => {
                f.write_str(EMPIRICAL)?;
                list(f, table)?;
                (*by, None)
            }
            Form::Whole { by, family } => {
                write!(f, "{family}")?;
                (*by, None)
            }
            Form::Within {
                by,
                family,
                low,
                high,
                ..
            } => {
                write!(f, "{family}")?;
                (*by, Some((*low, *high)))
            }
        };
        if by > Span::ZERO {
            write!(f, " + {}", Brief(by))?;
        }
        match bounds {
            Some((low, high)) => write!(f, " in {}..{}", Brief(low), Brief(high)),
            None => Ok(()),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, table: &Table) -> fmt::Result {
    let mut before = "(";
    for (value, mut weight) in table.pairs() {
        // Several weights of the same value may be more in sum than one may be.
        while weight > 0 {
            let next = weight.min(u64::from(u32::MAX));
            write!(f, "{before}{}", Brief(value))?;
            if next > 1 {
                write!(f, "*{next}")?;
            }
            (before, weight) = (",", weight - next);
        }
    }
    f.write_str(")")
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Exponential { mean } => write!(f, "exponential(mean={})", Brief(mean)),
            Self::Weibull { shape, size, .. } => match size {
                Size::Scale(scale) => write!(f, "weibull(shape={shape},scale={})", Brief(scale)),
                Size::Mean(mean) => write!(f, "weibull(shape={shape},mean={})", Brief(mean)),
            },
            Self::LogNormal { median, spread, .. } => match spread {
                Spread::P95(p95) => {
                    write!(f, "lognormal(median={},p95={})", Brief(median), Brief(p95))
                }
                Spread::Sigma(sigma) => {
                    write!(f, "lognormal(median={},sigma={sigma})", Brief(median))
                }
            },
            Self::Gamma { shape, mean } => write!(f, "gamma(shape={shape},mean={})", Brief(mean)),
            Self::Pareto { min, shape } => write!(f, "pareto(min={},shape={shape})", Brief(min)),
        }
    }
}
