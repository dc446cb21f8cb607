//! A number for a whole trace: FNV-1a, 64 bits, over a written-down form of the records.
//!
//! The form is part of the result: each record is its instant (8 bytes, least significant first),
//! its Job (4), the number of its rule (1, or 0), the number of its kind (1), and what the kind
//! carries, every number in 8 bytes and every text behind its length.

mod news;

use super::trace::{Record, Trace, What};
use crate::control::job::Settlement;
use crate::model::{Cause, ConditionType, JobEvent, Phase, PodRefusal};

/// FNV-1a by Fowler, Noll and Vo: for telling runs apart, not for secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    /// Adds bytes.
    pub const fn bytes(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            self.0 = (self.0 ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
    }

    /// Adds a number, as eight bytes.
    pub const fn number(&mut self, number: i64) {
        self.bytes(&number.to_le_bytes());
    }

    /// The digest of what was added.
    #[must_use]
    pub const fn finish(self) -> u64 {
        self.0
    }
}

/// The digest of a trace.
#[must_use]
pub fn of(trace: &Trace) -> u64 {
    let mut digest = Fnv::default();
    for record in trace.records() {
        add(&mut digest, record);
    }
    digest.bytes(&trace.dropped().to_le_bytes());
    digest.finish()
}

fn add(digest: &mut Fnv, record: &Record) {
    digest.number(record.at.micros());
    digest.bytes(&record.job.0.to_le_bytes());
    digest.bytes(&[record.rule.map_or(0, crate::model::RuleId::number)]);
    let (kind, numbers) = form(&record.what);
    digest.bytes(&[kind]);
    for number in numbers {
        digest.number(number);
    }
    if let What::Refused(words) = &record.what {
        digest.bytes(&(words.len() as u64).to_le_bytes());
        digest.bytes(words.as_bytes());
    }
}

/// A kind's number, and up to eight numbers that it carries. The numbers are never changed and
/// never used again.
fn form(what: &What) -> (u8, [i64; 8]) {
    let one = |number: u32| [i64::from(number), 0, 0, 0, 0, 0, 0, 0];
    let two = |a: u32, b: i64| [i64::from(a), b, 0, 0, 0, 0, 0, 0];
    match what {
        What::JobCreated => (1, [0; 8]),
        What::JobPatched { generation } => {
            (2, two(0, i64::from_le_bytes(generation.to_le_bytes())))
        }
        What::JobDeleting => (3, [0; 8]),
        What::JobGone => (4, [0; 8]),
        What::Counts(it) => {
            let numbers = [
                i64::from(it.active),
                i64::from(it.ready),
                i64::from(it.terminating),
                i64::from(it.succeeded),
                i64::from(it.failed),
                it.failed_indexes.map_or(-1, i64::from),
                i64::from(it.state as u8),
                0,
            ];
            (5, numbers)
        }
        What::Condition(it) => {
            let kind = match it.kind {
                ConditionType::Suspended => 1,
                ConditionType::FailureTarget => 2,
                ConditionType::SuccessCriteriaMet => 3,
                ConditionType::Complete => 4,
                ConditionType::Failed => 5,
            };
            let status = i64::from(it.status);
            let mut numbers = [kind, status, i64::from(it.at.secs()), 0, 0, 0, 0, 0];
            numbers[3..].copy_from_slice(&cause(it.cause));
            (6, numbers)
        }
        What::PodCreated(pod) => (7, one(pod.0)),
        What::PodBound(pod) => (8, one(pod.0)),
        What::PodStarted(pod) => (9, one(pod.0)),
        What::PodRestarted(pod, count) => (10, two(pod.0, i64::from(*count))),
        What::PodUnready(pod) => (11, one(pod.0)),
        What::PodEnded(pod, phase) => (12, two(pod.0, i64::from(*phase == Phase::Succeeded))),
        What::PodTerminating(pod, grace) => (13, two(pod.0, i64::from(*grace))),
        What::PodGone(pod) => (14, one(pod.0)),
        What::Event(event, combined) => {
            let mut numbers = [i64::from(*combined), 0, 0, 0, 0, 0, 0, 0];
            numbers[1..7].copy_from_slice(&event_form(*event));
            (15, numbers)
        }
        What::Settled(pod, how) => (16, two(pod.0, settlement(*how))),
        What::Waits(until, failures) => (17, two(*failures, until.micros())),
        What::SyncFailed => (18, [0; 8]),
        What::Refused(_) => (19, [0; 8]),
        What::News(pod, told) => (20, news::pod(pod.0, *told)),
        What::Node(node, told) => (21, news::node(node.0, told)),
    }
}

fn event_form(event: JobEvent) -> [i64; 6] {
    let kind = i64::from(event.similarity());
    match event {
        JobEvent::SuccessfulCreate(pod) | JobEvent::SuccessfulDelete(pod) => {
            [kind, i64::from(pod.0), 0, 0, 0, 0]
        }
        JobEvent::FailedCreate(why) | JobEvent::FailedDelete(why) => {
            let (code, denied) = match why {
                PodRefusal::Status(code) => (i64::from(code), 0),
                PodRefusal::Denied(number) => (403, 1 + i64::from(number)),
            };
            [kind, code, denied, 0, 0, 0]
        }
        JobEvent::Failed(why) => {
            let mut numbers = [kind, 0, 0, 0, 0, 0];
            numbers[1..].copy_from_slice(&cause(why));
            numbers
        }
        JobEvent::Suspended
        | JobEvent::Resumed
        | JobEvent::Completed
        | JobEvent::TooManySucceededPods => [kind, 0, 0, 0, 0, 0],
    }
}

fn cause(cause: Cause) -> [i64; 5] {
    let bare = |kind| [kind, 0, 0, 0, 0];
    match cause {
        Cause::Plain => bare(1),
        Cause::Suspended => bare(2),
        Cause::Resumed => bare(3),
        Cause::BackoffLimitExceeded => bare(4),
        Cause::DeadlineExceeded => bare(5),
        Cause::MaxFailedIndexesExceeded => bare(6),
        Cause::FailedIndexes => bare(7),
        Cause::FailJobOnExitCode {
            pod,
            container,
            code,
            rule,
        } => [
            8,
            i64::from(pod.0),
            i64::from(container),
            i64::from(code),
            i64::from(rule),
        ],
        Cause::FailJobOnCondition { pod, rule } => [9, i64::from(pod.0), i64::from(rule), 0, 0],
        Cause::SuccessPolicy { rule } => [10, i64::from(rule), 0, 0, 0],
        Cause::CompletionsReached => bare(11),
    }
}

fn settlement(how: Settlement) -> i64 {
    match how {
        Settlement::Succeeded => 1,
        Settlement::AlreadySucceeded => 2,
        Settlement::Failed => 3,
        Settlement::FailedUnfinished => 4,
        Settlement::Uncounted => 5,
        Settlement::Ignored(rule) => 100 + i64::from(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vectors() {
        for (text, digest) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            let mut fnv = Fnv::default();
            fnv.bytes(text.as_bytes());
            assert_eq!(fnv.finish(), digest, "{text}");
        }
    }
}
