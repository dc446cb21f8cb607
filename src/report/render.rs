//! A run as text: tables for people, JSON and YAML for programs.

use super::document::{Document, Last};
use super::{Run, attempts, text, why, yaml};
use crate::model::{Cause, JobId};
use std::io::{self, Write};

/// An output format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Timeline, attempts and verdict as tables.
    #[default]
    Table,
    /// The same with everything that happened, and the rules behind it.
    Wide,
    /// One JSON object.
    Json,
    /// The same as YAML.
    Yaml,
    /// One JSON object a record.
    Jsonl,
    /// `job.batch/NAME` of each Job.
    Name,
}

/// Writes a run. `notes` are what the reader should know about it: assumptions and limits.
///
/// Writes row by row: the output of a large run never stands in memory as a whole.
///
/// # Errors
///
/// Whatever `out` refuses.
pub fn write(run: &Run, format: Format, notes: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    match format {
        Format::Table => tables(run, false, notes, &mut out)?,
        Format::Wide => tables(run, true, notes, &mut out)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &Document::new(run, notes))?;
            writeln!(out)?;
        }
        Format::Yaml => {
            yaml::write(&Document::new(run, notes), &mut out)?;
            writeln!(out)?;
        }
        Format::Jsonl => {
            for entry in run.records() {
                serde_json::to_writer(&mut out, &entry)?;
                writeln!(out)?;
            }
            serde_json::to_writer(&mut out, &Last::new(run, notes))?;
            writeln!(out)?;
        }
        Format::Name => {
            for workload in &run.scenario().workloads {
                writeln!(out, "job.batch/{}", workload.job.name)?;
            }
        }
    }
    out.flush()
}

fn tables(run: &Run, wide: bool, notes: &[String], out: &mut dyn Write) -> io::Result<()> {
    let mut print = |line: &str| writeln!(out, "{line}");
    if wide {
        run.timeline().wide(&mut print)?;
    } else {
        run.timeline().short(&mut print)?;
    }
    let dropped = run.trace().dropped();
    if dropped > 0 {
        print(&format!("({dropped} later records were not kept)"))?;
    }
    print("")?;
    attempts::table(run, wide, &mut print)?;
    print("")?;
    verdicts(run, &mut print)?;
    for note in notes {
        print(&format!("note: {note}"))?;
    }
    Ok(())
}

fn verdicts(run: &Run, print: &mut dyn FnMut(&str) -> io::Result<()>) -> io::Result<()> {
    let totals = why::totals(run);
    for ((job, ending), totals) in run.endings().iter().zip(&totals) {
        let name = &run.scenario().workloads[job.slot()].job.name;
        print(&format!("{name}: {}", why::headline(ending)))?;
        let created = run.trace().milestones().get(job.slot()).is_some();
        if !created {
            continue;
        }
        if let Some(message) = message(run, *job, ending.cause()) {
            print(&format!("  {message}"))?;
        }
        for (reason, rule) in why::reasons(run, *job, ending, totals) {
            let rule = rule.map_or_else(String::new, |it| format!("   {it}"));
            print(&format!("  {reason}{rule}"))?;
        }
        print(&format!("  {}", why::numbers(run, *job, totals)))?;
    }
    let syncs = run.world().counts().syncs;
    print(&format!(
        "{syncs} syncs of the Job controller, Kubernetes {}",
        run.scenario().release
    ))
}

/// The message of the final condition.
pub(super) fn message(run: &Run, job: JobId, cause: Option<Cause>) -> Option<String> {
    let names = |pod| run.pod_name(pod);
    let message = text::condition_message(run.api(), job, cause?, &names);
    Some(message).filter(|it| !it.is_empty())
}
