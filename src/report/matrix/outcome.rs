//! What trouble came to, read from the run.

use super::Scene;
use crate::base::{Instant, Span};
use crate::fault::PodLabel;
use crate::model::{ConditionType, JobId, Phase, PodId, RuleId};
use crate::report::attempts::Verdict;
use crate::report::{Ending, PodStory, Run, What, text, why};
use std::collections::BTreeMap;
use std::fmt;

/// The Job that it is all about: the first one to be created.
pub(super) const JOB: JobId = JobId(0);

/// What became of a Job, and of the pod that the trouble was about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The pod that was hit: the first one, unless the trouble chose another. `None` if no pod was
    /// ever created.
    pub pod: Option<PodEnd>,
    /// Whether and when another pod, or another run of its containers, took its place.
    pub replaced: Replacement,
    /// The rule that held the replacement back the longest: a back-off.
    pub held_by: Option<RuleId>,
    /// The most pods at once, compared with the run without trouble.
    pub extra: i64,
    /// How much later the Job completed than without trouble; `None` if it did not, or would not
    /// have.
    pub lost: Option<Span>,
    /// How the Job ended.
    pub ending: Ending,
    /// The condition at which it stays, if it waits for pods that never go (J30).
    pub stays: Option<ConditionType>,
    /// Pods of the Job that are left where it does not end, by `Pending`, `Running` and
    /// `Terminating`.
    pub left: [u32; 3],
    /// Pods created.
    pub created: u32,
    /// `status.failed`
    pub failed: u32,
    /// The most pods at once.
    pub peak: u32,
}

/// How a pod ended, and whether that counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PodEnd {
    /// Its name.
    pub name: String,
    /// What it came to, in a few words: `Failed, exit 137`.
    pub words: String,
    /// `status.reason`, or that of its condition DisruptionTarget.
    pub reason: Option<&'static str>,
    /// Whether that counted.
    pub counted: Verdict,
    /// Why, where it is not plain.
    pub because: Option<String>,
    /// By which rule it counted or did not.
    pub rule: Option<RuleId>,
}

/// Whether and when something took a pod's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Another pod, so long after the trouble came.
    After(Span),
    /// The pod goes on, with new runs of its containers, the first so long after the trouble came.
    Restarted(Span),
    /// Nothing, and it is still missing.
    Never,
    /// Nothing, and nothing is missing: the pod went on, its work is done, or its Job has ended.
    NotNeeded,
}

/// When each pod ended, by its place in the Job, and in which phase.
pub(super) type Ends = BTreeMap<PodLabel, (Option<Instant>, Phase)>;

/// The pods of the Job, in order of creation.
pub(super) fn pods(run: &Run) -> impl Iterator<Item = PodStory<'_>> {
    run.attempts()
        .filter(|it| run.api().pod(it.pod()).job == JOB)
}

pub(super) fn label(run: &Run, pod: PodId) -> PodLabel {
    let stored = run.api().pod(pod);
    PodLabel {
        index: stored.index,
        nth: stored.nth,
    }
}

pub(super) fn ends(run: &Run) -> Ends {
    let end = |it: PodStory<'_>| {
        let phase = run.api().pod(it.pod()).phase;
        (label(run, it.pod()), (it.attempt().ended, phase))
    };
    pods(run).map(end).collect()
}

impl Outcome {
    /// `quiet` is what the Job came to without trouble.
    pub(super) fn of(run: &Run, scene: &Scene, quiet: Option<(&Self, &Ends)>) -> Self {
        let pod = hit(run, scene, quiet.map(|it| it.1));
        let ending = run.ending();
        let peak = run.trace().milestones().first();
        let peak = peak.map_or(0, |it| it.peak_pods);
        let before = quiet.map(|it| it.0);
        let lost = before.and_then(|it| {
            let (before, after) = (it.ending.after()?, ending.after()?);
            let complete = it.ending.is_complete() && ending.is_complete();
            complete.then(|| after - before)
        });
        let (replaced, held_by) = pod.map_or((Replacement::NotNeeded, None), |it| {
            replacement(run, &it, scene)
        });
        let status = &run.api().job(JOB).status;
        let interim = [
            ConditionType::SuccessCriteriaMet,
            ConditionType::FailureTarget,
        ];
        let open = matches!(ending, Ending::Open(_));
        let interim = interim.into_iter().filter(|_| open);
        Self {
            pod: pod.map(|it| PodEnd::of(run, &it)),
            replaced,
            held_by,
            extra: i64::from(peak) - before.map_or(i64::from(peak), |it| i64::from(it.peak)),
            lost,
            stays: interim.into_iter().find(|it| status.holds(*it).is_some()),
            left: if open { left(run) } else { [0; 3] },
            ending,
            created: pods(run).map(|_| 1).sum(),
            failed: status.failed,
            peak,
        }
    }

    /// How the Job ended, in a few words: `Complete in 4m8s`, `does not end: 1 pod Pending`.
    #[must_use]
    pub fn ending_words(&self) -> String {
        if !matches!(self.ending, Ending::Open(_)) {
            return why::headline(&self.ending);
        }
        let names = ["Pending", "Running", "Terminating"];
        let left = self.left.iter().zip(names).filter(|it| *it.0 > 0);
        let left: Vec<String> = left
            .map(|(count, name)| format!("{count} {name}"))
            .collect();
        match (self.stays, left.as_slice()) {
            (_, []) => why::headline(&self.ending),
            (None, left) => format!("does not end: {}", left.join(", ")),
            (Some(ConditionType::FailureTarget), left) => {
                format!("never Failed, only FailureTarget: {}", left.join(", "))
            }
            (Some(_), left) => {
                let left = left.join(", ");
                format!("never Complete, only SuccessCriteriaMet: {left}")
            }
        }
    }

    /// The rules that decided: how the pod counted, what held back its replacement, and how the
    /// Job ended unless it completed.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleId> {
        let counted = self.pod.as_ref().and_then(|it| it.rule);
        let ended = match (&self.ending, self.stays) {
            (Ending::Complete { .. }, _) => None,
            (_, Some(_)) => Some(RuleId::FinalCondition),
            (ending, None) => why::rule_of(ending),
        };
        let mut rules = Vec::new();
        for rule in [counted, self.held_by, ended].into_iter().flatten() {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        rules
    }
}

/// The pod that was hit: the first one if anything became of it that would not have; else the
/// first of which that can be said.
fn hit<'r>(run: &'r Run, scene: &Scene, quiet: Option<&Ends>) -> Option<PodStory<'r>> {
    let known = ends(run);
    let changed = |it: &PodStory<'_>| {
        let label = label(run, it.pod());
        quiet.is_some_and(|quiet| quiet.get(&label) != known.get(&label))
            && run.api().pod(it.pod()).phase != Phase::Succeeded
    };
    let first = pods(run).find(|it| label(run, it.pod()) == scene.pod);
    let touched = first.filter(changed);
    let other = || pods(run).find(|it| changed(it) && quiet_has(quiet, run, it));
    touched.or_else(other).or(first)
}

fn quiet_has(quiet: Option<&Ends>, run: &Run, story: &PodStory<'_>) -> bool {
    quiet.is_some_and(|it| it.contains_key(&label(run, story.pod())))
}

/// Pods that have not ended: Pending, Running, and those asked to terminate.
fn left(run: &Run) -> [u32; 3] {
    let mut left = [0; 3];
    for story in pods(run).filter(|it| it.attempt().gone.is_none()) {
        let pod = run.api().pod(story.pod());
        match pod.phase {
            Phase::Succeeded | Phase::Failed => {}
            _ if pod.deletion.is_some() => left[2] += 1,
            Phase::Pending => left[0] += 1,
            Phase::Running => left[1] += 1,
        }
    }
    left
}

impl PodEnd {
    fn of(run: &Run, story: &PodStory<'_>) -> Self {
        let pod = run.api().pod(story.pod());
        let reason = pod.reason.map(crate::model::PodReason::as_str);
        let disruption = pod.disruption.map(crate::model::Disruption::as_str);
        Self {
            name: story.name(),
            words: words(run, story),
            reason: reason.or(disruption),
            counted: story.counted(),
            because: story.because(),
            rule: story.rule(),
        }
    }
}

/// `Failed, exit 137`, `stays Pending`
fn words(run: &Run, story: &PodStory<'_>) -> String {
    let pod = run.api().pod(story.pod());
    let gone = story.attempt().gone.is_some();
    let mut text = match pod.phase {
        phase if phase.is_final() => phase.as_str().to_owned(),
        phase if gone => format!("deleted, {}", phase.as_str()),
        phase if pod.deletion.is_some() => format!("stays Terminating, {}", phase.as_str()),
        phase => format!("stays {}", phase.as_str()),
    };
    let codes = text::exit_text(run.api(), story.pod());
    if !codes.is_empty() {
        text = format!("{text}, exit {codes}");
    }
    text
}

/// When the pod's place was free, another pod that was created at or after that took it.
fn replacement(run: &Run, story: &PodStory<'_>, scene: &Scene) -> (Replacement, Option<RuleId>) {
    let pod = run.api().pod(story.pod());
    let attempt = story.attempt();
    let came: Instant = run.start() + scene.at;
    let since = |at: Instant| at.since(came).max(Span::ZERO);
    let restart = run.trace().records().iter().find(|it| {
        let restarted = matches!(it.what, What::PodRestarted(pod, _) if pod == story.pod());
        restarted && it.at >= came
    });
    if let Some(restart) = restart {
        return (
            Replacement::Restarted(since(restart.at)),
            Some(RuleId::CrashLoop),
        );
    }
    let left = [attempt.ended, attempt.terminating, attempt.gone];
    let Some(left) = left.into_iter().flatten().min() else {
        let waits = pod.phase == Phase::Pending;
        let never = waits && !run.ending().is_complete();
        let replaced = if never {
            Replacement::Never
        } else {
            Replacement::NotNeeded
        };
        return (replaced, None);
    };
    if story.counted() == Verdict::Success {
        return (Replacement::NotNeeded, None);
    }
    let same_place = |other: &PodStory<'_>| {
        let stored = run.api().pod(other.pod());
        other.pod() != story.pod() && other.attempt().created >= left && stored.index == pod.index
    };
    match pods(run).find(same_place) {
        Some(other) => {
            let created = other.attempt().created;
            let held = held_by(run, left, created);
            (Replacement::After(since(created)), held)
        }
        None if matches!(run.ending(), Ending::Open(_)) && !wants_no_more(run) => {
            (Replacement::Never, None)
        }
        None => (Replacement::NotNeeded, None),
    }
}

/// Whether the Job has all that it wants, or is to fail.
fn wants_no_more(run: &Run) -> bool {
    let status = &run.api().job(JOB).status;
    status.holds(ConditionType::SuccessCriteriaMet).is_some()
        || status.holds(ConditionType::FailureTarget).is_some()
}

/// The back-off at whose end the pod was created.
fn held_by(run: &Run, left: Instant, created: Instant) -> Option<RuleId> {
    let records = run.trace().records().iter().rev();
    let mut waits = records.filter(|it| it.job == JOB && (left..=created).contains(&it.at));
    waits.find_map(|it| match it.what {
        What::Waits(until, _) if until <= created => it.rule,
        _ => None,
    })
}

/// `after 12s`, `restarted after 0s`, `never`, `-`
impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(span) => f.pad(&format!("after {}", text::clock(*span))),
            Self::Restarted(span) => f.pad(&format!("in place after {}", text::clock(*span))),
            Self::Never => f.pad("never"),
            Self::NotNeeded => f.pad("-"),
        }
    }
}
