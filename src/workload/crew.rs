//! What the containers of a run do, as it happens.

use super::ending::{At, Failure, Which};
use super::fate::{Fate, Process, Work, among};
use super::flaw::{FateError, Flaw};
use super::piece::Pieces;
use super::queue::{Got, Item, QueueCounts, Tub};
use super::stop::{Stop, signal_number};
use crate::base::stream::{Key, address, entity};
use crate::base::{Chance, Instant, Law, Purpose, Span, Stream};
use crate::model::{
    Answer, Container, ContainerRun, ContainerSlot, Course, Exit, ExitReason, HookEnd, HookTurn,
    Job, OnStop, PodId, ProbeKind,
};
use std::collections::BTreeMap;

/// Where a run of a container takes place, and what its draws belong to.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// The random numbers of the trial.
    pub key: &'a Key,
    /// What the draws of the Job's pods belong to: not a number that another Job could change.
    pub job_entity: u64,
    /// The node's name, if it has one.
    pub node_name: Option<&'a str>,
}

/// The processes of all containers of a run.
#[derive(Clone, Debug, Default)]
pub struct Crew {
    casts: Vec<Cast>,
    active: BTreeMap<(PodId, ContainerSlot), Active>,
    tubs: Vec<Tub>,
    pieces: Vec<Pieces>,
    repeated: Span,
    uses_up: bool,
}

/// What the pods of a Job do.
#[derive(Clone, Debug, Default)]
struct Cast {
    fates: Vec<Fate>,
    /// For each fate, what init containers and then regular ones do.
    roles: Vec<Vec<Role>>,
    init: usize,
}

/// What a container does.
#[derive(Clone, Debug)]
struct Role {
    process: Process,
    memory_limit: Option<u64>,
    stop_signal: u8,
    /// Places of its queue and of its pieces of work.
    tub: Option<usize>,
    pieces: Option<usize>,
    /// Whether a run has to be remembered.
    remembered: bool,
}

/// A run under way that has to be remembered.
#[derive(Clone, Copy, Debug)]
struct Active {
    since: Instant,
    /// When it ends by itself, and how.
    ends: Option<(Instant, Exit)>,
    /// What it cannot outlive, when it works on a queue.
    fatal: Option<(Instant, Exit)>,
    item: Option<Item>,
    piece: Option<u32>,
    /// How much of the piece was done before, and when the run got there.
    saved: Span,
    restored: Instant,
    finishing: bool,
    /// Places of its Job, fate and container.
    role: (usize, usize, usize),
}

impl Crew {
    /// Gives the next Job its fates.
    ///
    /// # Errors
    ///
    /// What is wrong with them, or does not fit the Job.
    pub fn cast(&mut self, job: &Job, fates: &[Fate]) -> Result<(), FateError> {
        let template = &job.spec.template;
        let all = || template.init_containers.iter().chain(&template.containers);
        let mut cast = Cast {
            init: template.init_containers.len(),
            ..Cast::default()
        };
        let mut flaws = Vec::new();
        for fate in fates {
            flaws.extend(fate.others.check().into_iter().map(|it| (None, it)));
            for (place, (name, process)) in fate.containers.iter().enumerate() {
                let mut found = process.check();
                if !all().any(|it| it.name == *name) {
                    let known = all().map(|it| it.name.as_str()).collect::<Vec<_>>();
                    let known = known.join(", ");
                    found.push(Flaw::Unknown { known });
                }
                if fate.containers[..place].iter().any(|it| it.0 == *name) {
                    found.push(Flaw::Twice);
                }
                flaws.extend(found.into_iter().map(|it| (Some(name.clone()), it)));
            }
            let roles = all().enumerate().map(|(place, container)| {
                let process = fate.process_of(container, place < cast.init);
                self.role(process, container)
            });
            cast.roles.push(roles.collect());
            cast.fates.push(fate.clone());
        }
        self.casts.push(cast);
        FateError::check(&job.name, flaws)
    }

    fn role(&mut self, process: Process, container: &Container) -> Role {
        let queues = matches!(process.work, Work::Queue(_));
        let tub = queues.then(|| {
            self.tubs.push(Tub::default());
            self.tubs.len() - 1
        });
        let pieces = process.has_pieces().then(|| {
            self.pieces.push(Pieces::default());
            self.pieces.len() - 1
        });
        let health = process.health != super::stop::Health::default();
        let used = process.memory.is_some() || process.disk.is_some();
        self.uses_up |= used;
        let finishes = process.stop == Stop::Finishes;
        Role {
            memory_limit: container.limits.memory,
            stop_signal: signal_number(container.stop_signal.as_deref()),
            remembered: queues || pieces.is_some() || health || used || finishes,
            process,
            tub,
            pieces,
        }
    }

    /// Forgets all runs, and keeps what containers do.
    pub fn clear(&mut self) {
        self.active.clear();
        self.tubs.iter_mut().for_each(Tub::clear);
        self.pieces.iter_mut().for_each(Pieces::clear);
        self.repeated = Span::ZERO;
    }

    /// What has become of the items of each queue.
    pub fn queues(&self) -> impl Iterator<Item = QueueCounts> {
        self.tubs.iter().map(|tub| tub.counts)
    }

    /// Work on pieces that was done and not saved, so that it had to be done again.
    #[must_use]
    pub const fn repeated(&self) -> Span {
        self.repeated
    }

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
        let own = queue_entity(site, run, fate);
        if let Some(item) = active.item.take() {
            self.tubs[tub].done(item);
        }
        let got = if active.finishing {
            Got::Empty
        } else {
            self.tubs[tub].take(now, queue, site.key, own)
        };
        let (after, course) = match got {
            Got::Empty => (Span::ZERO, Course::Exits(Span::ZERO, Exit::COMPLETED)),
            Got::Later(after) => (after, Course::Works(after)),
            Got::Item(item, service, ending) => {
                active.item = Some(item);
                let ends = |it: super::Ending| Course::Exits(service, it.exit());
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

    /// A process gets its stop signal.
    pub fn on_stop(&mut self, now: Instant, site: &Site<'_>, run: &ContainerRun) -> OnStop {
        let Some((fate, place)) = self.place(run) else {
            return OnStop::Exits(Span::ZERO, Exit::with(143));
        };
        let role = &self.casts[run.job.slot()].roles[fate][place];
        match &role.process.stop {
            Stop::Ignores => OnStop::Ignores,
            Stop::Exits { after, ending } => {
                let own = run_entity(site, run);
                let after = drawn(after.as_ref(), site, own, Purpose::Stop);
                let by_signal = Exit::with(128 + i16::from(role.stop_signal));
                OnStop::Exits(after, ending.map_or(by_signal, super::Ending::exit))
            }
            Stop::Finishes => {
                let active = self.active.get_mut(&(run.pod, run.container));
                let Some(active) = active else {
                    return OnStop::Ignores;
                };
                active.finishing = true;
                match active.ends {
                    Some((at, exit)) => OnStop::Exits(at.since(now).max(Span::ZERO), exit),
                    None => OnStop::Ignores,
                }
            }
        }
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
        if let (Work::Queue(queue), Some(tub), Some(item)) =
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
        self.repeated = self.repeated + (done - piece.saved);
    }

    /// A hook begins to run: how it goes.
    pub fn hook(&mut self, site: &Site<'_>, run: &ContainerRun, turn: HookTurn) -> HookEnd {
        let Some((fate, place)) = self.place(run) else {
            return HookEnd::AT_ONCE;
        };
        let hooks = &self.casts[run.job.slot()].roles[fate][place].process.hooks;
        let (hook, purpose) = match turn {
            HookTurn::PostStart => (&hooks.post_start, Purpose::PostStart),
            HookTurn::PreStop => (&hooks.pre_stop, Purpose::PreStop),
        };
        let Some(hook) = hook else {
            return HookEnd::AT_ONCE;
        };
        let mut stream = site.key.stream(run_entity(site, run), purpose);
        let fails = hook.fails.hits(&mut stream);
        let takes = hook.takes.draw(&mut stream);
        if fails {
            HookEnd::Fails(takes)
        } else {
            HookEnd::Succeeds(takes)
        }
    }

    /// What the container answers to a probe from now on.
    pub fn answer(
        &mut self,
        now: Instant,
        site: &Site<'_>,
        run: &ContainerRun,
        probe: ProbeKind,
    ) -> Answer {
        let since = self
            .active
            .get(&(run.pod, run.container))
            .map(|it| it.since);
        let Some(((fate, place), since)) = self.place(run).zip(since) else {
            return Answer::GOOD;
        };
        let health = &self.casts[run.job.slot()].roles[fate][place].process.health;
        let own = run_entity(site, run);
        let from = match probe {
            ProbeKind::Startup => drawn(health.started.as_ref(), site, own, Purpose::StartedUp),
            ProbeKind::Readiness => drawn(health.ready.as_ref(), site, own, Purpose::Ready),
            ProbeKind::Liveness => Span::ZERO,
        };
        let until = health
            .unready
            .as_ref()
            .filter(|_| probe == ProbeKind::Readiness);
        let until = until.map(|law| from + law.draw(&mut site.key.stream(own, Purpose::Unready)));
        let hangs = hangs_after(health, site, own);
        let until = [until, hangs].into_iter().flatten().min();
        let age = now.since(since);
        let lasts = |to: Span| Some(to - age);
        match until {
            Some(until) if age >= until => Answer::BAD,
            _ if age < from => Answer {
                good: false,
                lasts: lasts(from.min(until.unwrap_or(from))),
            },
            until => Answer {
                good: true,
                lasts: until.and_then(lasts),
            },
        }
    }

    /// Whether any process has a word about memory or local storage.
    #[must_use]
    pub const fn uses_up(&self) -> bool {
        self.uses_up
    }

    /// Bytes of memory that a container uses now.
    #[must_use]
    pub fn memory_at(&self, now: Instant, pod: PodId, slot: ContainerSlot) -> u64 {
        let Some((role, age)) = self.role_and_age(now, pod, slot) else {
            return 0;
        };
        let memory = role.process.memory;
        memory.map_or(0, |it| it.after(age, it.kills_after(role.memory_limit)))
    }

    /// Bytes of local storage that a container has written in its present run.
    #[must_use]
    pub fn disk_at(&self, now: Instant, pod: PodId, slot: ContainerSlot) -> u64 {
        let found = self.role_and_age(now, pod, slot);
        found.map_or(0, |(role, age)| {
            role.process.disk.map_or(0, |it| it.after(age))
        })
    }

    fn role_and_age(&self, now: Instant, pod: PodId, slot: ContainerSlot) -> Option<(&Role, Span)> {
        let active = self.active.get(&(pod, slot))?;
        let (job, fate, place) = active.role;
        let role = &self.casts[job].roles[fate][place];
        Some((role, now.since(active.since)))
    }

    fn pieces_of(&mut self, place: Option<usize>) -> Option<&mut Pieces> {
        place.map(|place| &mut self.pieces[place])
    }

    /// The fate that a run follows, and its container's place.
    fn place(&self, run: &ContainerRun) -> Option<(usize, usize)> {
        let cast = self.casts.get(run.job.slot())?;
        let holds = |fate: &Fate| fate.whose.holds(run.index, run.nth, run.run);
        let last = cast.fates.len().checked_sub(1)?;
        let fate = cast.fates.iter().position(holds).unwrap_or(last);
        let place = match run.container {
            ContainerSlot::Init(place) => usize::from(place),
            ContainerSlot::Regular(place) => cast.init + usize::from(place),
        };
        (place < cast.roles[fate].len()).then_some((fate, place))
    }
}

/// A piece of work as a run meets it.
#[derive(Clone, Copy, Debug)]
struct Task {
    number: u32,
    runs: u32,
    saved: Span,
}

/// What a run has to do.
#[derive(Clone, Copy, Debug)]
struct Load {
    /// The whole piece, or the run's own work.
    total: Span,
    /// What is left of it.
    left: Span,
    /// What reading the last checkpoint takes first.
    restore: Span,
}

fn load(
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
    let restore = saves.and_then(|it| it.restore.as_ref());
    let restore = restore.filter(|_| saved > Span::ZERO);
    Some(Load {
        total,
        left: total - saved,
        restore: drawn(restore, site, own, Purpose::Restore),
    })
}

/// What ends a run first by itself, and how long after its start; `None` if nothing does.
fn first_end(
    role: &Role,
    site: &Site<'_>,
    own: u64,
    load: Option<Load>,
    task: Option<(Task, &ContainerRun)>,
) -> Option<(Span, Exit)> {
    let process = &role.process;
    let mut first: Option<(Span, Exit)> = None;
    let mut add = |end: Option<(Span, Exit)>| {
        if let Some((at, exit)) = end {
            if first.is_none_or(|(known, _)| at < known) {
                first = Some((at, exit));
            }
        }
    };
    let fails = |failure: &Failure, nth: u64| fails_at(failure, site, entity(&[own, nth]), load);
    if let (Some(bad), Some((task, run))) = (&process.bad_inputs, task) {
        let piece = piece_entity(site, run, task.number);
        let hit = match &bad.which {
            Which::Listed(ranges) => among(ranges, task.number),
            Which::Drawn(chance) => chance.hits(&mut site.key.stream(piece, Purpose::BadInput)),
        };
        if hit {
            let whole = load.map(|it| Load {
                left: it.total,
                ..it
            });
            let from_start = fails_at(&bad.failure, site, entity(&[own, 0]), whole);
            add(match &bad.failure.at {
                At::PerCent(_) => {
                    from_start.map(|(at, exit)| ((at - task.saved).max(Span::ZERO), exit))
                }
                At::End | At::After(_) => fails(&bad.failure, 0),
            });
        }
    }
    if let Some(bad) = &process.bad_nodes {
        let node = site.node_name.map_or(own, address);
        let bad_node = match &bad.which {
            Which::Listed(names) => names.iter().any(|it| Some(it.as_str()) == site.node_name),
            Which::Drawn(chance) => chance.hits(&mut site.key.stream(node, Purpose::BadNode)),
        };
        if bad_node
            && bad
                .chance
                .hits(&mut site.key.stream(own, Purpose::BadNodeHit))
        {
            add(fails(&bad.failure, 1));
        }
    }
    if let (Some(firsts), Some((task, _))) = (&process.first, task) {
        if task.runs < firsts.runs {
            add(fails(&firsts.failure, 2));
        }
    }
    if !process.endings.is_empty() {
        let chances = process.endings.iter().map(|it| it.0);
        let hit = Chance::first_hit(chances, &mut site.key.stream(own, Purpose::Ending));
        if let Some(place) = hit {
            add(fails(&process.endings[place].1, 3));
        }
    }
    for (nth, (law, ending)) in (0..).zip(&process.hazards) {
        let hazard = entity(&[own, nth]);
        let after = law.draw(&mut site.key.stream(hazard, Purpose::Hazard));
        add(Some((after, ending.exit())));
    }
    let killed = process
        .memory
        .and_then(|it| it.kills_after(role.memory_limit));
    add(killed.zip(process.memory.and_then(|it| it.end())));
    add(load.map(|it| (it.restore + it.left, Exit::COMPLETED)));
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

fn hangs_after(health: &super::stop::Health, site: &Site<'_>, own: u64) -> Option<Span> {
    let hang = health.hangs.as_ref()?;
    let hits = hang.chance.hits(&mut site.key.stream(own, Purpose::Hangs));
    hits.then(|| hang.after.draw(&mut site.key.stream(own, Purpose::HangsAt)))
}

fn drawn(law: Option<&Law>, site: &Site<'_>, own: u64, purpose: Purpose) -> Span {
    law.map_or(Span::ZERO, |law| {
        let mut stream: Stream = site.key.stream(own, purpose);
        law.draw(&mut stream)
    })
}

/// The address of a run: where its draws are.
fn run_entity(site: &Site<'_>, run: &ContainerRun) -> u64 {
    let index = run.index.map_or(0, |index| u64::from(index) + 1);
    entity(&[
        site.job_entity,
        index,
        u64::from(run.nth),
        slot_number(run.container),
        u64::from(run.run),
    ])
}

/// The address of a piece of work, whoever is at it.
fn piece_entity(site: &Site<'_>, run: &ContainerRun, number: u32) -> u64 {
    let slot = slot_number(run.container);
    entity(&[site.job_entity, slot, u64::from(number)])
}

/// The address of a queue, whoever works on it.
fn queue_entity(site: &Site<'_>, run: &ContainerRun, fate: usize) -> u64 {
    entity(&[site.job_entity, slot_number(run.container), fate as u64])
}

const fn slot_number(slot: ContainerSlot) -> u64 {
    match slot {
        ContainerSlot::Init(place) => place as u64 * 2 + 1,
        ContainerSlot::Regular(place) => place as u64 * 2,
    }
}
