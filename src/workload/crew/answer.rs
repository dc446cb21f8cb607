//! What a run answers: to a stop signal, to probes, in hooks, and when its usage is measured.

use super::address::{drawn, run_entity};
use super::end::hangs_after;
use super::{Crew, Role, Site};
use crate::base::{Instant, Purpose, Span};
use crate::model::{
    Answer, ContainerRun, ContainerSlot, Exit, HookEnd, HookTurn, OnStop, PodId, ProbeKind,
};
use crate::workload::Ending;
use crate::workload::stop::Stop;

impl Crew {
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
                OnStop::Exits(after, ending.map_or(by_signal, Ending::exit))
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
}
