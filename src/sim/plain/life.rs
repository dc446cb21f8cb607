//! What a pod comes to: the instants of its life, known when it is created.

use crate::base::{Instant, Key, Span};
use crate::model::{Job, PodScript};
use crate::node::{Lifetime, Rhythm, Stop};
use crate::sim::scenario::Scenario;
use crate::sim::world::entity_of;
use crate::workload::{Solo, SoloRun};

/// So many addresses of first pods are kept: they are the same in each trial.
const KEPT: u32 = 4096;
/// The exit code of a container that was killed.
const KILLED: i32 = 137;

/// A pod from its creation on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pod {
    /// Its completion index; 0 if the Job is not Indexed.
    pub(super) index: u32,
    /// Its number among the pods of its index, or of its Job.
    pub(super) nth: u32,
    pub(super) created: Instant,
    pub(super) bound: Instant,
    /// A write of its status before it runs that changes nothing the Job looks at.
    pub(super) silent: Instant,
    /// Phase Running; never, if its end is seen first.
    pub(super) runs: Instant,
    /// Not Ready any more.
    pub(super) unready: Instant,
    /// Its final phase.
    pub(super) ends: Instant,
    /// When its process exits.
    pub(super) exits: Instant,
    pub(super) fails: bool,
    /// Whether it is Ready while it runs.
    pub(super) ready: bool,
}

/// How a pod goes that is asked to terminate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Going {
    pub(super) unready: Option<Instant>,
    pub(super) ends: Instant,
    pub(super) gone: Instant,
    pub(super) fails: bool,
}

/// How pods live.
#[derive(Clone, Debug)]
pub(super) enum Lives {
    /// By scripts.
    Scripted(Vec<Script>),
    /// Under kubelets.
    Led(Box<Led>),
}

/// A script with what it comes to.
#[derive(Clone, Debug)]
pub(super) struct Script {
    own: PodScript,
    bound: Span,
    runs: Span,
    ends: Span,
    fails: bool,
    grace: Span,
}

/// Pods of one container under kubelets.
#[derive(Clone, Debug)]
pub(super) struct Led {
    rhythm: Rhythm,
    solo: Solo,
    indexed: bool,
    /// The address of the Job.
    job: u64,
    /// The addresses of the first runs: by number, or of Indexed Jobs the first pods' by index.
    addresses: Vec<u64>,
    /// Runs of pods that were not created yet, from this number or index on. What they come to is
    /// known by their addresses, and many draws at a time are faster than one by one.
    ahead: Vec<SoloRun>,
    from: u32,
    /// There are no more pods than that, if each is the first of its index.
    bound: u32,
    /// How many will be needed in any case.
    needed: u32,
}

/// At most so many runs are drawn ahead.
const AHEAD: u32 = 128;
/// So many are where it is not sure that they will be needed.
const PERHAPS: u32 = 2;

impl Lives {
    /// The lives of a plain scenario's pods, unless they are not plain.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        let workload = scenario.workloads.first()?;
        let job = &workload.job;
        if workload.fates.is_empty() {
            let scripts = workload.pods.iter().map(|it| Script::of(job, it));
            let scripts: Vec<Script> = scripts.collect::<Option<_>>()?;
            return (!scripts.is_empty()).then_some(Self::Scripted(scripts));
        }
        let facts = scenario.release.behavior();
        let spec = &job.spec;
        let needed = spec.completions.unwrap_or(spec.parallelism);
        Some(Self::Led(Box::new(Led {
            rhythm: Rhythm::of(&scenario.pace, &facts, &job.spec.template)?,
            solo: Solo::of(job, &workload.fates)?,
            indexed: job.spec.is_indexed(),
            job: Solo::job_address(entity_of(job)),
            addresses: Vec::new(),
            ahead: Vec::new(),
            from: 0,
            bound: if spec.is_indexed() { needed } else { u32::MAX },
            needed,
        })))
    }

    /// Whether pods follow scripts.
    pub(super) const fn are_scripted(&self) -> bool {
        matches!(self, Self::Scripted(_))
    }

    /// Another trial begins.
    pub(super) fn clear(&mut self) {
        if let Self::Led(led) = self {
            led.ahead.clear();
        }
    }

    /// Whether of two pods the one that was created first also runs first.
    pub(super) fn keep_their_order(&self) -> bool {
        match self {
            Self::Scripted(scripts) => scripts.len() == 1,
            Self::Led(_) => true,
        }
    }

    /// From the write that shows a pod's end to its final phase.
    pub(super) fn between_ends(&self) -> Span {
        match self {
            Self::Scripted(_) => Span::ZERO,
            Self::Led(led) => led.rhythm.between_ends(),
        }
    }

    /// A pod that is created now.
    #[inline]
    pub(super) fn begin(&mut self, key: &Key, now: Instant, index: u32, nth: u32) -> Pod {
        match self {
            Self::Scripted(scripts) => pick(scripts, index, nth).begin(now, index, nth),
            Self::Led(led) => led.begin(key, now, index, nth),
        }
    }

    /// How a pod goes that is asked to terminate now; `None` where that is not modelled.
    pub(super) fn stop(&self, key: &Key, now: Instant, pod: &Pod) -> Option<Going> {
        match self {
            Self::Scripted(scripts) => pick(scripts, pod.index, pod.nth).stop(now, pod),
            Self::Led(led) => led.stop(key, now, pod),
        }
    }
}

/// The script of a pod: the first that is for it, else the last.
fn pick(scripts: &[Script], index: u32, nth: u32) -> &Script {
    if let [only] = scripts {
        return only;
    }
    let own = scripts.iter().find(|it| it.is_for(index, nth));
    own.unwrap_or(&scripts[scripts.len() - 1])
}

impl Script {
    fn of(job: &Job, script: &PodScript) -> Option<Self> {
        let plain = script.restarts.is_empty()
            && script.disrupt.is_none()
            // Pods without index are in no list of them.
            && (script.index.is_empty() || job.spec.is_indexed());
        let bound = script.schedule.filter(|_| plain)?;
        let runs = bound + script.start?;
        let template = &job.spec.template;
        let named = |name: &str| script.exit.iter().find(|(container, _)| container == name);
        let code = |name: &str| named(name).map_or(0, |it| it.1);
        Some(Self {
            bound,
            runs,
            ends: runs + script.run?,
            fails: template.containers.iter().any(|it| code(&it.name) != 0),
            grace: Span::from_secs(template.termination_grace_period_seconds.into()),
            own: script.clone(),
        })
    }

    fn is_for(&self, index: u32, nth: u32) -> bool {
        let it = &self.own;
        (it.index.is_empty() || it.index.contains(&index))
            && (it.nth.is_empty() || it.nth.contains(&nth))
            && it.node.is_empty()
    }

    fn begin(&self, now: Instant, index: u32, nth: u32) -> Pod {
        let ends = now + self.ends;
        Pod {
            index,
            nth,
            created: now,
            bound: now + self.bound,
            silent: now + self.bound,
            runs: now + self.runs,
            unready: ends,
            ends,
            exits: ends,
            fails: self.fails,
            ready: !self.own.not_ready,
        }
    }

    /// Its own end may come at this very instant, before it hears of the request.
    fn stop(&self, now: Instant, pod: &Pod) -> Option<Going> {
        let on_delete = self.own.on_delete;
        let hears = pod.runs < now && now < pod.ends && self.grace > Span::ZERO;
        let killed = on_delete.stop > self.grace;
        let code = if killed { KILLED } else { on_delete.exit };
        let ends = now + on_delete.stop.min(self.grace);
        let plain = hears && i16::try_from(code).is_ok();
        plain.then_some(Going {
            unready: None,
            ends,
            gone: ends,
            fails: code != 0,
        })
    }
}

impl Led {
    /// The run of the pod of that number, or of the first pod of that index.
    #[inline]
    fn first_run(&mut self, key: &Key, number: u32) -> SoloRun {
        let known = number.checked_sub(self.from).map(|place| place as usize);
        match known.and_then(|place| self.ahead.get(place)) {
            Some(run) => *run,
            None => self.draw_ahead(key, number),
        }
    }

    /// Draws the runs from that number on, and gives the first of them.
    fn draw_ahead(&mut self, key: &Key, number: u32) -> SoloRun {
        let sure = self.needed.saturating_sub(number);
        let count = sure.clamp(PERHAPS, AHEAD).min(self.bound - number);
        let to = number + count;
        let address = |number: u32| {
            if self.indexed {
                Solo::address(self.job, Some(number), 0)
            } else {
                Solo::address(self.job, None, number)
            }
        };
        self.ahead.clear();
        self.from = number;
        if to <= KEPT {
            let known = u32::try_from(self.addresses.len()).unwrap_or(KEPT);
            self.addresses.extend((known..to).map(address));
            let own = &self.addresses[number as usize..to as usize];
            let (solo, indexed) = (&self.solo, self.indexed);
            solo.runs(key, own, number, indexed, &mut self.ahead);
        } else {
            let mut own = [0; AHEAD as usize];
            let own = &mut own[..count as usize];
            for (it, number) in own.iter_mut().zip(number..) {
                *it = address(number);
            }
            let (solo, indexed) = (&self.solo, self.indexed);
            solo.runs(key, own, number, indexed, &mut self.ahead);
        }
        self.ahead[0]
    }

    #[inline]
    fn begin(&mut self, key: &Key, now: Instant, index: u32, nth: u32) -> Pod {
        let run = match (self.indexed, nth) {
            (true, 0) => self.first_run(key, index),
            (true, _) => {
                let own = Solo::address(self.job, Some(index), nth);
                self.solo.run(key, own, Some(index), nth)
            }
            (false, _) => self.first_run(key, nth),
        };
        let life = self.rhythm.life(now, run.lasts);
        let silent = self.rhythm.silent_write();
        Pod {
            index,
            nth,
            created: now,
            bound: now,
            silent: silent.map_or(now, |after| now + after),
            runs: life.runs.unwrap_or(Instant::NEVER),
            unready: life.unready,
            ends: life.ends,
            exits: life.exits,
            fails: run.fails,
            ready: true,
        }
    }

    fn stop(&self, key: &Key, now: Instant, pod: &Pod) -> Option<Going> {
        let numbered = self.indexed.then_some(pod.index);
        let own = Solo::address(self.job, numbered, pod.nth);
        let reacts = self.solo.stopped(key, own, numbered, pod.nth);
        let life = Lifetime {
            exits: pod.exits,
            runs: (pod.runs != Instant::NEVER).then_some(pod.runs),
            unready: pod.unready,
            ends: pod.ends,
        };
        let it = self.rhythm.stopped(&life, now, reacts.map(|it| it.lasts))?;
        let fails = match it.how {
            Stop::Not => pod.fails,
            Stop::Reacted => reacts.is_none_or(|it| it.fails),
            Stop::Killed => true,
        };
        Some(Going {
            unready: it.unready,
            ends: it.ends,
            gone: it.gone,
            fails,
        })
    }
}
