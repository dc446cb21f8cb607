//! Other pods that fill the nodes: as a count, at a rate, or as a trace tells.

use super::super::fields::Fields;
use super::super::leaf::{self, Leaf as L, decode};
use super::super::schema::Kind::Leaf;
use super::super::schema::{Choice, Table, field, needed};
use super::super::times::Time;
use super::cluster::VALUE;
use super::nodes::{AMOUNTS, MANY as MANY_NODES, TEXTS};
use super::{LAW, NAME, TIME};
use crate::base::{Law, Span};
use crate::manifest::Flaw;
use crate::workload::{Background, Comes, Coming};
use serde_yaml::Value;

/// How long pods run on average that come at a rate, unless that is told.
const USUAL: Span = Span::from_secs(600);
/// The most pods of a trace.
const MANY: usize = 1_000_000;

/// Some pods that are the same.
pub(super) static GROUP: Table = Table {
    text: "Pods of no Job that fill the nodes. The scheduler places them like others, and pods of \
           higher priority take their room. One that is preempted, or whose node is drained or \
           gone, comes again at once; taints and silent nodes do not move it.",
    choices: &[Choice {
        names: &["count", "rate", "trace"],
        none: "this says what pods are like, but not how many there are",
        several: "this says in several ways how many pods there are",
        help: "write one of count, rate and trace",
    }],
    together: &[],
    fields: &[&[
        needed(
            "name",
            "",
            NAME,
            "What tells them from others: chance draws for this name.",
        ),
        field(
            "count",
            "",
            Leaf(L::Whole(1, MANY_NODES as i64)),
            "So many are there from the start, placed before anything else.",
        ),
        field(
            "rate",
            "P120",
            Leaf(L::Whole(1, 1_000_000)),
            "So many come an hour, one after the other, with exponential times between them, from \
             the creation of the Job on and as long as a Job runs.",
        ),
        field(
            "trace",
            "",
            NAME,
            "A file with a pod on each line: when it comes after the creation of the Job, then, \
             if it differs from the others, its cpu and its memory, and how long it runs, such as \
             10m, 500m, 1Gi, 30m. # begins a comment.",
        ),
        field(
            "requests",
            "P103",
            AMOUNTS,
            "What each asks for by resource: cpu, memory. Without any it takes nothing but its \
             place among the most pods of a node.",
        ),
        field(
            "lifetime",
            "P120",
            LAW,
            "How long each runs from the instant at which it gets a node, a law of durations. \
             Unless told it is for ever, and exponential(mean=10m) for those that come at a rate.",
        ),
        field(
            "stop",
            "P51",
            TIME,
            "How long each takes to stop when it is asked to, up to 30 s; 0s unless told.",
        ),
        field(
            "priority",
            "P111",
            Leaf(VALUE),
            "Their priority; 0 unless told.",
        ),
        field(
            "priorityClass",
            "P115",
            NAME,
            "The PriorityClass that gives it.",
        ),
        field(
            "nodeSelector",
            "P106",
            TEXTS,
            "Labels that their nodes must have.",
        ),
    ]],
};

/// What a file says of some pods, unless something is wrong with it. `open` gives the text of a
/// file.
pub(in super::super) fn group(
    it: &Fields<'_>,
    open: &dyn Fn(&str) -> Result<String, String>,
) -> Option<Background> {
    if it.has("priority") && it.has("priorityClass") {
        let flaw = Flaw::new(it.at("priorityClass"), "the priority is told twice");
        it.tell(flaw.help("delete either priority or priorityClass"));
    }
    let comes = if let Some(count) = it.whole("count") {
        Comes::FromTheStart(count)
    } else if let Some(rate) = it.whole::<i64>("rate") {
        let mean = Span::from_micros(3_600_000_000 / rate.max(1));
        let law = Law::exponential(mean).map_err(|error| it.flaw("rate", error.to_string()));
        Comes::Again(law.ok()?)
    } else {
        let read = open(it.text("trace")?).and_then(|text| trace(&text));
        Comes::AsTold(read.map_err(|words| it.flaw("trace", words)).ok()?)
    };
    let mut group = Background::new(it.text("name")?, it.resources("requests"), comes);
    group.lifetime = it.law("lifetime");
    if it.has("rate") && group.lifetime.is_none() {
        group.lifetime = Law::exponential(USUAL).ok();
    }
    group.stop = it.time("stop").unwrap_or(Span::ZERO);
    group.template.priority = it.whole("priority");
    group.template.priority_class = it.owned("priorityClass");
    group.template.node_selector = it.labels("nodeSelector");
    Some(group)
}

/// The lines of a trace, in order of time.
fn trace(text: &str) -> Result<Vec<Coming>, String> {
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let coming = coming(line).map_err(|words| format!("line {number}: {words}"))?;
        if lines.len() >= MANY {
            return Err(format!("these are more than {MANY} pods"));
        }
        lines.push(coming);
    }
    // Of one instant in the order of the lines.
    lines.sort_by_key(|it| it.at);
    if lines.is_empty() {
        return Err("there is no pod in this file".to_owned());
    }
    Ok(lines)
}

/// `10m, 500m, 1Gi, 30m`
fn coming(line: &str) -> Result<Coming, String> {
    let parts: Vec<&str> = line.split(',').map(str::trim).collect();
    let (at, asks, lifetime) = match parts[..] {
        [at] => (at, None, None),
        [at, cpu, memory] => (at, Some((cpu, memory)), None),
        [at, cpu, memory, lifetime] => (at, Some((cpu, memory)), Some(lifetime)),
        _ => {
            return Err(format!(
                "a time, cpu and memory, and perhaps a duration are expected here, such as 10m, \
                 500m, 1Gi, 30m, not {line:?}"
            ));
        }
    };
    let time = |text: &str| decode::<Time>(&value(text)).map(|it| it.0);
    let amount = |name, text: &str| Ok::<_, String>((name, leaf::quantity(&value(text))?));
    let requests = match asks {
        Some((cpu, memory)) => vec![amount("cpu", cpu)?, amount("memory", memory)?],
        None => Vec::new(),
    };
    Ok(Coming {
        at: time(at)?,
        requests: requests.into_iter().collect(),
        lifetime: lifetime.map(time).transpose()?,
    })
}

/// A number or a text.
fn value(text: &str) -> Value {
    text.parse::<f64>()
        .map_or_else(|_| text.into(), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Resources;

    #[test]
    fn traces_have_a_pod_on_each_line() {
        let text = "# at, cpu, memory, duration\n10m, 500m, 1Gi, 30m\n90, 2, 0\n";
        let line = |at, cpu, memory, lifetime: Option<i64>| Coming {
            at: Span::from_secs(at),
            requests: Resources {
                milli_cpu: Some(cpu),
                memory: Some(memory),
                ..Resources::default()
            },
            lifetime: lifetime.map(Span::from_secs),
        };
        let want = vec![line(90, 2000, 0, None), line(600, 500, 1 << 30, Some(1800))];
        assert_eq!(trace(text), Ok(want));
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_line() {
        for (text, words) in [
            ("# nothing\n", "there is no pod in this file"),
            (
                "1, 1",
                "line 1: a time, cpu and memory, and perhaps a duration are expected here, such \
                 as 10m, 500m, 1Gi, 30m, not \"1, 1\"",
            ),
            (
                "\nsoon, 1, 1Gi",
                "line 2: \"soon\" is not a duration: write 30s, 1m30s or 250ms",
            ),
            (
                "1, much, 1Gi",
                "line 1: an amount is expected here, such as 8, 500m or 32Gi, not \"much\"",
            ),
        ] {
            assert_eq!(trace(text), Err(words.to_owned()), "{text:?}");
        }
    }
}
