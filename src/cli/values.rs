//! Values of arguments: durations and laws of them, rates, exit codes, and what happens when.

use crate::base::{Chance, Law, Seed, Span, time};
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;

/// How long containers run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Length {
    /// By that law.
    Law(Law),
    /// They do not end by themselves.
    Never,
    /// One of the durations in that file.
    Measured(String),
}

impl FromStr for Length {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.strip_prefix('@')) {
            ("never" | "forever", _) => Ok(Self::Never),
            (_, Some(file)) => Ok(Self::Measured(file.to_owned())),
            (_, None) => {
                let law = text.parse::<Law>().map_err(|error| error.to_string())?;
                if law.is_constant() && law.median() > FIFTY_YEARS {
                    return Err(TOO_LONG.to_owned());
                }
                Ok(Self::Law(law))
            }
        }
    }
}

impl Length {
    /// As scenario files say it.
    pub(super) fn word(&self) -> Value {
        match self {
            Self::Law(law) => json!(law.to_string()),
            Self::Never => json!("never"),
            Self::Measured(file) => json!({"file": file}),
        }
    }
}

/// The longest that a run is watched: API times end 68 years after its origin.
const FIFTY_YEARS: Span = Span::from_secs(50 * 365 * 24 * 3600);
const TOO_LONG: &str = "50 years (438000h) is the most";

/// `30s`, `1h30m`, `250ms`, `2d`, up to fifty years.
pub(super) fn duration(text: &str) -> Result<Span, String> {
    let span =
        time::parse_duration(text).ok_or("write a duration as in 30s, 1h30m, 250ms or 2d")?;
    if span > FIFTY_YEARS {
        return Err(TOO_LONG.to_owned());
    }
    Ok(span)
}

/// The exit code of a container, or of the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    pub(super) container: Option<String>,
    pub(super) code: i32,
}

impl FromStr for Exit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (container, code) = match text.rsplit_once('=') {
            Some((name, code)) => (Some(name.to_owned()), code),
            None => (None, text),
        };
        let code: u8 = code.parse().map_err(|_| {
            "write CONTAINER=CODE, or CODE alone if there is one container; \
             codes go from 0 to 255"
        })?;
        Ok(Self {
            container,
            code: i32::from(code),
        })
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.container {
            Some(name) => write!(f, "{name}={}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

/// How likely a container, or the only one, fails, and how, as scenario files say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fail {
    pub(super) container: Option<String>,
    pub(super) text: String,
}

impl FromStr for Fail {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (container, rest) = match text.rsplit_once('=') {
            Some((name, rest)) => (Some(name.to_owned()), rest),
            None => (None, text),
        };
        let (chance, code) = rest.split_once(':').unwrap_or((rest, "1"));
        let _: Chance = chance.parse().map_err(|error| format!("{error}"))?;
        let named = ["startError", "oomKilled"].contains(&code) || code.starts_with("SIG");
        if !named && code.parse::<u8>().is_err() {
            return Err("write CHANCE:CODE as in 2%:42; codes go from 0 to 255".to_owned());
        }
        let text = rest.to_owned();
        Ok(Self { container, text })
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.container {
            Some(name) => write!(f, "{name}={}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// A seed, and perhaps the trial of a forecast: `1`, `1:417`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Draws {
    pub(super) seed: Seed,
    pub(super) trial: Option<u64>,
}

impl FromStr for Draws {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (seed, trial) = match text.split_once(':') {
            Some((seed, trial)) => (seed, Some(trial)),
            None => (text, None),
        };
        let number = |text: &str| {
            let words = "write a whole number, or SEED:TRIAL as in 1:417";
            text.parse::<u64>().map_err(|_| words.to_owned())
        };
        Ok(Self {
            seed: Seed(number(seed)?),
            trial: trial.map(number).transpose()?,
        })
    }
}

/// Something at a time, and perhaps for a time: `node-2@10m`, `any@1h+30m`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) what: String,
    pub(super) time: String,
    pub(super) more: Option<String>,
}

impl FromStr for At {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once('@').filter(|it| !it.0.is_empty());
        let (what, times) = parts.ok_or("write what and when, as in node-2@10m")?;
        let (time, more) = match times.split_once('+') {
            Some((time, more)) => (time, Some(more)),
            None => (times, None),
        };
        duration(time)?;
        more.map(duration).transpose()?;
        Ok(Self {
            what: what.to_owned(),
            time: time.to_owned(),
            more: more.map(str::to_owned),
        })
    }
}

/// `NODE@TIME` without more.
pub(super) fn at(text: &str) -> Result<At, String> {
    match text.parse::<At>()? {
        At { more: Some(_), .. } => Err("only one time is expected, as in node-2@10m".to_owned()),
        one => Ok(one),
    }
}

/// Some nodes, as scenario files say it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group(pub(super) Map<String, Value>);

impl FromStr for Group {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        const TEXTS: [&str; 5] = ["name", "cpu", "memory", "storage", "zone"];
        const NUMBERS: [&str; 2] = ["count", "pods"];
        let number = |key: &str, value: &str| {
            let number = value.parse::<u32>();
            number.map_err(|_| format!("{key} is a whole number, not {value:?}"))
        };
        let mut map = Map::from_iter([("name".to_owned(), json!("node"))]);
        if !text.contains('=') {
            map.insert("count".to_owned(), json!(number("the count", text)?));
            return Ok(Self(map));
        }
        for part in text.split(',') {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = if NUMBERS.contains(&key) {
                json!(number(key, value)?)
            } else if TEXTS.contains(&key) {
                json!(value)
            } else {
                let known = [&NUMBERS[..], &TEXTS[..]].concat().join(", ");
                return Err(format!(
                    "nothing is known of {key:?}: there are {known}; more goes into a scenario file"
                ));
            };
            map.insert(key.to_owned(), value);
        }
        if map.get("name") == Some(&json!("node")) {
            map.entry("count").or_insert_with(|| json!(1));
        }
        Ok(Self(map))
    }
}

/// Requests a second, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate(pub(super) u32);

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let rate: f64 = text
            .parse()
            .map_err(|_| "write a number, such as 20 or 0.5")?;
        if !(0.001..=1e6).contains(&rate) {
            return Err(
                "it has to lie between 0.001 and 1000000; for none, say --ideal".to_owned(),
            );
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked just above
        Ok(Self((rate * 1000.0).round() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: FromStr<Err = String> + fmt::Debug>(text: &str) -> String {
        match text.parse::<T>() {
            Ok(value) => format!("{value:?}"),
            Err(words) => words,
        }
    }

    #[test]
    fn exit_codes_and_rates_read_as_they_are_meant() {
        let exit = |text: &str| text.parse::<Exit>().ok();
        let of = |container: Option<&str>, code| {
            let container = container.map(str::to_owned);
            Some(Exit { container, code })
        };
        assert_eq!(exit("3"), of(None, 3));
        assert_eq!(exit("main=255"), of(Some("main"), 255));
        assert_eq!(
            (exit("main"), exit("main=256"), exit("-1")),
            (None, None, None)
        );
        let rate = |text: &str| text.parse::<Rate>().ok();
        assert_eq!(
            (rate("20"), rate("0.5")),
            (Some(Rate(20_000)), Some(Rate(500)))
        );
        assert_eq!((rate("0"), rate("NaN"), rate("1e99")), (None, None, None));
    }

    #[test]
    fn lengths_are_laws_files_or_endless() {
        let word = |text: &str| text.parse::<Length>().map(|it| it.word().to_string());
        assert_eq!(word("never"), Ok("\"never\"".to_owned()));
        assert_eq!(word("1d"), Ok("\"24h\"".to_owned()));
        let law = "lognormal(median=20m,p95=35m)";
        assert_eq!(word(law), Ok(format!("{law:?}")));
        assert_eq!(word("@runs.txt"), Ok("{\"file\":\"runs.txt\"}".to_owned()));
        assert!(word("30").unwrap_err().ends_with("add a unit, as in 30s"));
        assert_eq!(word("9999999h"), Err(TOO_LONG.to_owned()));
        let minute: Length = "1m".parse().unwrap();
        assert_eq!(minute.word(), "1m");
        assert!(duration("1w").is_err() && duration("9999999h").is_err());
    }

    #[test]
    fn failures_have_a_chance_and_a_code() {
        for (text, container, rest) in [
            ("2%:42", None, "2%:42"),
            ("main=1/50:3", Some("main"), "1/50:3"),
            ("0.02", None, "0.02"),
            ("5%:oomKilled", None, "5%:oomKilled"),
        ] {
            let fail: Fail = text.parse().unwrap();
            assert_eq!(
                (fail.container.as_deref(), fail.text.as_str()),
                (container, rest)
            );
            assert_eq!(fail.to_string(), text);
        }
        assert!(said::<Fail>("2").contains("for per cent, write 2%"));
        assert!(said::<Fail>("2%:256").contains("codes go from 0 to 255"));
        assert!(said::<Fail>("2%:x").contains("write CHANCE:CODE as in 2%:42"));
    }

    #[test]
    fn what_happens_has_a_time() {
        let want = "At { what: \"node-2\", time: \"10m\", more: Some(\"1h\") }";
        assert_eq!(said::<At>("node-2@10m+1h"), want);
        assert!(at("2.0@90s").is_ok());
        assert!(at("any@1m+1m").unwrap_err().starts_with("only one time"));
        for text in ["node-2", "@10m", ""] {
            assert_eq!(said::<At>(text), "write what and when, as in node-2@10m");
        }
        assert!(said::<At>("node-2@10").starts_with("write a duration"));
        assert!(said::<At>("node-2@10m+").starts_with("write a duration"));
    }

    #[test]
    fn nodes_are_a_number_or_described() {
        let json = |text: &str| {
            text.parse::<Group>()
                .map(|it| Value::Object(it.0).to_string())
        };
        assert_eq!(json("4"), Ok(r#"{"count":4,"name":"node"}"#.to_owned()));
        let want = r#"{"count":2,"cpu":"500m","memory":"32Gi","name":"node"}"#;
        assert_eq!(json("count=2,cpu=500m,memory=32Gi"), Ok(want.to_owned()));
        assert_eq!(
            json("name=big,pods=9"),
            Ok(r#"{"name":"big","pods":9}"#.to_owned())
        );
        assert_eq!(
            json("cpu=8"),
            Ok(r#"{"count":1,"cpu":"8","name":"node"}"#.to_owned())
        );
        assert_eq!(
            said::<Group>("four"),
            "the count is a whole number, not \"four\""
        );
        assert!(said::<Group>("cpus=8").starts_with("nothing is known of \"cpus\""));
    }
}
