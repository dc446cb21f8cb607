//! The course of a run: what it works on from its start to its end.

use super::address::{queue_entity, run_entity};
use super::end::{Task, first_end, last_exit, load};
use super::{Active, Crew, Site};
use crate::base::{Instant, Span};
use crate::model::{ContainerRun, Course, Exit};
use crate::workload::Ending;
use crate::workload::fate::Work;
use crate::workload::piece::Pieces;
use crate::workload::queue::Got;

impl Crew {
    /// A process has been started: what it does from now on.
    pub fn start(&mut self, now: Instant, site: &Site<'_>, run: &ContainerRun) -> Course {
        let Some((fate, place)) = self.place(run) else {
            return Course::Stays;
        };
        let role = &self.casts[run.job.slot()].roles[fate][place];
        let own = run_entity(site, run);
        let mut active = Active {
            since: now,
            ends: None,
            fatal: None,
            last: Exit::COMPLETED,
            item: None,
            piece: None,
            saved: Span::ZERO,
            restored: now,
            finishing: false,
            role: (run.job.slot(), fate, place),
        };
        if role.tub.is_some() {
            let end = first_end(role, site, own, None, None);
            active.fatal = end.map(|(after, exit)| (now + after, exit));
            active.last = last_exit(role, site, own);
            self.active.insert((run.pod, run.container), active);
            return self.go_on(now, site, run);
        }
        let task = self.pieces_of(role.pieces).map(|pieces| {
            let (number, piece) = pieces.take(run.pod, run.index);
            let task = Task {
                number,
                runs: piece.runs,
                saved: piece.saved,
            };
            piece.runs += 1;
            task
        });
        let role = &self.casts[run.job.slot()].roles[fate][place];
        let load = load(role, site, run, own, task);
        let end = first_end(role, site, own, load, task.map(|it| (it, run)));
        if role.remembered {
            active.ends = end.map(|(after, exit)| (now + after, exit));
            active.piece = task.map(|it| it.number);
            active.saved = task.map_or(Span::ZERO, |it| it.saved);
            active.restored = now + load.map_or(Span::ZERO, |it| it.restore);
            self.active.insert((run.pod, run.container), active);
        }
        end.map_or(Course::Stays, |(after, exit)| Course::Exits(after, exit))
    }

    /// A process has worked as long as it said: what it does from now on.
    pub fn go_on(&mut self, now: Instant, site: &Site<'_>, run: &ContainerRun) -> Course {
        let place = (run.pod, run.container);
        let Some(mut active) = self.active.get(&place).copied() else {
            return Course::Stays;
        };
        let Some((fate, slot)) = self.place(run) else {
            return Course::Stays;
        };
        let role = &self.casts[run.job.slot()].roles[fate][slot];
        let (Work::Queue(queue), Some(tub)) = (&role.process.work, role.tub) else {
            return Course::Stays;
        };
        let (tub, number) = tub;
        let own = queue_entity(site, run, number);
        if let Some(item) = active.item.take() {
            self.tubs[tub].done(item);
        }
        let got = if active.finishing {
            Got::Empty
        } else {
            self.tubs[tub].take(now, queue, site.key, own)
        };
        let (after, course) = match got {
            Got::Empty => (Span::ZERO, Course::Exits(Span::ZERO, active.last)),
            Got::Later(after) => (after, Course::Works(after)),
            Got::Item(item, service, ending) => {
                active.item = Some(item);
                let ends = |it: Ending| Course::Exits(service, it.exit());
                (service, ending.map_or(Course::Works(service), ends))
            }
        };
        let course = match active.fatal {
            Some((at, exit)) if at < now + after => Course::Exits(at.since(now), exit),
            _ => course,
        };
        active.ends = match course {
            Course::Exits(after, exit) => Some((now + after, exit)),
            Course::Works(after) => Some((now + after, Exit::COMPLETED)),
            Course::Stays => None,
        };
        self.active.insert(place, active);
        course
    }

    /// A process has ended, by itself or by force.
    pub fn ended(&mut self, now: Instant, run: &ContainerRun, exit: Exit) {
        let Some(active) = self.active.remove(&(run.pod, run.container)) else {
            return;
        };
        let Some((fate, place)) = self.place(run) else {
            return;
        };
        let role = &self.casts[run.job.slot()].roles[fate][place];
        if let (Work::Queue(queue), Some((tub, _)), Some(item)) =
            (&role.process.work, role.tub, active.item)
        {
            let finished = active.finishing && exit.is_success();
            if finished {
                self.tubs[tub].done(item);
            } else {
                self.tubs[tub].orphaned(now, queue, item);
            }
        }
        let (Some(number), Some(pieces)) = (active.piece, role.pieces) else {
            return;
        };
        let Some(piece) = self.pieces[pieces].get(number) else {
            return;
        };
        piece.holder = None;
        if exit.is_success() {
            piece.done = true;
            return;
        }
        let worked = now.since(active.restored).max(Span::ZERO);
        let done = active.saved + worked;
        let checkpoints = role.process.checkpoints.as_ref();
        piece.saved = checkpoints.map_or(Span::ZERO, |it| it.saved(done));
        self.repeated += done - piece.saved;
    }

    fn pieces_of(&mut self, place: Option<usize>) -> Option<&mut Pieces> {
        place.map(|place| &mut self.pieces[place])
    }
}
