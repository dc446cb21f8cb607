//! What happens again and again: by rate, by chance, or as a trace tells.

use super::super::fields::Fields;
use super::super::leaf::{Leaf as L, decode};
use super::super::schema::Kind::{Leaf, List};
use super::super::schema::{Choice, Field, Table, field};
use super::super::times::Time;
use super::deeds::{self, DEED, DEEDS};
use super::node_deeds::NODE_DEEDS;
use super::{LAW, NAME, TIME};
use crate::base::Span;
use crate::fault::{Action, NodeTarget, Recurring, When};
use crate::manifest::Flaw;
use std::collections::BTreeMap;

/// Something that recurs.
pub(super) static RECURRING: Table = Table {
    text: "Something done from outside more than once: when, and exactly one deed.",
    choices: &[
        Choice {
            names: &["every", "eachNode", "times", "trace"],
            none: "this says what, but not when",
            several: "this says in several ways when it happens",
            help: "delete all but one",
        },
        DEED,
    ],
    together: &[],
    fields: &[&WHEN, &DEEDS, &NODE_DEEDS],
};

static WHEN: [Field; 6] = [
    field(
        "name",
        "",
        NAME,
        "What tells it from the others: chance draws for this name. Unless told, it is the deed's \
         own and how many of the same stand before it without a name, such as drain 0.",
    ),
    field(
        "every",
        "P120",
        LAW,
        "The time from one occurrence to the next, a law of durations: exponential(mean=7h) for a \
         rate of one in 7 hours.",
    ),
    field(
        "first",
        "",
        TIME,
        "The first occurrence of every, after the creation of the Job; drawn like the others \
         unless told.",
    ),
    field(
        "eachNode",
        "P120",
        LAW,
        "The same for each node by itself, beginning when the node joins.",
    ),
    field(
        "times",
        "",
        List(&TIME),
        "These times after the creation of the Job.",
    ),
    field(
        "trace",
        "",
        Leaf(L::Name),
        "A file with a time on each line, after the creation of the Job: seconds or a duration, \
         then, if it likes, a comma and the name of a node. # begins a comment.",
    ),
];

/// The most instants of a trace.
const MANY: usize = 1_000_000;

/// What a file says that recurs: by itself, or as actions where a trace names nodes.
#[derive(Clone, Debug)]
pub(in super::super) enum Told {
    Again(Box<Recurring>),
    Once(Vec<Action>),
}

/// What recurs, unless something is wrong with it. `unnamed` counts what has no name so far, by
/// deeds; `open` gives the text of a file.
pub(in super::super) fn recurring(
    it: &Fields<'_>,
    unnamed: &mut BTreeMap<&'static str, u32>,
    open: &dyn Fn(&str) -> Result<String, String>,
) -> Option<Told> {
    let deed = deeds::deed(it)?;
    if it.has("first") && !it.has("every") {
        it.flaw("first", "this is for `every` alone");
    }
    if it.has("eachNode") && deed.nodes() != Some(&NodeTarget::Any) {
        let words = "this happens to each node by itself, so the node has to be `any`";
        let flaw = match deed.nodes() {
            Some(_) => Flaw::new(it.at(deed.name()), words),
            None => Flaw::new(it.at(deed.name()), "this is not done to a node"),
        };
        it.tell(flaw.help("write `every: …` for what happens elsewhere"));
    }
    let name = it.owned("name");
    let name = name.unwrap_or_else(|| {
        let before = unnamed.entry(deed.name()).or_insert(0);
        *before += 1;
        format!("{} {}", deed.name(), *before - 1)
    });
    let when = if let Some(gap) = it.law("every") {
        let first = it.time("first");
        When::Every { first, gap }
    } else if let Some(gap) = it.law("eachNode") {
        When::EachNode { gap }
    } else if let Some(file) = it.text("trace") {
        let read = open(file).and_then(|text| trace(&text));
        let lines = read.map_err(|words| it.flaw("trace", words)).ok()?;
        if lines.iter().any(|line| line.1.is_some()) {
            if deed.nodes() != Some(&NodeTarget::Any) {
                let words = "the trace names nodes, so the node has to be `any` here";
                it.flaw(deed.name(), words);
            }
            let aimed = |(at, node): (Span, Option<String>)| {
                let mut deed = deed.clone();
                if let Some(node) = node {
                    deed.aim(NodeTarget::Named(node));
                }
                Action { at, job: 0, deed }
            };
            return Some(Told::Once(lines.into_iter().map(aimed).collect()));
        }
        sorted(lines.into_iter().map(|line| line.0))
    } else {
        let times = it.values("times").into_iter();
        sorted(times.filter_map(|(value, _)| decode::<Time>(value).ok().map(|it| it.0)))
    };
    Some(Told::Again(Box::new(Recurring {
        name,
        job: 0,
        when,
        deed,
    })))
}

fn sorted(times: impl Iterator<Item = Span>) -> When {
    let mut times: Vec<Span> = times.collect();
    times.sort_unstable();
    When::Times(times)
}

/// The lines of a trace, in order of time.
fn trace(text: &str) -> Result<Vec<(Span, Option<String>)>, String> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (time, node) = match line.split_once(',') {
            Some((time, node)) => (time.trim(), Some(node.trim())),
            None => (line, None),
        };
        let value = match time.parse::<f64>() {
            Ok(seconds) => serde_yaml::Value::from(seconds),
            Err(_) => serde_yaml::Value::from(time),
        };
        let at = decode::<Time>(&value).map_err(|words| format!("line {}: {words}", number + 1))?;
        if node == Some("") {
            return Err(format!(
                "line {}: there is no node after the comma",
                number + 1
            ));
        }
        if lines.len() >= MANY {
            return Err(format!("these are more than {MANY} times"));
        }
        lines.push((at.0, node.map(str::to_owned)));
    }
    lines.sort();
    if lines.is_empty() {
        return Err("there is no time in this file".to_owned());
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_have_a_time_on_each_line_and_perhaps_a_node() {
        let text = "# taken in May\n10m, node-2\n\n90   # the second\n1h\n";
        let at = |secs, node: Option<&str>| (Span::from_secs(secs), node.map(str::to_owned));
        let want = vec![at(90, None), at(600, Some("node-2")), at(3600, None)];
        assert_eq!(trace(text), Ok(want));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_line() {
        for (text, words) in [
            ("", "there is no time in this file"),
            ("# nothing\n", "there is no time in this file"),
            (
                "1\n\nsoon",
                "line 3: \"soon\" is not a duration: write 30s, 1m30s or 250ms",
            ),
            ("1,", "line 1: there is no node after the comma"),
            (
                "-1",
                "line 1: -1 is not a time: it has to lie between 0 and 10¹⁰ seconds",
            ),
            (
                "NaN",
                "line 1: NaN is not a time: it has to lie between 0 and 10¹⁰ seconds",
            ),
        ] {
            assert_eq!(trace(text), Err(words.to_owned()), "{text:?}");
        }
        assert!(trace(&"1\n".repeat(MANY + 1)).is_err());
    }
}
