//! The matrix as text: a table for people, JSON and YAML for programs.

use super::{Cause, Matrix, Outcome, PodEnd, Replacement};
use crate::base::Span;
use crate::model::{ConditionType, RuleId};
use crate::report::attempts::Verdict;
use crate::report::document::{Seconds, field, rule_name};
use crate::report::render::Format;
use crate::report::table::Columns;
use crate::report::{text, yaml};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io::{self, Write};

const HEADS: [&str; 10] = [
    "CAUSE",
    "POD ENDS",
    "REASON",
    "COUNTED",
    "REPLACED",
    "EXTRA",
    "LOST",
    "JOB",
    "RULES",
    "WHAT HAPPENS",
];

impl Matrix {
    /// Writes it as a table, or as an object for programs. `notes` are what the reader should know
    /// about it: assumptions and limits. A format of runs that it does not have is a table.
    ///
    /// # Errors
    ///
    /// Whatever `out` refuses.
    pub fn write(&self, format: Format, notes: &[String], out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            matrix: self,
            notes,
        };
        match format {
            Format::Json => {
                serde_json::to_writer_pretty(&mut *out, &document)?;
                writeln!(out)?;
            }
            Format::Yaml => {
                yaml::write(&document, &mut *out)?;
                writeln!(out)?;
            }
            Format::Wide => self.table(true, notes, out)?,
            _ => self.table(false, notes, out)?,
        }
        out.flush()
    }

    fn table(&self, wide: bool, notes: &[String], out: &mut dyn Write) -> io::Result<()> {
        let mut heads = HEADS;
        if !wide {
            (heads[2], heads[9]) = ("", "");
        }
        let rows: Vec<[String; 10]> = self.rows.iter().map(|it| self.cells(it, wide)).collect();
        let mut columns = Columns::new(heads);
        for row in &rows {
            columns.measure(row);
        }
        writeln!(out, "{}", columns.head())?;
        for row in &rows {
            writeln!(out, "{}", columns.line(row))?;
        }
        writeln!(out)?;
        for line in self.legend() {
            writeln!(out, "{line}")?;
        }
        notes
            .iter()
            .try_for_each(|note| writeln!(out, "note: {note}"))
    }

    /// What the table is about.
    fn legend(&self) -> Vec<String> {
        let (quiet, scene) = (&self.quiet, &self.scene);
        let pods = if quiet.created == 1 { "pod" } else { "pods" };
        let name = quiet.pod.as_ref().map_or("", |it| it.name.as_str());
        vec![
            format!(
                "{}: without trouble {}, with {} {pods}, at most {} at once",
                self.job,
                quiet.ending_words(),
                quiet.created,
                quiet.peak
            ),
            format!(
                "  trouble comes to its first pod, {name}, at {}: {} into its run, which {}",
                text::clock(scene.at),
                text::clock(scene.into),
                scene.run.map_or_else(
                    || "does not end".to_owned(),
                    |it| format!("takes {}", text::clock(it))
                )
            ),
            "  REPLACED: how long after that another pod was created, or a container was restarted"
                .to_owned(),
            "  EXTRA: how many more pods at once; LOST: how much later the Job completes, or all"
                .to_owned(),
            "  RULES: by which it counted, waited and ended: `dryjob explain RULE` tells them"
                .to_owned(),
        ]
    }

    fn cells(&self, (cause, outcome): &(Cause, Outcome), wide: bool) -> [String; 10] {
        let pod = outcome.pod.as_ref();
        let mut ends = pod.map_or_else(|| "never created".to_owned(), |it| it.words.clone());
        let other = pod.map(|it| &it.name) != self.quiet.pod.as_ref().map(|it| &it.name);
        if let Some(pod) = pod.filter(|_| other) {
            ends = format!("{ends} ({})", pod.name);
        }
        let reason = pod.and_then(|it| it.reason).unwrap_or("");
        let extra = match outcome.extra {
            0 => "0".to_owned(),
            n => format!("{n:+}"),
        };
        let decided = outcome.rules();
        let rules = if wide || decided.is_empty() {
            both(cause.rules(), &decided)
        } else {
            decided
        };
        let rules: Vec<String> = rules.iter().map(ToString::to_string).collect();
        [
            cause.to_string(),
            ends,
            reason.to_owned(),
            counted(pod, wide),
            outcome.replaced.to_string(),
            extra,
            self.lost(outcome),
            outcome.ending_words(),
            rules.join(" "),
            cause.what().to_owned(),
        ]
    }

    fn lost(&self, outcome: &Outcome) -> String {
        match outcome.lost {
            Some(lost) => {
                let sign = if lost < Span::ZERO { "-" } else { "" };
                let size = Span::from_micros(lost.micros().abs());
                format!("{sign}{}", text::clock(size))
            }
            None if self.quiet.ending.is_complete() => "all".to_owned(),
            None => "-".to_owned(),
        }
    }
}

/// The rules of the cause, and those that decided.
fn both(of_cause: &[RuleId], decided: &[RuleId]) -> Vec<RuleId> {
    let more = decided.iter().filter(|it| !of_cause.contains(it));
    of_cause.iter().chain(more).copied().collect()
}

/// `as failure`, `no: ignored by rule 0`
fn counted(pod: Option<&PodEnd>, wide: bool) -> String {
    let Some(pod) = pod else {
        return "-".to_owned();
    };
    let word = match pod.counted {
        Verdict::Success => "as success",
        Verdict::Failure => "as failure",
        Verdict::No => "no",
    };
    match &pod.because {
        Some(because) if wide || pod.counted == Verdict::No => format!("{word}: {because}"),
        _ => word.to_owned(),
    }
}

/// `kind: Matrix`
struct Document<'m> {
    matrix: &'m Matrix,
    notes: &'m [String],
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Matrix {
            release,
            job,
            quiet,
            scene,
            rows,
        } = self.matrix;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("apiVersion", "dryjob/v1")?;
        map.serialize_entry("kind", "Matrix")?;
        map.serialize_entry("release", &release.to_string())?;
        map.serialize_entry("job", job)?;
        map.serialize_entry("troubleAt", &Seconds(scene.at))?;
        field(&mut map, "podRuns", scene.run.map(Seconds))?;
        map.serialize_entry("withoutTrouble", &Row(None, quiet))?;
        let rows: Vec<Row<'_>> = rows
            .iter()
            .map(|(cause, it)| Row(Some(*cause), it))
            .collect();
        map.serialize_entry("causes", &rows)?;
        map.serialize_entry("notes", self.notes)?;
        map.end()
    }
}

struct Row<'m>(Option<Cause>, &'m Outcome);

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self(cause, outcome) = self;
        let names =
            |rules: &[RuleId]| -> Vec<String> { rules.iter().map(ToString::to_string).collect() };
        let mut map = to.serialize_map(None)?;
        if let Some(cause) = cause {
            map.serialize_entry("cause", cause.name())?;
            map.serialize_entry("what", cause.what())?;
            map.serialize_entry("causeRules", &names(cause.rules()))?;
        }
        field(&mut map, "pod", outcome.pod.as_ref())?;
        if cause.is_some() {
            map.serialize_entry("replaced", &outcome.replaced)?;
            field(&mut map, "heldBy", rule_name(outcome.held_by))?;
            map.serialize_entry("extraPods", &outcome.extra)?;
            field(&mut map, "timeLost", outcome.lost.map(Seconds))?;
        }
        map.serialize_entry("ending", &outcome.ending)?;
        field(&mut map, "stays", outcome.stays.map(ConditionType::as_str))?;
        map.serialize_entry("podsCreated", &outcome.created)?;
        map.serialize_entry("podsFailed", &outcome.failed)?;
        map.serialize_entry("peakPods", &outcome.peak)?;
        map.serialize_entry("rules", &names(&outcome.rules()))?;
        map.end()
    }
}

impl Serialize for PodEnd {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("ends", &self.words)?;
        field(&mut map, "reason", self.reason)?;
        map.serialize_entry("counted", &self.counted.to_string())?;
        field(&mut map, "because", self.because.as_deref())?;
        field(&mut map, "rule", rule_name(self.rule))?;
        map.end()
    }
}

/// `how` (`Pod`, `InPlace`, `Never` or `NotNeeded`), and `after` in seconds.
impl Serialize for Replacement {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (how, after) = match self {
            Self::After(span) => ("Pod", Some(*span)),
            Self::Restarted(span) => ("InPlace", Some(*span)),
            Self::Never => ("Never", None),
            Self::NotNeeded => ("NotNeeded", None),
        };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("how", how)?;
        field(&mut map, "after", after.map(Seconds))?;
        map.end()
    }
}
