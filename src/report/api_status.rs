//! A Job's `status` as the API server writes it, in the order in which `kubectl get -o yaml`
//! prints it. Virtual time starts with the Unix epoch: 00:04:12 is four minutes into the run.

use super::Run;
use super::text;
use crate::base::WireTime;
use crate::model::{Condition, JobId, PodId};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// `status` of a Job at the end of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct ApiStatus<'r> {
    pub(super) run: &'r Run,
    pub(super) job: JobId,
}

struct ApiCondition<'r> {
    run: &'r Run,
    job: JobId,
    condition: &'r Condition,
}

/// `metadata.uid` of a pod: its number, in the form of a UUID of version 8 (made up).
fn uid(pod: PodId) -> String {
    format!("00000000-0000-8000-8000-{:012x}", pod.0)
}

/// RFC 3339, in UTC.
pub(super) fn timestamp(time: WireTime) -> String {
    let secs = i64::from(time.secs());
    let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day so many days after 1970-01-01, counting in years that start in March
/// (Howard Hinnant's `civil_from_days`).
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

impl Serialize for ApiStatus<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { run, job } = *self;
        let stored = run.api().job(job);
        let status = &stored.status;
        let mut map = to.serialize_map(None)?;
        if status.active > 0 {
            map.serialize_entry("active", &status.active)?;
        }
        if !status.completed_indexes.is_empty() {
            map.serialize_entry("completedIndexes", &status.completed_indexes.to_string())?;
        }
        if let Some(time) = status.completion_time {
            map.serialize_entry("completionTime", &timestamp(time))?;
        }
        if !status.conditions.is_empty() {
            let all = status.conditions.iter();
            let all = all.map(|condition| ApiCondition {
                run,
                job,
                condition,
            });
            map.serialize_entry("conditions", &all.collect::<Vec<_>>())?;
        }
        if status.failed > 0 {
            map.serialize_entry("failed", &status.failed)?;
        }
        if let Some(indexes) = &status.failed_indexes {
            map.serialize_entry("failedIndexes", &indexes.to_string())?;
        }
        if let Some(ready) = status.ready {
            map.serialize_entry("ready", &ready)?;
        }
        if let Some(time) = status.start_time {
            map.serialize_entry("startTime", &timestamp(time))?;
        }
        if status.succeeded > 0 {
            map.serialize_entry("succeeded", &status.succeeded)?;
        }
        if let Some(terminating) = status.terminating {
            map.serialize_entry("terminating", &terminating)?;
        }
        // The first write of a status brings the field, and it stays.
        if status.ready.is_some() {
            map.serialize_entry("uncountedTerminatedPods", &Uncounted(*self))?;
        }
        map.end()
    }
}

struct Uncounted<'r>(ApiStatus<'r>);

impl Serialize for Uncounted<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let status = &self.0.run.api().job(self.0.job).status;
        let mut map = to.serialize_map(None)?;
        let lists = [
            ("failed", &status.uncounted_failed),
            ("succeeded", &status.uncounted_succeeded),
        ];
        for (name, pods) in lists.iter().filter(|(_, pods)| !pods.is_empty()) {
            let uids: Vec<String> = pods.iter().map(|pod| uid(*pod)).collect();
            map.serialize_entry(name, &uids)?;
        }
        map.end()
    }
}

impl Serialize for ApiCondition<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Condition {
            kind,
            status,
            cause,
            at,
        } = *self.condition;
        let names = |pod| self.run.pod_name(pod);
        let message = text::condition_message(self.run.api(), self.job, cause, &names);
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("lastProbeTime", &timestamp(at))?;
        map.serialize_entry("lastTransitionTime", &timestamp(at))?;
        if !message.is_empty() {
            map.serialize_entry("message", &message)?;
        }
        if !cause.reason().is_empty() {
            map.serialize_entry("reason", cause.reason())?;
        }
        map.serialize_entry("status", if status { "True" } else { "False" })?;
        map.serialize_entry("type", kind.as_str())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_dates() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (252, "1970-01-01T00:04:12Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_583_020_799, "2020-02-29T23:59:59Z"),
            (i32::MAX, "2038-01-19T03:14:07Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(timestamp(WireTime::from_secs(secs)), text);
        }
    }
}
