//! `dryjob conformance`: plays recordings of Kubernetes and tells where the model does otherwise.

mod admission;
mod decode;
mod difference;
mod play;
mod suite;
mod texts;

use super::failure::{Code, Failure, Outcome};
use super::lines::{Line, Lines};
use super::tell;
use crate::model::Release;
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use suite::Part;

/// Threads that play.
const THREADS: usize = 2;
/// Lines that are read ahead of the oldest one that is not yet told of.
const WINDOW: usize = 16;

/// Plays recordings of Kubernetes, and tells where dryjob does otherwise
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What is recorded
    #[arg(value_enum)]
    suite: Suite,
    /// Files (*.jsonl, *.jsonl.gz), archives of them (*.tgz), or folders: a name that begins with
    /// a release, such as 1.31.jsonl.gz, is played with that release, and 1.31.same lists the
    /// recordings of the newest file that are the same in that release
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Play everything with this release, whatever the file's name
    #[arg(long, value_name = "RELEASE")]
    kubernetes: Option<Release>,
    /// Play only the recording with this id
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Play only the first recordings of each file
    #[arg(long, value_name = "N")]
    first: Option<usize>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Suite {
    /// The Job and TTL controllers
    Jobs,
    /// The scheduler
    Scheduler,
    /// The whole control plane on small clusters
    Cluster,
    /// The API server's verdicts on new and changed Jobs and CronJobs; with --kubernetes 1.35, the
    /// verdicts in NAME.diff-1.35.jsonl.gz take the place of those in NAME.jsonl.gz
    Admission,
    /// What Kubernetes' decoders make of files: *.tgz, or a folder with expected.txt
    Decode,
    /// Resource quantities: a folder with in.txt.gz and expected.txt.gz
    Quantities,
    /// Schedules of CronJobs and their starts: a folder with in.txt.gz and expected.txt.gz
    CronExpressions,
}

/// What the steps of a recording are about.
#[derive(Clone, Copy, Debug)]
enum Steps {
    Jobs,
    Scheduler,
    Cluster,
}

/// How many were played, and how many of them agree.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    played: usize,
    agree: usize,
}

/// A recording to be played.
struct Task {
    suite: Steps,
    line: Line,
    release: Release,
}

/// What came of it: nothing if it agrees, else where it differs.
type Answer = Result<Option<String>, Failure>;

impl Arguments {
    /// Exit code 1 if a recording does not agree.
    pub(super) fn run(&self) -> Outcome {
        let mut out = tell::coloured_output();
        let tally = match self.suite {
            Suite::Jobs => self.steps(Steps::Jobs, &mut out)?,
            Suite::Scheduler => self.steps(Steps::Scheduler, &mut out)?,
            Suite::Cluster => self.steps(Steps::Cluster, &mut out)?,
            Suite::Admission => admission::run(self, &mut out)?,
            Suite::Decode => decode::run(self, &mut out)?,
            Suite::Quantities => texts::run(self, &mut out, texts::quantity)?,
            Suite::CronExpressions => texts::run(self, &mut out, texts::cron)?,
        };
        if tally.played == 0 && !self.only.is_empty() {
            let ids = self.only.join(", ");
            return Err(Failure::unreadable(format!(
                "no recording has the id {ids}"
            )));
        }
        writeln!(out, "agree {} of {}", tally.agree, tally.played)?;
        out.flush()?;
        let all = tally.agree == tally.played;
        Ok(if all { Code::Fine } else { Code::Negative })
    }

    /// Plays recordings that have steps.
    fn steps(&self, steps: Steps, out: &mut impl Write) -> Result<Tally, Failure> {
        let mut parts = Vec::new();
        for path in &self.paths {
            parts.extend(suite::parts(path, self.kubernetes)?);
        }
        thread::scope(|scope| {
            let mut workers = Workers::default();
            for _ in 0..THREADS {
                let (to_worker, tasks) = channel();
                let (answers, from_worker) = channel();
                workers.lanes.push((to_worker, from_worker));
                scope.spawn(move || work(&tasks, &answers));
            }
            for part in &parts {
                self.play(part, steps, &mut workers, out)?;
            }
            workers.finish(out)
        })
    }

    fn play(
        &self,
        part: &Part,
        suite: Steps,
        workers: &mut Workers,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let mut lines: Lines = part.open()?;
        let mut missing: BTreeSet<&str> = part.only.iter().flatten().map(String::as_str).collect();
        let mut played = 0;
        while self.first.is_none_or(|first| played < first) {
            let Some(line) = lines.next()? else { break };
            if part.only.is_some() || !self.only.is_empty() {
                let id = line.id()?;
                let listed = part.only.is_none() || missing.remove(&*id);
                if !listed || !(self.only.is_empty() || self.only.iter().any(|it| *it == id)) {
                    continue;
                }
            }
            played += 1;
            let release = part.release;
            workers.give(
                Task {
                    suite,
                    line,
                    release,
                },
                out,
            )?;
        }
        match missing.first() {
            Some(id) if self.first.is_none() => Err(Failure::unreadable(format!(
                "{} lists {id:?}, but {} has no recording with that id",
                part.list, part.name
            ))),
            _ => Ok(()),
        }
    }
}

/// Threads that play, each with its own lane: tasks go to them in turn, and their answers are
/// taken in the same turn, so that the output does not depend on who was quicker.
#[derive(Default)]
struct Workers {
    lanes: Vec<(Sender<Task>, Receiver<Answer>)>,
    given: usize,
    tally: Tally,
}

impl Workers {
    fn give(&mut self, task: Task, out: &mut impl Write) -> Result<(), Failure> {
        if self.given - self.tally.played >= WINDOW {
            self.take(out)?;
        }
        let (tasks, _) = &self.lanes[self.given % self.lanes.len()];
        self.given += 1;
        tasks.send(task).map_err(|_| lost())
    }

    fn take(&mut self, out: &mut impl Write) -> Result<(), Failure> {
        let (_, answers) = &self.lanes[self.tally.played % self.lanes.len()];
        self.tally.played += 1;
        match answers.recv().map_err(|_| lost())?? {
            None => self.tally.agree += 1,
            Some(difference) => writeln!(out, "{difference}")?,
        }
        Ok(())
    }

    fn finish(mut self, out: &mut impl Write) -> Result<Tally, Failure> {
        while self.tally.played < self.given {
            self.take(out)?;
        }
        Ok(self.tally)
    }
}

fn lost() -> Failure {
    Failure::Sentence(
        Code::Limit,
        "a thread that plays recordings is lost".to_owned(),
    )
}

fn work(tasks: &Receiver<Task>, answers: &Sender<Answer>) {
    for task in tasks {
        // Nobody takes the answer when the program is about to end.
        if answers.send(task.play()).is_err() {
            return;
        }
    }
}
