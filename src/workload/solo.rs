//! Processes whose runs know nothing of each other: how long each takes and how it ends follows
//! from its address alone, so that it can be told without a [`Crew`](super::Crew).

use super::ending::{At, Ending, Failure};
use super::fate::{Fate, Process, Whose, Work};
use super::stop::{Health, Hooks, Stop, signal_number};
use crate::base::stream::{Draws, entity, extended};
use crate::base::{Chance, Key, Law, Purpose, Span};
use crate::model::Job;

/// What the only container of a Job's pods does.
#[derive(Clone, Debug)]
pub struct Solo {
    roles: Vec<Role>,
}

/// One run: how long after its start it ends by itself, and whether that is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoloRun {
    /// From its start to its end.
    pub lasts: Span,
    /// Whether its exit code is another than 0.
    pub fails: bool,
}

/// So many runs are drawn at a time.
const CHUNK: usize = 32;

#[derive(Clone, Debug)]
struct Role {
    whose: Whose,
    work: Law,
    endings: Vec<(Chance, Failure)>,
    hazards: Vec<(Law, Ending)>,
    stop: Stop,
    signal: u8,
}

impl Solo {
    /// The processes of a Job's pods, each in its first run; `None` where they are something else:
    /// without any word, with several containers, with work that is shared or piecewise, bad
    /// inputs or nodes, first runs that fail, memory, storage, health or hooks, starts that fail,
    /// or ends at stop signals that depend on the work.
    #[must_use]
    pub fn of(job: &Job, fates: &[Fate]) -> Option<Self> {
        let template = &job.spec.template;
        let [container] = template.containers.as_slice() else {
            return None;
        };
        if fates.is_empty() || !template.init_containers.is_empty() {
            return None;
        }
        let signal = signal_number(container.stop_signal.as_deref());
        let role = |fate: &Fate| {
            Role::of(
                &fate.process_of(container, false),
                fate.whose.clone(),
                signal,
            )
        };
        let roles = fates.iter().map(role).collect::<Option<_>>()?;
        Some(Self { roles })
    }

    /// The beginning of the addresses of a Job's pods; `job` is what their draws belong to.
    #[must_use]
    pub const fn job_address(job: u64) -> u64 {
        extended(0, job)
    }

    /// The address of the first run of a pod's container, where its draws are.
    ///
    /// `job` is the address of the Job; pods without index have none here.
    #[must_use]
    #[inline]
    pub const fn address(job: u64, index: Option<u32>, nth: u32) -> u64 {
        let index = match index {
            Some(index) => index as u64 + 1,
            None => 0,
        };
        // The container is regular and the first, and so is its run.
        let (container, run) = (0, 0);
        let pod = extended(extended(job, index), nth as u64);
        extended(extended(pod, container), run)
    }

    /// The first run of the pod's container, which has that address.
    #[must_use]
    #[inline]
    pub fn run(&self, key: &Key, address: u64, index: Option<u32>, nth: u32) -> SoloRun {
        let role = self.role(index, nth);
        role.run(key, key.about(address), address)
    }

    /// The first runs of pods with these addresses, which follow one another: their indexes or, of
    /// pods without, their numbers, are those from `from` on. As [`Solo::run`] for one after the
    /// other, but faster.
    pub fn runs(
        &self,
        key: &Key,
        addresses: &[u64],
        from: u32,
        indexed: bool,
        runs: &mut Vec<SoloRun>,
    ) {
        let [role] = self.roles.as_slice() else {
            let numbered = |number: u32| {
                if indexed {
                    (Some(number), 0)
                } else {
                    (None, number)
                }
            };
            runs.extend((from..).zip(addresses).map(|(number, own)| {
                let (index, nth) = numbered(number);
                self.run(key, *own, index, nth)
            }));
            return;
        };
        for addresses in addresses.chunks(CHUNK) {
            role.runs(key, addresses, runs);
        }
    }

    /// How long it takes to exit after its stop signal, and whether that is a failure; `None` if
    /// it does not.
    #[must_use]
    pub fn stopped(
        &self,
        key: &Key,
        address: u64,
        index: Option<u32>,
        nth: u32,
    ) -> Option<SoloRun> {
        let role = self.role(index, nth);
        let Stop::Exits { after, ending } = &role.stop else {
            return None;
        };
        let mut stream = key.stream(address, Purpose::Stop);
        let lasts = after
            .as_ref()
            .map_or(Span::ZERO, |law| law.draw(&mut stream));
        let by_signal = Ending::Signal(role.signal);
        let fails = !ending.unwrap_or(by_signal).exit().is_success();
        Some(SoloRun { lasts, fails })
    }

    #[inline]
    fn role(&self, index: Option<u32>, nth: u32) -> &Role {
        match self.roles.as_slice() {
            [only] => only,
            roles => {
                let own = roles.iter().find(|it| it.whose.holds(index, nth, 0));
                // There is at least one.
                own.unwrap_or(&roles[roles.len() - 1])
            }
        }
    }
}

impl Role {
    fn of(process: &Process, whose: Whose, signal: u8) -> Option<Self> {
        let Work::For(work) = &process.work else {
            return None;
        };
        let starts = |ending: Ending| ending != Ending::StartError;
        let failures = process.failures().map(|it| it.ending);
        let mut endings = failures.chain(process.hazards.iter().map(|it| it.1));
        let plain = !process.has_pieces()
            && process.bad_nodes.is_none()
            && process.memory.is_none()
            && process.disk.is_none()
            && process.hooks == Hooks::default()
            && process.health == Health::default()
            && process.stop != Stop::Finishes
            && process.check().is_empty()
            && endings.all(starts);
        plain.then(|| Self {
            whose,
            work: work.clone(),
            endings: process.endings.clone(),
            hazards: process.hazards.clone(),
            stop: process.stop.clone(),
            signal,
        })
    }

    /// As `Crew::start` has it: of what ends the run, the first; of what is at the same time, the
    /// first in the order in which [`Process`] lists it.
    #[inline]
    fn run(&self, key: &Key, draws: Draws, own: u64) -> SoloRun {
        let work = self.work.draw(&mut draws.stream(Purpose::RunTime));
        if self.hazards.is_empty() {
            if let [(chance, failure)] = self.endings.as_slice() {
                if failure.at == At::End {
                    let hit = chance.hits(&mut draws.stream(Purpose::Ending));
                    let fails = hit && !failure.ending.exit().is_success();
                    return SoloRun { lasts: work, fails };
                }
            }
        }
        self.any_run(key, draws, own, work)
    }

    /// Draws with the same purpose one after the other, so that none waits for another.
    fn runs(&self, key: &Key, addresses: &[u64], runs: &mut Vec<SoloRun>) {
        let Some(chance) = self.only_chance() else {
            let run = |own: &u64| self.run(key, key.about(*own), *own);
            return runs.extend(addresses.iter().map(run));
        };
        let none = key.stream(0, Purpose::RunTime);
        let mut streams = [none; CHUNK];
        let mut lasts = [Span::ZERO; CHUNK];
        let mut fails = [false; CHUNK];
        for ((stream, fails), own) in streams.iter_mut().zip(&mut fails).zip(addresses) {
            let draws = key.about(*own);
            *stream = draws.stream(Purpose::RunTime);
            *fails = chance.hits(&mut draws.stream(Purpose::Ending));
        }
        self.work
            .draw_each(&mut streams[..addresses.len()], &mut lasts);
        let pairs = lasts.into_iter().zip(fails).take(addresses.len());
        runs.extend(pairs.map(|(lasts, fails)| SoloRun { lasts, fails }));
    }

    /// With what chance a run fails, if it does that at the end of its work, and nothing else ends
    /// it.
    fn only_chance(&self) -> Option<Chance> {
        if !self.hazards.is_empty() {
            return None;
        }
        match self.endings.as_slice() {
            [] => Some(Chance::NEVER),
            [(chance, failure)] if failure.at == At::End => {
                let fails = !failure.ending.exit().is_success();
                Some(if fails { *chance } else { Chance::NEVER })
            }
            _ => None,
        }
    }

    fn any_run(&self, key: &Key, draws: Draws, own: u64, work: Span) -> SoloRun {
        let mut first: Option<(Span, Ending)> = None;
        let mut earlier = |at: Span, ending: Ending| {
            if first.is_none_or(|(known, _)| at < known) {
                first = Some((at, ending));
            }
        };
        if !self.endings.is_empty() {
            let chances = self.endings.iter().map(|it| it.0);
            let hit = Chance::first_hit(chances, &mut draws.stream(Purpose::Ending));
            if let Some(place) = hit {
                let failure = &self.endings[place].1;
                earlier(fails_at(failure, key, own, work), failure.ending);
            }
        }
        for (nth, (law, ending)) in (0..).zip(&self.hazards) {
            let hazard = entity(&[own, nth]);
            let at = law.draw(&mut key.stream(hazard, Purpose::Hazard));
            earlier(at, *ending);
        }
        earlier(work, Ending::SUCCESS);
        let (lasts, ending) = first.unwrap_or((work, Ending::SUCCESS));
        let fails = !ending.exit().is_success();
        SoloRun { lasts, fails }
    }
}

fn fails_at(failure: &Failure, key: &Key, own: u64, work: Span) -> Span {
    match &failure.at {
        At::End => work,
        At::PerCent(share) => {
            let (work, share) = (work.micros(), i64::from(*share));
            Span::from_micros(work / 100 * share + work % 100 * share / 100)
        }
        // The number of endings by chance among what fails a run.
        At::After(law) => law.draw(&mut key.stream(entity(&[own, 3]), Purpose::FailsAt)),
    }
}
