//! What trouble came to, read from the run.

use super::Scene;
use crate::base::{Instant, Span, WireTime};
use crate::fault::PodLabel;
use crate::model::{ConditionType, JobId, Phase, PodId, PodNews, PodReplacementPolicy, RuleId};
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
    /// Another pod, so long after the trouble came; where it was there from the beginning, after
    /// the pod's end.
    After(Span),
    /// The pod goes on, with a new run of its container so long after the trouble came.
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
    /// `came` is when the trouble came, if it was not there from the beginning; `quiet` what the
    /// Job came to without it.
    pub(super) fn of(
        run: &Run,
        scene: &Scene,
        came: Option<Span>,
        quiet: Option<(&Self, &Ends)>,
    ) -> Self {
        let pod = hit(run, scene, quiet.map(|it| it.1));
        let ending = run.ending();
        let peak = run.trace().milestones().first();
        let peak = peak.map_or(0, |it| it.peak_pods);
        let before = quiet.map(|it| it.0);
        let completes = before.is_some_and(|it| it.ending.is_complete());
        let lost = before.and_then(|it| {
            let (before, after) = (it.ending.after()?, ending.after()?);
            let complete = it.ending.is_complete() && ending.is_complete();
            complete.then(|| after - before)
        });
        let (replaced, held_by) = pod.map_or((Replacement::NotNeeded, None), |it| {
            replacement(run, &it, came, completes)
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

    /// How the Job ended, in a few words: `Complete in 4m8s`, `does not end: 1 Pending`; `never
    /// Complete: 1 Terminating` where all is done but a pod that never goes (J30).
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
                format!("never Failed: {}", left.join(", "))
            }
            (Some(_), left) => format!("never Complete: {}", left.join(", ")),
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
        _ if pod.deletion.is_some() => "stays Terminating".to_owned(),
        phase => format!("stays {}", phase.as_str()),
    };
    let codes = text::exit_text(run.api(), story.pod());
    if !codes.is_empty() {
        text = format!("{text}, exit {codes}");
    }
    text
}

/// What took the pod's place: another run of its container, or a pod that was created when the
/// place was free. `completes`: the Job does so without trouble.
fn replacement(
    run: &Run,
    story: &PodStory<'_>,
    came: Option<Span>,
    completes: bool,
) -> (Replacement, Option<RuleId>) {
    let came = came.map(|it| run.start() + it);
    if let Some((exited, restarted)) = restart(run, story.pod(), came) {
        let waited = restarted.since(came.unwrap_or(exited));
        return (Replacement::Restarted(waited), Some(RuleId::CrashLoop));
    }
    let pod = run.api().pod(story.pod());
    let attempt = story.attempt();
    let finished = pod.finished.map(WireTime::instant);
    let left = [attempt.ended, attempt.terminating, attempt.gone];
    let Some(left) = left.into_iter().flatten().min() else {
        // One that has not ended is missing if its Job would have completed with it.
        let missing = completes && !run.ending().is_complete();
        let never = missing.then_some(Replacement::Never);
        return (never.unwrap_or(Replacement::NotNeeded), None);
    };
    if story.counted() == Verdict::Success {
        return (Replacement::NotNeeded, None);
    }
    match successor(run, story) {
        Some(other) => {
            let created = other.attempt().created;
            let since = came.or(finished).unwrap_or(left);
            let waited = created.since(since).max(Span::ZERO);
            (Replacement::After(waited), held_by(run, left, created))
        }
        None if matches!(run.ending(), Ending::Open(_)) && !wants_no_more(run) => {
            (Replacement::Never, None)
        }
        None => (Replacement::NotNeeded, None),
    }
}

/// The pod that was created in the place of one that did not succeed: of an Indexed Job, the next
/// one of the index; else places are filled in the order in which they become free. Those of
/// pods that succeeded are not counted: a Job may not need them any more.
fn successor<'r>(run: &'r Run, story: &PodStory<'r>) -> Option<PodStory<'r>> {
    let spec = &run.api().job(JOB).job.spec;
    let waits = spec.pod_replacement_policy == PodReplacementPolicy::Failed;
    let freed = |it: &PodStory<'_>| {
        let attempt = it.attempt();
        let asked = attempt.terminating.filter(|_| !waits);
        [attempt.ended, asked, attempt.gone]
            .into_iter()
            .flatten()
            .min()
    };
    let own = freed(story)?;
    let is_later = |it: &PodStory<'_>, free| it.attempt().created > free;
    if spec.is_indexed() {
        let same = |it: &PodStory<'_>| it.index() == story.index() && is_later(it, own);
        return pods(run).find(same);
    }
    let lost = pods(run).filter(|it| it.counted() != Verdict::Success);
    let mut places: Vec<(Instant, PodId)> = lost
        .filter_map(|it| Some((freed(&it)?, it.pod())))
        .collect();
    places.sort_unstable();
    let mut places = places.into_iter().peekable();
    for created in pods(run) {
        let next = places.next_if(|(free, _)| is_later(&created, *free));
        if next.is_some_and(|(_, pod)| pod == story.pod()) {
            return Some(created);
        }
    }
    None
}

/// When a container of the pod ended and ran again, the first time after the trouble came.
fn restart(run: &Run, pod: PodId, came: Option<Instant>) -> Option<(Instant, Instant)> {
    let records = run.trace().records().iter();
    let after = records.filter(|it| came.is_none_or(|came| it.at >= came));
    let mut exited = None;
    for record in after {
        match record.what {
            What::News(of, PodNews::Exited(..)) if of == pod => exited = Some(record.at),
            What::News(of, PodNews::Started(_, before)) if of == pod && before > 0 => {
                return Some((exited.unwrap_or(record.at), record.at));
            }
            _ => {}
        }
    }
    None
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

/// `after 12s`, `restarts after 0s`, `never`, `-`
impl fmt::Display for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(span) => f.pad(&format!("after {}", text::clock(*span))),
            Self::Restarted(span) => f.pad(&format!("restarts after {}", text::clock(*span))),
            Self::Never => f.pad("never"),
            Self::NotNeeded => f.pad("-"),
        }
    }
}
