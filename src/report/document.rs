//! A run as one object for programs, written while it is read: nothing of it is built in memory.

use super::api_status::ApiStatus;
use super::attempts::PodStory;
use super::trace::{Counts, What};
use super::verdict::{Ending, Hang};
use super::why::{self, Totals};
use super::{Entry, Run, render, text};
use crate::base::Span;
use crate::model::{JobId, PodId, RuleId};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// `kind: Run`
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'r> {
    run: &'r Run,
    notes: &'r [String],
}

/// The last line of a run written record by record: everything but the records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last<'r>(Document<'r>);

impl<'r> Document<'r> {
    pub(super) const fn new(run: &'r Run, notes: &'r [String]) -> Self {
        Self { run, notes }
    }

    fn head<M: SerializeMap>(&self, map: &mut M, kind: &str) -> Result<(), M::Error> {
        map.serialize_entry("apiVersion", "dryjob/v1")?;
        map.serialize_entry("kind", kind)?;
        map.serialize_entry("release", &self.run.scenario().release.to_string())?;
        map.serialize_entry("digest", &format!("{:016x}", self.run.digest()))?;
        map.serialize_entry("syncs", &self.run.world().counts().syncs)
    }

    fn jobs<M: SerializeMap>(&self, map: &mut M, attempts: bool) -> Result<(), M::Error> {
        let run = self.run;
        let all = why::totals(run).into_iter().zip(run.endings());
        let jobs = all.map(|(totals, (id, ending))| JobStory {
            run,
            id,
            ending,
            totals,
            attempts,
        });
        map.serialize_entry("jobs", &jobs.collect::<Vec<_>>())
    }

    fn tail<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let dropped = self.run.trace().dropped();
        if dropped > 0 {
            map.serialize_entry("droppedRecords", &dropped)?;
        }
        map.serialize_entry("notes", self.notes)
    }
}

impl<'r> Last<'r> {
    pub(super) const fn new(run: &'r Run, notes: &'r [String]) -> Self {
        Self(Document::new(run, notes))
    }
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.head(&mut map, "Run")?;
        self.jobs(&mut map, true)?;
        map.serialize_entry("timeline", &Each(|| self.run.records()))?;
        self.tail(&mut map)?;
        map.end()
    }
}

impl Serialize for Last<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        self.0.head(&mut map, "Verdict")?;
        self.0.jobs(&mut map, false)?;
        self.0.tail(&mut map)?;
        map.end()
    }
}

/// A list whose items are made one by one.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq((self.0)())
    }
}

/// A length of time in seconds, as a whole number where it is one.
pub(super) struct Seconds(pub(super) Span);

impl Serialize for Seconds {
    #[allow(clippy::cast_precision_loss)] // microseconds of a run are far below 2⁵³
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.micros() {
            micros if micros % 1_000_000 == 0 => to.serialize_i64(micros / 1_000_000),
            micros => to.serialize_f64(micros as f64 / 1e6),
        }
    }
}

struct ExitCodes<'r>(&'r Run, PodId);

impl Serialize for ExitCodes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(text::exit_codes(self.0.api(), self.1))
    }
}

/// Writes a field that may be missing.
pub(super) fn field<M: SerializeMap>(
    map: &mut M,
    name: &'static str,
    value: Option<impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

pub(super) fn rule_name(rule: Option<RuleId>) -> Option<String> {
    rule.map(|it| it.to_string())
}

struct JobStory<'r> {
    run: &'r Run,
    id: JobId,
    ending: Ending,
    totals: Totals,
    attempts: bool,
}

impl Serialize for JobStory<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self {
            run,
            id,
            ending,
            totals,
            ..
        } = self;
        let job = &run.scenario().workloads[id.slot()].job;
        let milestones = run.trace().milestones().get(id.slot());
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", &job.name)?;
        map.serialize_entry("namespace", &job.namespace)?;
        map.serialize_entry("ending", ending)?;
        if let Some(milestones) = milestones {
            field(
                &mut map,
                "message",
                render::message(run, *id, ending.cause()),
            )?;
            map.serialize_entry("why", &Reasons(why::reasons(run, *id, ending, totals)))?;
            map.serialize_entry("podsCreated", &totals.created)?;
            map.serialize_entry("peakPods", &milestones.peak_pods)?;
            field(
                &mut map,
                "deletedAt",
                milestones.gone.map(|it| Seconds(run.age(it))),
            )?;
            map.serialize_entry("status", &ApiStatus { run, job: *id })?;
        }
        if self.attempts {
            map.serialize_entry("attempts", &Each(|| why::pods_of(run, *id)))?;
        }
        map.end()
    }
}

struct Reasons(Vec<why::Reason>);

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|(text, rule)| ReasonWords(text, *rule)))
    }
}

struct ReasonWords<'a>(&'a str, Option<RuleId>);

impl Serialize for ReasonWords<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("text", self.0)?;
        field(&mut map, "rule", rule_name(self.1))?;
        map.end()
    }
}

/// `verdict` (`Complete`, `Failed`, `Deleted` or `Open`), `after` in seconds, `reason`, `rule`;
/// for an open end what holds it up.
impl Serialize for Ending {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let verdict = match self {
            Self::Complete { .. } => "Complete",
            Self::Failed { .. } => "Failed",
            Self::Deleted { .. } => "Deleted",
            Self::Open(_) => "Open",
        };
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("verdict", verdict)?;
        field(&mut map, "after", self.after().map(Seconds))?;
        match self {
            Self::Open(hang) => {
                map.serialize_entry("reason", hang.reason())?;
                map.serialize_entry("detail", &hang.to_string())?;
            }
            _ => field(
                &mut map,
                "reason",
                self.cause().map(crate::model::Cause::reason),
            )?,
        }
        field(&mut map, "rule", rule_name(why::rule_of(self)))?;
        map.end()
    }
}

impl Hang {
    /// A word for it.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NeverCreated => "NeverCreated",
            Self::Suspended => "Suspended",
            Self::ManagedElsewhere(_) => "ManagedElsewhere",
            Self::NoParallelism => "NoParallelism",
            Self::Stuck { .. } => "Stuck",
            Self::StillRunning { .. } => "StillRunning",
        }
    }
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (run, what) = (self.run(), &self.record().what);
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("at", &Seconds(self.at()))?;
        map.serialize_entry("kind", kind(what))?;
        map.serialize_entry("job", self.job_name())?;
        field(&mut map, "pod", self.pod().map(|pod| run.pod_name(pod)))?;
        field(&mut map, "type", filled(self.event()))?;
        map.serialize_entry("reason", &self.reason())?;
        field(&mut map, "message", filled(&self.message()))?;
        match what {
            What::Counts(counts) => map.serialize_entry("counts", counts)?,
            What::PodEnded(pod, _) => map.serialize_entry("exitCodes", &ExitCodes(run, *pod))?,
            What::PodTerminating(_, grace) => map.serialize_entry("gracePeriodSeconds", grace)?,
            What::PodRestarted(_, count) => map.serialize_entry("restarts", count)?,
            What::Waits(until, failures) => {
                map.serialize_entry("until", &Seconds(run.age(*until)))?;
                map.serialize_entry("failures", failures)?;
            }
            _ => {}
        }
        field(&mut map, "rule", rule_name(self.rule()))?;
        map.end()
    }
}

const fn kind(what: &What) -> &'static str {
    match what {
        What::JobCreated => "JobCreated",
        What::JobPatched { .. } => "JobPatched",
        What::JobDeleting => "JobDeleting",
        What::JobGone => "JobGone",
        What::Counts(_) => "Counts",
        What::Condition(_) => "Condition",
        What::PodCreated(_) => "PodCreated",
        What::PodBound(_) => "PodBound",
        What::PodStarted(_) => "PodStarted",
        What::PodRestarted(..) => "PodRestarted",
        What::PodUnready(_) => "PodUnready",
        What::PodEnded(..) => "PodEnded",
        What::PodTerminating(..) => "PodTerminating",
        What::PodGone(_) => "PodGone",
        What::Event(..) => "Event",
        What::Settled(..) => "Settled",
        What::Waits(..) => "Waits",
        What::SyncFailed => "SyncFailed",
        What::Refused(_) => "Refused",
        What::News(..) => "PodNews",
        What::Node(..) => "NodeNews",
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("active", &self.active)?;
        map.serialize_entry("ready", &self.ready)?;
        map.serialize_entry("terminating", &self.terminating)?;
        map.serialize_entry("succeeded", &self.succeeded)?;
        map.serialize_entry("failed", &self.failed)?;
        field(&mut map, "failedIndexes", self.failed_indexes)?;
        map.end()
    }
}

impl Serialize for PodStory<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (run, attempt) = (self.run(), self.attempt());
        let pod = run.api().pod(self.pod());
        let seconds = |at: Option<crate::base::Instant>| at.map(|it| Seconds(run.age(it)));
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("pod", &self.name())?;
        field(&mut map, "index", self.index())?;
        map.serialize_entry("created", &Seconds(run.age(attempt.created)))?;
        field(&mut map, "scheduled", seconds(attempt.bound))?;
        let node = attempt.node.and_then(|it| run.api().node(it));
        field(&mut map, "node", node.map(|it| it.node.name.clone()))?;
        field(&mut map, "started", seconds(attempt.started))?;
        field(&mut map, "ended", seconds(attempt.ended))?;
        field(&mut map, "terminating", seconds(attempt.terminating))?;
        field(&mut map, "deleted", seconds(attempt.gone))?;
        field(&mut map, "ran", self.ran().map(Seconds))?;
        map.serialize_entry("phase", pod.phase.as_str())?;
        map.serialize_entry("exitCodes", &ExitCodes(run, self.pod()))?;
        map.serialize_entry("conditions", &self.conditions())?;
        if pod.restarts > 0 {
            map.serialize_entry("restarts", &pod.restarts)?;
        }
        map.serialize_entry("counted", &self.counted().to_string())?;
        field(&mut map, "because", self.because())?;
        field(&mut map, "rule", rule_name(self.rule()))?;
        map.end()
    }
}
