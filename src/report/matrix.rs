//! What each kind of trouble does to a Job: found by playing the scenario once without, and once
//! with each of them.

mod cause;
mod outcome;

use super::table::Columns;
use super::{PodStory, Run, RunError, text};
use crate::base::{Seed, Span};
use crate::fault::PodLabel;
use crate::sim::Scenario;
pub use cause::Cause;
pub use outcome::{Outcome, Replacement};

/// What each cause does to the first Job of a scenario.
#[derive(Clone, Debug)]
pub struct Matrix {
    quiet: Outcome,
    when: Span,
    pod: String,
    rows: Vec<(Cause, Option<Outcome>)>,
}

/// Where and when the trouble comes.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// The pod that it is about: the first one.
    pub pod: PodLabel,
    /// When: in the middle of that pod's run.
    pub at: Span,
    /// How long that pod runs.
    pub run: Span,
    /// When the Job ends without trouble, or for how long it is watched.
    pub end: Span,
}

const HEADS: [&str; 8] = [
    "CAUSE", "POD ENDS", "COUNTED", "RULE", "REPLACED", "EXTRA PODS", "TIME LOST", "JOB",
];

impl Matrix {
    /// Plays the scenario with each cause. `played` is told of each run, for progress.
    ///
    /// # Errors
    ///
    /// The scenario contradicts itself: see [`RunError`].
    pub fn of(
        scenario: &Scenario,
        seed: Seed,
        mut played: impl FnMut(usize, usize),
    ) -> Result<Self, RunError> {
        let quiet = scenario.run(seed)?;
        let (scene, pod) = Self::scene(&quiet);
        let before = Outcome::of(&quiet, &scene, None);
        let mut rows = Vec::with_capacity(Cause::ALL.len());
        for (done, cause) in Cause::ALL.iter().enumerate() {
            played(done, Cause::ALL.len());
            let mut troubled = scenario.clone();
            let outcome = if cause.strikes(&mut troubled, &scene) {
                let run = troubled.run(seed)?;
                Some(Outcome::of(&run, &scene, Some(&before)))
            } else {
                None
            };
            rows.push((*cause, outcome));
        }
        Ok(Self {
            quiet: before,
            when: scene.at,
            pod,
            rows,
        })
    }

    /// The first pod, in the middle of its run.
    fn scene(quiet: &Run) -> (Scene, String) {
        let end = quiet.ending().after().unwrap_or(quiet.scenario().until);
        let Some(pod) = quiet.attempts().next() else {
            let pod = PodLabel {
                index: None,
                nth: 0,
            };
            let (at, run) = (Span::ZERO, Span::ZERO);
            return (Scene { pod, at, run, end }, String::new());
        };
        let attempt = pod.attempt();
        let from = attempt.started.unwrap_or(attempt.created);
        let to = attempt.ended.unwrap_or(quiet.start() + end);
        let run = to.since(from);
        let middle = Span::from_micros(quiet.age(from).micros() + run.micros() / 2);
        // On a whole second, so that the table is easy to follow.
        let at = Span::from_secs((middle.micros() / 1_000_000).max(1));
        let label = label(quiet, &pod);
        let scene = Scene {
            pod: label,
            at,
            run,
            end,
        };
        (scene, pod.name())
    }

    /// The run without trouble.
    #[must_use]
    pub const fn quiet(&self) -> &Outcome {
        &self.quiet
    }

    /// When the trouble comes, after the Job's creation.
    #[must_use]
    pub const fn when(&self) -> Span {
        self.when
    }

    /// Each cause and what it does; `None` where it cannot strike this Job.
    #[must_use]
    pub fn rows(&self) -> &[(Cause, Option<Outcome>)] {
        &self.rows
    }

    /// The table, row by row without line ends.
    ///
    /// # Errors
    ///
    /// Those of `print`.
    pub fn print<E>(
        &self,
        wide: bool,
        print: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let rows: Vec<[String; 8]> = self.rows.iter().map(|row| cells(row, wide)).collect();
        let mut columns = Columns::new(HEADS);
        rows.iter().for_each(|row| columns.measure(row));
        print(&columns.head())?;
        for row in &rows {
            print(&columns.line(row))?;
        }
        print("")?;
        print(&format!(
            "without trouble: {}, {} pods, at most {} at once",
            self.quiet.ending, self.quiet.pods, self.quiet.peak
        ))?;
        print(&format!(
            "the trouble comes at {}, to {} where it is about one pod",
            text::clock(self.when),
            self.pod
        ))
    }
}

fn label(run: &Run, pod: &PodStory<'_>) -> PodLabel {
    let stored = run.api().pod(pod.pod());
    PodLabel {
        index: stored.index,
        nth: stored.nth,
    }
}

fn cells((cause, outcome): &(Cause, Option<Outcome>), wide: bool) -> [String; 8] {
    let name = if wide {
        format!("{} ({})", cause.title(), cause.detail())
    } else {
        cause.title().to_owned()
    };
    let Some(outcome) = outcome else {
        let mut cells: [String; 8] = Default::default();
        cells[0] = name;
        "cannot happen to this Job".clone_into(&mut cells[1]);
        return cells;
    };
    let signed = |extra: i64| match extra {
        0 => "0".to_owned(),
        n => format!("{n:+}"),
    };
    let lost = outcome.lost.map_or_else(
        || "-".to_owned(),
        |it| {
            let sign = if it < Span::ZERO { "-" } else { "" };
            let size = Span::from_micros(it.micros().abs());
            format!("{sign}{}", text::clock(size))
        },
    );
    [
        name,
        outcome.pod_end.clone(),
        outcome.counted_text(),
        outcome.rule.map_or_else(String::new, |it| it.to_string()),
        outcome.replaced.to_string(),
        signed(outcome.extra),
        lost,
        outcome.ending.to_string(),
    ]
}
