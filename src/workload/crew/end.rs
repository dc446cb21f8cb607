//! What ends a run by itself: of all that may, what comes first.

use super::address::{drawn, piece_entity};
use super::{Role, Site};
use crate::base::stream::{address, entity};
use crate::base::{Chance, Purpose, Span};
use crate::model::{ContainerRun, Exit, ExitReason};
use crate::workload::ending::{At, BadInputs, BadNodes, Failure, Which};
use crate::workload::fate::{Work, among};
use crate::workload::stop::Health;

/// A piece of work as a run meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) number: u32,
    pub(super) runs: u32,
    pub(super) saved: Span,
}

/// What a run has to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// The whole piece, or the run's own work.
    total: Span,
    /// What is left of it.
    left: Span,
    /// What reading the last checkpoint takes first.
    pub(super) restore: Span,
}

pub(super) fn load(
    role: &Role,
    site: &Site<'_>,
    run: &ContainerRun,
    own: u64,
    task: Option<Task>,
) -> Option<Load> {
    let saves = role.process.checkpoints.as_ref();
    let piece = task.map(|it| piece_entity(site, run, it.number));
    let total = match (&role.process.work, piece) {
        (Work::For(law), Some(piece)) if saves.is_some() => {
            law.draw(&mut site.key.stream(piece, Purpose::Piece))
        }
        (Work::Piece(law), Some(piece)) => law.draw(&mut site.key.stream(piece, Purpose::Piece)),
        (Work::For(law) | Work::Piece(law), _) => {
            law.draw(&mut site.key.stream(own, Purpose::RunTime))
        }
        (Work::Queue(_) | Work::Stays, _) => return None,
    };
    let saved = task.map_or(Span::ZERO, |it| it.saved).min(total);
    let reading = saves.and_then(|it| it.restore.as_ref());
    let reading = reading.filter(|_| saved > Span::ZERO);
    Some(Load {
        total,
        left: total - saved,
        restore: drawn(reading, site, own, Purpose::Restore),
    })
}

/// An end of a run: how long after its start, and how.
type End = (Span, Exit);

/// What ends a run first by itself; `None` if nothing does.
pub(super) fn first_end(
    role: &Role,
    site: &Site<'_>,
    own: u64,
    load: Option<Load>,
    task: Option<(Task, &ContainerRun)>,
) -> Option<End> {
    let process = &role.process;
    let course = Course { site, own, load };
    let mut first = None;
    if let (Some(bad), Some((task, run))) = (&process.bad_inputs, task) {
        earlier(&mut first, course.bad_input(bad, task, run));
    }
    if let Some(bad) = &process.bad_nodes {
        earlier(&mut first, course.bad_node(bad));
    }
    if let (Some(firsts), Some((task, _))) = (&process.first, task) {
        if task.runs < firsts.runs {
            earlier(&mut first, course.failed(&firsts.failure, 2));
        }
    }
    if !process.endings.is_empty() {
        let chances = process.endings.iter().map(|it| it.0);
        let hit = Chance::first_hit(chances, &mut site.key.stream(own, Purpose::Ending));
        if let Some(place) = hit {
            earlier(&mut first, course.failed(&process.endings[place].1, 3));
        }
    }
    for (nth, (law, ending)) in (0..).zip(&process.hazards) {
        let hazard = entity(&[own, nth]);
        let after = law.draw(&mut site.key.stream(hazard, Purpose::Hazard));
        earlier(&mut first, Some((after, ending.exit())));
    }
    let memory = process.memory.as_ref();
    let killed = memory.and_then(|it| it.kills_after(role.memory_limit));
    let by_memory = killed.zip(memory.and_then(|it| it.end()));
    earlier(&mut first, by_memory);
    let done = load.map(|it| (it.restore + it.left, Exit::COMPLETED));
    earlier(&mut first, done);
    let (at, exit) = first?;
    if hangs_after(&process.health, site, own).is_some_and(|it| it <= at) {
        return None;
    }
    // A child was killed before: the reason of the end says so, whatever the code (P87).
    let touched = killed.is_some_and(|it| it <= at);
    let reason = if touched {
        ExitReason::OomKilled
    } else {
        exit.reason
    };
    Some((at, Exit { reason, ..exit }))
}

/// How a worker ends whose queue is empty: by what is to happen at the end of its work.
pub(super) fn last_exit(role: &Role, site: &Site<'_>, own: u64) -> Exit {
    let (process, load) = (&role.process, None);
    let course = Course { site, own, load };
    let nodes = process.bad_nodes.as_ref();
    let by_node = nodes.filter(|bad| bad.failure.at == At::End && course.is_hit_by(bad));
    let by_node = by_node.map(|bad| &bad.failure);
    let chances = process.endings.iter().map(|it| it.0);
    let by_chance = || {
        let hit = Chance::first_hit(chances, &mut site.key.stream(own, Purpose::Ending))?;
        let failure = &process.endings[hit].1;
        (failure.at == At::End).then_some(failure)
    };
    let failure = by_node.or_else(by_chance);
    failure.map_or(Exit::COMPLETED, |it| it.ending.exit())
}

fn earlier(first: &mut Option<End>, end: Option<End>) {
    if let Some((at, _)) = end {
        if first.is_none_or(|(known, _)| at < known) {
            *first = end;
        }
    }
}

/// A run as its failures meet it.
struct Course<'a> {
    site: &'a Site<'a>,
    own: u64,
    load: Option<Load>,
}

impl Course<'_> {
    /// The end by a failure, whose draws are those of that number.
    fn failed(&self, failure: &Failure, nth: u64) -> Option<End> {
        fails_at(failure, self.site, entity(&[self.own, nth]), self.load)
    }

    fn bad_input(&self, bad: &BadInputs, task: Task, run: &ContainerRun) -> Option<End> {
        let key = self.site.key;
        let piece = piece_entity(self.site, run, task.number);
        let hit = match &bad.which {
            Which::Listed(ranges) => among(ranges, task.number),
            Which::Drawn(chance) => chance.hits(&mut key.stream(piece, Purpose::BadInput)),
        };
        if !hit {
            return None;
        }
        match &bad.failure.at {
            // The place in the whole piece, some of which was done before.
            At::PerCent(_) => {
                let whole = self.load.map(|it| Load {
                    left: it.total,
                    ..it
                });
                let from_start = fails_at(&bad.failure, self.site, entity(&[self.own, 0]), whole);
                from_start.map(|(at, exit)| ((at - task.saved).max(Span::ZERO), exit))
            }
            At::End | At::After(_) => self.failed(&bad.failure, 0),
        }
    }

    fn bad_node(&self, bad: &BadNodes) -> Option<End> {
        let hit = self.is_hit_by(bad);
        hit.then(|| self.failed(&bad.failure, 1)).flatten()
    }

    fn is_hit_by(&self, bad: &BadNodes) -> bool {
        let (key, name) = (self.site.key, self.site.node_name);
        let node = name.map_or(self.own, address);
        let bad_node = match &bad.which {
            Which::Listed(names) => names.iter().any(|it| Some(it.as_str()) == name),
            Which::Drawn(chance) => chance.hits(&mut key.stream(node, Purpose::BadNode)),
        };
        bad_node
            && bad
                .chance
                .hits(&mut key.stream(self.own, Purpose::BadNodeHit))
    }
}

/// When a failure ends a run that has that load.
fn fails_at(
    failure: &Failure,
    site: &Site<'_>,
    entity: u64,
    load: Option<Load>,
) -> Option<(Span, Exit)> {
    let exit = failure.ending.exit();
    if exit.reason == ExitReason::StartError {
        return Some((Span::ZERO, exit));
    }
    let at = match &failure.at {
        At::End => load.map(|it| it.restore + it.left)?,
        At::PerCent(share) => {
            let part = |it: Load| {
                it.left.micros() / 100 * i64::from(*share)
                    + it.left.micros() % 100 * i64::from(*share) / 100
            };
            load.map(|it| it.restore + Span::from_micros(part(it)))?
        }
        At::After(law) => law.draw(&mut site.key.stream(entity, Purpose::FailsAt)),
    };
    Some((at, exit))
}

/// When a run ceases to answer and to end, if it does.
pub(super) fn hangs_after(health: &Health, site: &Site<'_>, own: u64) -> Option<Span> {
    let hang = health.hangs.as_ref()?;
    let hits = hang.chance.hits(&mut site.key.stream(own, Purpose::Hangs));
    hits.then(|| hang.after.draw(&mut site.key.stream(own, Purpose::HangsAt)))
}
