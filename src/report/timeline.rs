//! The timeline: what happened, as `kubectl get events` and `kubectl get jobs -w` would show it.

use super::Run;
use super::entry::{Crowd, Entry, pod_of};
use super::table::Columns;
use super::text;
use super::trace::{Counts, Record, What};
use crate::base::IndexSet;
use crate::control::job::Settlement;
use crate::model::{ExitCodes, ExitReason, JobEvent, NodeId, Phase, PodId, PodNews};
use std::collections::BTreeSet;
use std::fmt;

/// The most rows of a table that is not wide.
const ROWS: usize = 60;
/// Of those, rows that tell something special, wherever they stand.
const KEY_ROWS: usize = 30;
/// Of the rest, those at the end.
const LAST_ROWS: usize = 15;

/// The timeline of a run as a table; `Display` writes it. What happened to several pods at one
/// instant is one row, and long timelines lose what a reader misses least.
#[derive(Clone, Copy, Debug)]
pub struct Timeline<'r> {
    run: &'r Run,
}

/// Things of one kind at one instant.
#[derive(Debug)]
struct Row<'r> {
    record: &'r Record,
    shape: Shape,
    crowd: Crowd,
}

/// What records have in common that make one row.
#[derive(Debug, PartialEq)]
struct Shape {
    record: Record,
    exit: ExitCodes,
    node: Option<NodeId>,
    disrupted: bool,
    stopped: bool,
}

type Cells = [String; 6];
type Print<'a, E> = dyn FnMut(&str) -> Result<(), E> + 'a;

const HEADS: [&str; 6] = ["TIME", "OBJECT", "EVENT", "REASON", "MESSAGE", "RULE"];

impl<'r> Timeline<'r> {
    pub(super) const fn new(run: &'r Run) -> Self {
        Self { run }
    }

    /// Every record, each in its own row, with the titles of the rules. Rows are handed out one
    /// by one, without their line ends.
    pub(super) fn wide<E>(self, print: &mut Print<'_, E>) -> Result<(), E> {
        let mut columns = Columns::new(HEADS);
        for entry in self.run.records() {
            columns.measure(&wide_cells(&entry));
        }
        print(&columns.head())?;
        for entry in self.run.records() {
            print(&columns.line(&wide_cells(&entry)))?;
        }
        Ok(())
    }

    /// The rows that a reader needs.
    pub(super) fn short<E>(self, print: &mut Print<'_, E>) -> Result<(), E> {
        let (mut total, mut keys) = (0, Vec::new());
        self.fold(&mut |row| {
            if row.is_key() {
                keys.push(total);
            }
            total += 1;
        });
        let chosen = choose(total, &keys);
        let (mut place, mut rows) = (0, Vec::with_capacity(chosen.len()));
        let mut columns = Columns::new(HEADS);
        self.fold(&mut |row| {
            if chosen.contains(&place) {
                let cells = self.cells(&row);
                columns.measure(&cells);
                rows.push((place, cells));
            }
            place += 1;
        });
        print(&columns.head())?;
        let mut next = 0;
        for (place, cells) in &rows {
            if *place > next {
                print(&left_out(place - next))?;
            }
            print(&columns.line(cells))?;
            next = place + 1;
        }
        if total > rows.len() {
            let missing = total - rows.len();
            print(&format!(
                "({missing} of {total} rows are left out: -o wide shows all of it)"
            ))?;
        }
        Ok(())
    }

    fn cells(self, row: &Row<'_>) -> Cells {
        let entry = Entry::new(self.run, row.record);
        [
            text::clock(entry.at()),
            entry.object_of(&row.crowd),
            entry.event().to_owned(),
            entry.reason(),
            entry.message_of(&row.crowd),
            entry.rule().map_or_else(String::new, |it| it.to_string()),
        ]
    }

    /// Hands out the rows, one instant after the other.
    fn fold(self, each: &mut dyn FnMut(Row<'r>)) {
        let records = self.run.trace().records();
        let mut seen = Seen::new(self.run, records);
        let mut rows: Vec<Row<'r>> = Vec::new();
        for same_time in records.chunk_by(|a, b| a.at == b.at) {
            for record in same_time.iter().filter(|it| seen.is_news(self.run, it)) {
                let shape = Shape::of(self.run, record);
                if let What::Counts(_) = record.what {
                    // Of several writes at one instant only the last can be watched.
                    rows.retain(|row| row.shape != shape);
                }
                // Rows of one instant are few kinds; the newest are looked at first.
                let mut newest = rows.iter_mut().rev().take(ROWS);
                let pod = pod_of(&record.what);
                if let Some(row) = newest.find(|row| row.shape == shape) {
                    row.crowd.add(pod);
                    continue;
                }
                let mut crowd = Crowd::default();
                crowd.add(pod);
                rows.push(Row {
                    record,
                    shape,
                    crowd,
                });
            }
            rows.drain(..).for_each(&mut *each);
        }
    }
}

fn wide_cells(entry: &Entry<'_>) -> Cells {
    let rule = entry
        .rule()
        .map_or_else(String::new, |it| format!("{it} {}", it.title()));
    [
        text::clock(entry.at()),
        entry.object(),
        entry.event().to_owned(),
        entry.reason(),
        entry.message(),
        rule,
    ]
}

/// The table, without wide rows.
impl fmt::Display for Timeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.short(&mut |line| writeln!(f, "{line}"))
    }
}

impl Row<'_> {
    /// Whether it is told even where most rows are left out.
    fn is_key(&self) -> bool {
        match &self.record.what {
            What::Condition(_)
            | What::JobPatched { .. }
            | What::JobDeleting
            | What::JobGone
            | What::Waits(..)
            | What::Node(..)
            | What::Refused(_) => true,
            What::Event(event, _) => event.severity() == "Warning",
            What::News(_, news) => matches!(news, PodNews::Rejected(_) | PodNews::Ending(_)),
            What::PodEnded(_, phase) => *phase == Phase::Failed,
            What::Settled(_, how) => matches!(how, Settlement::Ignored(_)),
            _ => false,
        }
    }
}

impl Shape {
    fn of(run: &Run, record: &Record) -> Self {
        let mut shape = Self {
            record: record.clone(),
            exit: ExitCodes::None,
            node: None,
            disrupted: false,
            stopped: false,
        };
        match &mut shape.record.what {
            What::PodEnded(pod, _) => {
                let ended = run.api().pod(*pod);
                let disrupted = run.trace().attempts()[pod.slot()].ended_disrupted();
                (shape.exit, shape.disrupted) = (ended.exit, disrupted);
                *pod = PodId(0);
            }
            What::PodBound(pod) => {
                shape.node = run.trace().attempts()[pod.slot()].node;
                *pod = PodId(0);
            }
            What::PodTerminating(pod, grace) => {
                shape.stopped = Entry::new(run, record).is_stopped(*pod, *grace);
                *pod = PodId(0);
            }
            What::PodCreated(pod)
            | What::News(pod, _)
            | What::PodStarted(pod)
            | What::PodRestarted(pod, _)
            | What::PodUnready(pod)
            | What::PodGone(pod)
            | What::Settled(pod, _)
            | What::Event(JobEvent::SuccessfulCreate(pod) | JobEvent::SuccessfulDelete(pod), _) => {
                *pod = PodId(0);
            }
            What::Counts(counts) => *counts = Counts::default(),
            _ => {}
        }
        shape
    }
}

/// What the reader knows already.
struct Seen {
    announced: IndexSet,
    /// Pods of which a kubelet tells.
    told: IndexSet,
    counts: Vec<Counts>,
    waits: Vec<What>,
}

impl Seen {
    fn new(run: &Run, records: &[Record]) -> Self {
        let jobs = run.scenario().workloads.len();
        let announced = records.iter().filter_map(|record| match record.what {
            What::Event(JobEvent::SuccessfulCreate(pod), _) => Some(pod.0),
            _ => None,
        });
        let told = records.iter().filter_map(|record| match record.what {
            What::News(pod, PodNews::Started(..)) => Some(pod.0),
            _ => None,
        });
        Self {
            announced: announced.collect(),
            told: told.collect(),
            counts: vec![Counts::default(); jobs],
            waits: vec![What::JobCreated; jobs],
        }
    }

    /// Whether a reader wants to know, and could not see it in another row.
    fn is_news(&mut self, run: &Run, record: &Record) -> bool {
        let slot = record.job.slot();
        let attempt = |pod: PodId| &run.trace().attempts()[pod.slot()];
        match &record.what {
            What::PodCreated(pod) => !self.announced.contains(pod.0),
            What::PodBound(pod) => attempt(*pod).started != Some(record.at),
            What::PodUnready(_) => false,
            // Where a kubelet tells of each container, that is enough.
            What::PodStarted(pod) | What::PodRestarted(pod, _) => !self.told.contains(pod.0),
            What::News(pod, PodNews::Exited(_, exit)) => {
                let plain = matches!(exit.reason, ExitReason::Completed | ExitReason::Error);
                !plain || has_more(run, *pod)
            }
            What::PodGone(pod) => attempt(*pod).terminating != Some(record.at),
            What::Settled(_, how) => !matches!(how, Settlement::Succeeded | Settlement::Failed),
            What::Counts(counts) => {
                let counts = Counts {
                    ready: 0,
                    ..*counts
                };
                std::mem::replace(&mut self.counts[slot], counts) != counts
            }
            What::Waits(..) => {
                let known = std::mem::replace(&mut self.waits[slot], record.what.clone());
                known != record.what
            }
            _ => true,
        }
    }
}

/// Whether the end of a container need not be the end of its pod.
fn has_more(run: &Run, pod: PodId) -> bool {
    let template = &run.api().job(run.api().pod(pod).job).job.spec.template;
    let many = template.containers.len() + template.init_containers.len() > 1;
    many || run.api().pod(pod).restarts > 0
}

/// The places of the rows to be printed, of so many.
fn choose(total: usize, keys: &[usize]) -> BTreeSet<usize> {
    if total <= ROWS {
        return (0..total).collect();
    }
    let mut chosen = BTreeSet::new();
    let half = KEY_ROWS / 2;
    chosen.extend(keys.iter().take(half).chain(keys.iter().rev().take(half)));
    let last = (0..total)
        .rev()
        .filter(|place| keys.binary_search(place).is_err())
        .take(LAST_ROWS);
    chosen.extend(last);
    for place in 0..total {
        if chosen.len() >= ROWS {
            break;
        }
        chosen.insert(place);
    }
    chosen
}

/// A line that stands for rows.
fn left_out(rows: usize) -> String {
    let s = if rows == 1 { "" } else { "s" };
    format!("...  {rows} row{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_timelines_keep_their_ends_and_what_is_special() {
        assert_eq!(choose(60, &[]).len(), 60);
        let chosen = choose(1000, &[500, 501]);
        assert_eq!(chosen.len(), 60);
        for place in [0, 42, 500, 501, 985, 999] {
            assert!(chosen.contains(&place), "{place}");
        }
        let all_special: Vec<usize> = (0..1000).collect();
        assert_eq!(choose(1000, &all_special).len(), 60);
    }
}
