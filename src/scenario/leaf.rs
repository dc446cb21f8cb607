//! Values without parts: what may stand there, how it is read, and how a JSON schema says it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;
use serde_json::json;
use serde_yaml::Value;

use super::times::{Rate, Time, When, seconds};
use super::words::pod_label;
use crate::base::{Chance, Law};
use crate::forecast::Assertion;
use crate::model::{Amount, Quantity, Release};
use crate::sim::PodLabel;

/// A value without parts.
#[derive(Clone, Copy)]
pub(super) enum Leaf {
    /// A length of time.
    Time,
    /// A length of time, or never.
    When,
    /// A law of durations.
    Law,
    /// A law of durations, or never.
    LawOrNever,
    /// A probability.
    Chance,
    /// Requests a second.
    Rate,
    /// A number of milliseconds.
    Millis,
    /// A whole number from one to the other.
    Whole(i64, i64),
    /// An amount of a resource.
    Quantity,
    /// How a process ends.
    Ending,
    /// A probability, and how a process ends then.
    Failing,
    /// A number of pods, or so many of a hundred.
    Amount,
    /// Whole numbers and ranges of them.
    Ranges,
    /// A boolean.
    Flag,
    /// `true`.
    Yes,
    /// A text.
    Text,
    /// A text with something in it.
    Name,
    /// A pod by its place in the Job.
    Label,
    /// A release of Kubernetes.
    Release,
    /// A sentence about a forecast.
    Assertion,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// Ranges of whole numbers.
pub(super) type Ranges = Vec<RangeInclusive<u32>>;

impl Leaf {
    /// Whether the value is one.
    pub(super) fn fits(self, value: &Value) -> Result<(), String> {
        let otherwise =
            |wanted: &str| Err(format!("{wanted} is expected here, not {}", shown(value)));
        match self {
            Self::Time => decodes::<Time>(value),
            Self::When => decodes::<When>(value),
            Self::Law => law(value).map(|_| ()),
            Self::LawOrNever if is_never(value) => Ok(()),
            Self::LawOrNever => law(value)
                .map(|_| ())
                .map_err(|it| format!("{it}, or never")),
            Self::Chance => chance(value).map(|_| ()),
            Self::Assertion => match value.as_str() {
                Some(sentence) => sentence.parse::<Assertion>().map(|_| ()),
                None => otherwise("a sentence such as \"p(complete) >= 0.99\""),
            },
            Self::Rate => decodes::<Rate>(value),
            Self::Millis => match value.as_f64() {
                Some(millis) => seconds(millis / 1000.0).map(|_| ()),
                None => otherwise("a number of milliseconds"),
            },
            Self::Whole(least, most) => match value.as_i64() {
                Some(n) if (least..=most).contains(&n) => Ok(()),
                _ if (least, most) == (i64::MIN, i64::MAX) => otherwise("a whole number"),
                _ => otherwise(&format!("a whole number from {least} to {most}")),
            },
            Self::Quantity => quantity(value).map(|_| ()),
            Self::Ending => ending(value).map(|_| ()),
            Self::Failing => failing(value).map(|_| ()),
            Self::Amount => amount(value).map(|_| ()),
            Self::Ranges => ranges(value).map(|_| ()),
            Self::Flag if value.is_bool() => Ok(()),
            Self::Flag => otherwise("true or false"),
            Self::Yes if value.as_bool() == Some(true) => Ok(()),
            Self::Yes => otherwise("true"),
            Self::Text if value.is_string() => Ok(()),
            Self::Text => otherwise("a text"),
            Self::Name if value.as_str().is_some_and(|it| !it.is_empty()) => Ok(()),
            Self::Name => otherwise("a name"),
            Self::Label => label(value).map(|_| ()),
            Self::Release => match value.as_str() {
                Some(text) => text.parse::<Release>().map(|_| ()).map_err(sentence),
                None => otherwise("a release, such as \"1.31\","),
            },
            Self::OneOf(words) => match value.as_str() {
                Some(text) if words.contains(&text) => Ok(()),
                _ => otherwise(&format!("one of {}", words.join(", "))),
            },
        }
    }

    /// Whether a number means what its text says, as `2.10` is pod 10 of index 2.
    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Label | Self::Release)
    }

    pub(super) fn schema(self) -> serde_json::Value {
        let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
        let seconds = json!({"type": "number", "minimum": 0, "maximum": 1e10});
        let unit = r"([0-9]+\.?[0-9]*|\.[0-9]+)(d|h|m|s|ms|us|µs|μs|ns)";
        let duration = text(&format!("^(0|({unit})+)$"));
        let never = json!({"enum": ["never", null]});
        match self {
            Self::Time => json!({"anyOf": [duration, seconds]}),
            Self::When => json!({"anyOf": [duration, seconds, never]}),
            Self::Law => json!({"anyOf": [{"type": "string"}, seconds]}),
            Self::LawOrNever => json!({"anyOf": [{"type": "string"}, seconds, never]}),
            Self::Chance => json!({"anyOf": [
                text(r"^ *[0-9.]+ *(%|/ *[0-9]+)? *$"),
                {"type": "number", "minimum": 0, "maximum": 1},
            ]}),
            Self::Assertion => text("^.+\\(.+\\) *(<=|>=|<|>) *.+$"),
            Self::Rate => json!({"anyOf": [
                {"type": "number", "minimum": 0.001, "maximum": 1e6},
                {"enum": ["unlimited", null]},
            ]}),
            Self::Millis => json!({"type": "number", "minimum": 0, "maximum": 1e13}),
            Self::Whole(i64::MIN, i64::MAX) => json!({"type": "integer"}),
            Self::Whole(least, most) => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Self::Quantity => json!({"anyOf": [
                text(r"^ *\+?[0-9.]*([numkKMGTPE]i?|[eE][+-]?[0-9]+)? *$"),
                {"type": "number", "minimum": 0},
            ]}),
            Self::Ending => json!({"anyOf": [
                {"enum": ending_words().collect::<Vec<_>>()},
                {"type": "integer", "minimum": 0, "maximum": 255},
            ]}),
            Self::Failing => text(r"^ *[0-9.]+ *(%|/ *[0-9]+)? *(: *[A-Za-z0-9]+ *)?$"),
            Self::Amount => json!({"anyOf": [
                text("^[0-9]+%$"),
                {"type": "integer", "minimum": 0, "maximum": u32::MAX},
            ]}),
            Self::Ranges => json!({"anyOf": [
                text(r"^ *[0-9]+ *(- *[0-9]+ *)?(, *[0-9]+ *(- *[0-9]+ *)?)*$"),
                {"type": "integer", "minimum": 0, "maximum": u32::MAX},
            ]}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Yes => json!({"const": true}),
            Self::Text => json!({"type": "string"}),
            Self::Name => json!({"type": "string", "minLength": 1}),
            Self::Label => json!({"anyOf": [
                text(r"^[0-9]+(\.[0-9]+)?$"),
                {"type": "number", "minimum": 0},
            ]}),
            Self::Release => json!({"anyOf": [
                text(r"^v?1\.[0-9]+(\.[0-9]+)?$"),
                {"type": "number"},
            ]}),
            Self::OneOf(words) => json!({"enum": words}),
        }
    }
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// With that exit code.
    Exit(u8),
    /// It could not be started.
    StartError,
    /// The kernel killed it for want of memory.
    OutOfMemory,
}

/// The exit code of a process that fails without a word.
pub(super) const FAILS: Ending = Ending::Exit(1);

const ENDINGS: [(&str, Ending); 12] = [
    ("startError", Ending::StartError),
    ("oomKilled", Ending::OutOfMemory),
    ("SIGHUP", Ending::Exit(129)),
    ("SIGINT", Ending::Exit(130)),
    ("SIGQUIT", Ending::Exit(131)),
    ("SIGILL", Ending::Exit(132)),
    ("SIGABRT", Ending::Exit(134)),
    ("SIGBUS", Ending::Exit(135)),
    ("SIGFPE", Ending::Exit(136)),
    ("SIGKILL", Ending::Exit(137)),
    ("SIGSEGV", Ending::Exit(139)),
    ("SIGTERM", Ending::Exit(143)),
];

/// The word for an end by a signal.
pub(super) fn signal_word(code: u8) -> Option<&'static str> {
    let mut known = ENDINGS.iter();
    let found = known.find(|it| it.1 == Ending::Exit(code));
    found.map(|it| it.0)
}

fn ending_words() -> impl Iterator<Item = &'static str> {
    ENDINGS.iter().map(|it| it.0)
}

/// `42`, `SIGKILL`, `oomKilled`.
pub(super) fn ending(value: &Value) -> Result<Ending, String> {
    let code = value.as_u64().and_then(|it| u8::try_from(it).ok());
    let word = value.as_str().and_then(ending_of);
    code.map(Ending::Exit).or(word).ok_or_else(|| {
        let words = ending_words().collect::<Vec<_>>().join(", ");
        format!(
            "an exit code from 0 to 255 is expected here, or one of {words}, not {}",
            shown(value)
        )
    })
}

fn ending_of(text: &str) -> Option<Ending> {
    let word = ENDINGS.iter().find(|(word, _)| *word == text);
    let code = || text.parse().ok().map(Ending::Exit);
    word.map(|it| it.1).or_else(code)
}

/// `2%:42`, `1/50:oomKilled`, `2%`.
pub(super) fn failing(value: &Value) -> Result<(Chance, Ending), String> {
    let Some(text) = value.as_str() else {
        return Err(format!(
            "a probability and an exit code are expected here, such as \"2%:42\", not {}",
            shown(value)
        ));
    };
    let (chance, code) = match text.split_once(':') {
        None => (text, FAILS),
        Some((chance, code)) => {
            let code = code.trim();
            let ending = ending_of(code).map_or_else(|| ending(&Value::from(code)), Ok);
            (chance, ending?)
        }
    };
    Ok((chance.parse().map_err(sentence)?, code))
}

pub(super) fn is_never(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("never")
}

/// A number of seconds, or a law as `base::law` reads it.
pub(super) fn law(value: &Value) -> Result<Law, String> {
    match (value.as_str(), value.as_f64()) {
        (Some(text), _) => text.parse().map_err(sentence),
        (None, Some(number)) => Law::constant(seconds(number)?).map_err(sentence),
        (None, None) => Err(format!(
            "a duration or a distribution of durations is expected here, such as 30s or \
             lognormal(median=20m,p95=35m), not {}",
            shown(value)
        )),
    }
}

/// `2%`, `1/50`, `0.02`, also as a number.
pub(super) fn chance(value: &Value) -> Result<Chance, String> {
    match (value.as_str(), value.as_f64()) {
        (Some(text), _) => text.parse().map_err(sentence),
        (None, Some(number)) => Chance::new(number).map_err(sentence),
        (None, None) => Err(format!(
            "a probability is expected here, such as 2%, 0.02 or 1/50, not {}",
            shown(value)
        )),
    }
}

/// `500m`, `32Gi`, `8`.
pub(super) fn quantity(value: &Value) -> Result<Quantity, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    match Quantity::parse(&text) {
        Some(quantity) if quantity >= Quantity::ZERO => Ok(quantity),
        _ => Err(format!(
            "an amount is expected here, such as 8, 500m or 32Gi, not {}",
            shown(value)
        )),
    }
}

/// `2`, `50%`.
pub(super) fn amount(value: &Value) -> Result<Amount, String> {
    let count = value.as_u64().and_then(|it| u32::try_from(it).ok());
    let percent = value.as_str().and_then(|it| it.strip_suffix('%'));
    let percent = percent.filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
    let percent = percent.and_then(|it| it.parse().ok());
    let read = count
        .map(Amount::Count)
        .or_else(|| percent.map(Amount::Percent));
    read.ok_or_else(|| {
        let given = shown(value);
        format!("a number of pods or a percentage is expected here, such as 2 or 50%, not {given}")
    })
}

/// `0-9,12`, also a single number.
pub(super) fn ranges(value: &Value) -> Result<Ranges, String> {
    let number = |text: &str| {
        let text = text.trim();
        let digits = text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let range = |part: &str| match part.split_once('-') {
        None => number(part).map(|it| it..=it),
        Some((low, high)) => number(low)
            .zip(number(high))
            .map(|(low, high)| low..=high)
            .filter(|it| !it.is_empty()),
    };
    let read = match value {
        Value::String(text) => text.split(',').map(range).collect(),
        Value::Number(_) => {
            range(&value.as_u64().map_or_else(String::new, |it| it.to_string())).map(|it| vec![it])
        }
        _ => None,
    };
    read.ok_or_else(|| {
        let given = shown(value);
        format!("numbers and ranges are expected here, such as \"0-9,12\", not {given}")
    })
}

/// `3`, `2.0`.
pub(super) fn label(value: &Value) -> Result<PodLabel, String> {
    match value.as_str() {
        Some(text) => pod_label(text),
        None => Err(format!(
            "a pod, such as 3 or \"2.0\", is expected here, not {}",
            shown(value)
        )),
    }
}

fn decodes<T: DeserializeOwned>(value: &Value) -> Result<(), String> {
    decode::<T>(value).map(|_| ())
}

pub(super) fn decode<T: DeserializeOwned>(value: &Value) -> Result<T, String> {
    serde_yaml::from_value(value.clone()).map_err(sentence)
}

fn sentence(error: impl Display) -> String {
    error.to_string()
}

/// A value in a sentence.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::String(text) if text.len() > 64 => "a long text".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) | Value::Tagged(_) => "a mapping".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(read: fn(&Value) -> Result<T, String>, yaml: &str) -> String {
        match read(&serde_yaml::from_str(yaml).unwrap()) {
            Ok(value) => format!("{value:?}"),
            Err(words) => words,
        }
    }

    #[test]
    fn laws_are_numbers_of_seconds_or_texts() {
        let law = |yaml| {
            let value = serde_yaml::from_str(yaml).unwrap();
            law(&value).map_or_else(|words| words, |law| law.to_string())
        };
        assert_eq!(law("90"), "1m30s");
        assert_eq!(law("154d"), "3696h");
        assert_eq!(law("exp(30s) + 10s"), "exponential(mean=30s) + 10s");
        assert!(law("lognormal(20m)").contains("takes its arguments by name"));
        assert!(law("true").starts_with("a duration or a distribution"));
        assert!(law("-1").starts_with("-1 is not a time"));
    }

    #[test]
    fn chances_quantities_and_amounts_are_read_as_texts_and_numbers() {
        let percent = |yaml| {
            let value = serde_yaml::from_str(yaml).unwrap();
            chance(&value).map_or_else(|words| words, |chance| chance.to_string())
        };
        assert_eq!(["2%", "0.02", "1/50", "'0.02'"].map(percent), ["2%"; 4]);
        assert!(percent("2").starts_with("a probability is from 0 to 1"));
        assert!(percent("[]").starts_with("a probability is expected here"));
        let refused = "an amount is expected here, such as 8, 500m or 32Gi, not ";
        for (yaml, milli) in [("500m", 500), ("8", 8000), ("1.5", 1500), ("'2'", 2000)] {
            let value = serde_yaml::from_str(yaml).unwrap();
            assert_eq!(quantity(&value).unwrap().milli(), milli, "{yaml}");
        }
        for (yaml, shown) in [("8 cores", "\"8 cores\""), ("-1", "-1"), ("[]", "a list")] {
            assert_eq!(said(quantity, yaml), format!("{refused}{shown}"));
        }
        assert_eq!(said(amount, "2"), "Count(2)");
        assert_eq!(said(amount, "50%"), "Percent(50)");
        for yaml in ["-1", "%", "5 %", "50", "+5%"].map(|it| format!("'{it}'")) {
            assert!(
                said(amount, &yaml).starts_with("a number of pods or a"),
                "{yaml}"
            );
        }
    }

    #[test]
    fn processes_end_with_codes_signals_or_by_the_kernel() {
        for (yaml, want) in [
            ("0", "Exit(0)"),
            ("255", "Exit(255)"),
            ("SIGKILL", "Exit(137)"),
            ("oomKilled", "OutOfMemory"),
            ("startError", "StartError"),
        ] {
            assert_eq!(said(ending, yaml), want);
        }
        for yaml in ["256", "-1", "SIGFOO", "[]"] {
            assert!(
                said(ending, yaml).starts_with("an exit code from 0 to 255"),
                "{yaml}"
            );
        }
        let of = |yaml: &str| said(failing, &format!("'{yaml}'"));
        assert!(of("2%:42").ends_with(", Exit(42))"), "{}", of("2%:42"));
        assert!(of("1/50 : oomKilled").ends_with(", OutOfMemory)"));
        assert!(of("2%").ends_with(", Exit(1))"));
        assert!(of("2%:x").ends_with("not \"x\""));
        assert!(of("2:42").starts_with("a probability is at most 1"));
        assert!(said(failing, "2").starts_with("a probability and an exit code"));
    }

    #[test]
    fn ranges_are_read_in_any_order() {
        assert_eq!(said(ranges, "7"), "[7..=7]");
        assert_eq!(said(ranges, "'12, 0-9'"), "[12..=12, 0..=9]");
        for yaml in ["", "9-0", "1-", "-1", "1,,2", "a", "4294967296", "+1"] {
            let said = said(ranges, &format!("'{yaml}'"));
            assert!(
                said.starts_with("numbers and ranges are expected"),
                "{yaml}"
            );
        }
        assert!(said(ranges, "1.5").ends_with("not 1.5"));
    }
}
