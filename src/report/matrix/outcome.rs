//! What trouble came to, read from the run.

use super::Scene;
use crate::base::{Instant, Span};
use crate::model::{Phase, RuleId};
use crate::report::attempts::Verdict;
use crate::report::{Ending, PodStory, Run, text};
use std::fmt;

/// What became of the pod that the trouble was about, and of its Job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How the pod ended.
    pub pod_end: String,
    /// Whether that counted.
    pub counted: Verdict,
    /// Why, where it is not plain.
    pub because: Option<String>,
    /// By which rule it counted or did not.
    pub rule: Option<RuleId>,
    /// Whether and when another pod took its place.
    pub replaced: Replacement,
    /// The most pods at once, compared with the run without trouble.
    pub extra: i64,
    /// How much later the Job completed than without trouble; `None` if it did not.
    pub lost: Option<Span>,
    /// How the Job ended.
    pub ending: Ending,
    /// Pods created.
    pub pods: usize,
    /// The most pods at once.
    pub peak: u32,
}

/// Whether and when another pod took a pod's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// So long after the trouble came.
    After(Span),
    /// Not, and the pod is still needed.
    Never,
    /// Not, and it need not be: the pod goes on, or its work is done.
    NotNeeded,
}

impl Outcome {
    pub(super) fn of(run: &Run, scene: &Scene, quiet: Option<&Self>) -> Self {
        let pod = run.attempts().find(|it| super::label(run, it) == scene.pod);
        let ending = run.ending();
        let peak = (run.trace().milestones().first()).map_or(0, |it| it.peak_pods);
        let lost = quiet.and_then(|it| {
            let (before, after) = (it.ending.after()?, ending.after()?);
            let complete = it.ending.is_complete() && ending.is_complete();
            complete.then(|| Span::from_micros(after.micros() - before.micros()))
        });
        Self {
            pod_end: pod.map_or_else(|| "never created".to_owned(), |it| end(run, &it)),
            counted: pod.map_or(Verdict::No, |it| it.counted()),
            because: pod.and_then(|it| it.because()),
            rule: pod.and_then(|it| it.rule()),
            replaced: pod.map_or(Replacement::NotNeeded, |it| replacement(run, &it, scene)),
            extra: i64::from(peak) - quiet.map_or(i64::from(peak), |it| i64::from(it.peak)),
            lost,
            ending,
            pods: run.attempts().count(),
            peak,
        }
    }

    pub(super) fn counted_text(&self) -> String {
        let counted = match self.counted {
            Verdict::Success => "yes, success",
            Verdict::Failure => "yes, failure",
            Verdict::No => "no",
        };
        match &self.because {
            Some(because) => format!("{counted}: {because}"),
            None => counted.to_owned(),
        }
    }
}

/// `Failed, exit 137, DisruptionTarget`, `Pending for ever`
fn end(run: &Run, story: &PodStory<'_>) -> String {
    let pod = run.api().pod(story.pod());
    let mut text = match (pod.phase, story.attempt().gone) {
        (phase, _) if phase.is_final() => phase.as_str().to_owned(),
        (Phase::Pending, Some(_)) => "deleted before it ran".to_owned(),
        (_, Some(_)) => "deleted".to_owned(),
        (phase, None) if pod.deletion.is_some() => {
            format!("Terminating for ever, {}", phase.as_str())
        }
        (phase, None) => format!("{} for ever", phase.as_str()),
    };
    if let Some(reason) = pod.reason {
        text = format!("{text}, {}", reason.as_str());
    }
    let codes = text::exit_text(run.api(), story.pod());
    if !codes.is_empty() {
        text = format!("{text}, exit {codes}");
    }
    if let Some(by) = pod.disruption {
        text = format!("{text}, {}", by.as_str());
    }
    text
}

/// When the pod's place was free, another pod that was created at or after that took it.
fn replacement(run: &Run, story: &PodStory<'_>, scene: &Scene) -> Replacement {
    let pod = run.api().pod(story.pod());
    let attempt = story.attempt();
    let left = [attempt.ended, attempt.terminating, attempt.gone];
    let Some(left) = left.into_iter().flatten().min() else {
        let done = run.ending().is_complete();
        return if done || pod.phase == Phase::Running {
            Replacement::NotNeeded
        } else {
            Replacement::Never
        };
    };
    if pod.phase == Phase::Succeeded && story.counted() == Verdict::Success {
        return Replacement::NotNeeded;
    }
    let same_place = |other: &PodStory<'_>| {
        let stored = run.api().pod(other.pod());
        other.pod() != story.pod() && other.attempt().created >= left && stored.index == pod.index
    };
    let came: Instant = run.start() + scene.at;
    match run.attempts().find(same_place) {
        Some(other) => {
            let waited = other.attempt().created.since(came);
            Replacement::After(waited.max(Span::ZERO))
        }
        None if run.ending().is_complete() => Replacement::NotNeeded,
        None => Replacement::Never,
    }
}

/// `after 12s`, `never`, `-`
impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(span) => f.pad(&format!("after {}", text::clock(*span))),
            Self::Never => f.pad("never"),
            Self::NotNeeded => f.pad("-"),
        }
    }
}
