//! The pods of a run, one row each: when they ran, how they ended, and whether that counted.

use super::Run;
use super::table::Columns;
use super::text;
use super::trace::Attempt;
use crate::base::{Instant, Span};
use crate::control::job::Settlement;
use crate::model::{PodId, RuleId};
use std::fmt;

/// The most rows of a table that is not wide.
const ROWS: usize = 30;
/// Of those, the ones at the end.
const LAST_ROWS: usize = 10;

const HEADS: [&str; 8] = [
    "POD", "INDEX", "START", "END", "RUN", "EXIT", "COUNTED", "RULE",
];

/// A pod's life together with the run that it belongs to.
///
/// It is serialised as one object: name, index, instants in seconds after the Job's creation,
/// exit codes by container, its conditions, and how it counted.
#[derive(Clone, Copy, Debug)]
pub struct PodStory<'r> {
    run: &'r Run,
    pod: PodId,
    attempt: &'r Attempt,
}

/// Whether a pod counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As a success.
    Success,
    /// As a failure.
    Failure,
    /// Not at all.
    No,
}

impl<'r> PodStory<'r> {
    pub(super) const fn new(run: &'r Run, pod: PodId, attempt: &'r Attempt) -> Self {
        Self { run, pod, attempt }
    }

    pub(super) const fn run(&self) -> &'r Run {
        self.run
    }

    /// The pod.
    #[must_use]
    pub const fn pod(&self) -> PodId {
        self.pod
    }

    /// Its milestones.
    #[must_use]
    pub const fn attempt(&self) -> &'r Attempt {
        self.attempt
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        self.run.pod_name(self.pod)
    }

    /// Its completion index, if it has one.
    #[must_use]
    pub fn index(&self) -> Option<u32> {
        self.run.api().pod(self.pod).index
    }

    /// How long its containers ran, from their first start to the last exit.
    #[must_use]
    pub fn ran(&self) -> Option<Span> {
        self.attempt.ran()
    }

    /// Its exit codes, container by container; none while nothing has ended of itself.
    pub fn exit_codes(&self) -> impl Iterator<Item = (&'r str, i32)> + use<'r> {
        text::exit_codes(self.run.api(), self.pod)
    }

    /// Whether it counted.
    #[must_use]
    pub const fn counted(&self) -> Verdict {
        match self.attempt.settled {
            Some(Settlement::Succeeded) => Verdict::Success,
            Some(Settlement::Failed | Settlement::FailedUnfinished) => Verdict::Failure,
            Some(Settlement::AlreadySucceeded | Settlement::Ignored(_) | Settlement::Uncounted)
            | None => Verdict::No,
        }
    }

    /// The rule by which it counted or did not.
    #[must_use]
    pub fn rule(&self) -> Option<RuleId> {
        let settled = self.attempt.settled.map(Settlement::rule);
        match self.counted() {
            Verdict::No => self.attempt.deleted_by.or(settled),
            Verdict::Success | Verdict::Failure => settled,
        }
    }

    /// Why it did not count, or counted in spite of what it looks like.
    #[must_use]
    pub fn because(&self) -> Option<String> {
        let words = match (self.attempt.settled, self.attempt.deleted_by) {
            (Some(Settlement::Succeeded | Settlement::Failed), _) => return None,
            (Some(Settlement::FailedUnfinished), _) => "taken down by its Job's failure",
            (Some(Settlement::Ignored(rule)), _) => return Some(format!("ignored by rule {rule}")),
            (Some(Settlement::AlreadySucceeded), _) => "its index has succeeded before",
            (_, Some(RuleId::TooMany)) => "deleted: too many",
            (_, Some(RuleId::Suspension)) => "deleted: Job suspended",
            (_, Some(RuleId::EndingDeletes)) => "deleted: Job has ended",
            (_, Some(_)) => "deleted",
            (Some(Settlement::Uncounted), None) => "Job has ended or is being deleted",
            (None, None) if self.attempt.gone.is_some() => "gone with its Job",
            (None, None) if self.attempt.ended.is_some() => "not yet",
            (None, None) if self.attempt.terminating.is_some() => "still terminating",
            (None, None) if self.attempt.started.is_some() => "still running",
            (None, None) => "never started",
        };
        Some(words.to_owned())
    }

    fn cells(&self) -> [String; 8] {
        let time = |at: Option<Instant>| at.map(|it| self.run.age(it));
        let clock = |span: Option<Span>| span.map_or_else(|| "<none>".to_owned(), text::clock);
        let exit = text::exit_text(self.run.api(), self.pod);
        let because = self
            .because()
            .map_or_else(String::new, |it| format!(", {it}"));
        let counted = match self.counted() {
            Verdict::Success => "yes, success",
            Verdict::Failure => "yes, failure",
            Verdict::No => "no",
        };
        [
            self.name(),
            self.index()
                .map_or_else(|| "<none>".to_owned(), |it| it.to_string()),
            clock(time(self.attempt.started)),
            clock(time(self.attempt.ended)),
            clock(self.ran()),
            if exit.is_empty() {
                "<none>".to_owned()
            } else {
                exit
            },
            format!("{counted}{because}"),
            self.rule().map_or_else(String::new, |it| it.to_string()),
        ]
    }
}

/// The table of attempts, row by row without line ends; of a table that is not wide, at most 30.
pub(super) fn table<E>(
    run: &Run,
    wide: bool,
    print: &mut dyn FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let total = run.trace().attempts().len();
    if total == 0 {
        return print("No pod was created.");
    }
    let mut heads = HEADS;
    let jobs = &run.scenario().workloads;
    if !jobs.iter().any(|it| it.job.spec.is_indexed()) {
        heads[1] = "";
    }
    let cut = !wide && total > ROWS;
    let gap = if cut {
        ROWS - LAST_ROWS..total - LAST_ROWS
    } else {
        0..0
    };
    let mut columns = Columns::new(heads);
    for (_, story) in run
        .attempts()
        .enumerate()
        .filter(|(place, _)| !gap.contains(place))
    {
        columns.measure(&story.cells());
    }
    print(&columns.head())?;
    for (place, story) in run.attempts().enumerate() {
        if place == gap.start && cut {
            print(&format!("...  {} more: -o wide shows all", gap.len()))?;
        }
        if !gap.contains(&place) {
            print(&columns.line(&story.cells()))?;
        }
    }
    Ok(())
}

/// `success`, `failure`, `no`
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::No => "no",
        })
    }
}
