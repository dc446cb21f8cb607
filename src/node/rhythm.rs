//! The life of a pod with one container on a kubelet that nothing disturbs, in closed form: the
//! instants at which [`Kubelets`](super::Kubelets) write its status, without playing what is in
//! between.
//!
//! P17, P18, P31, P54, P55. [`Kubelets`](super::Kubelets) is the model; this says what it comes to
//! where every step takes a fixed time.

use super::pace::{Beats, Delay, Pace};
use super::ticks::{Beat, polled};
use crate::base::{Instant, Span};
use crate::model::{Behavior, PodTemplate, PullPolicy, RestartPolicy};

/// The kubelet looks so often for mounted volumes, and whether they are unmounted.
const MOUNT_POLL: Span = Span::from_millis(300);
const UNMOUNT_POLL: Span = Span::from_millis(100);
/// What is left for a container after its stop signal, whatever the grace period (P53).
const LEAST_GRACE: u32 = 2;

/// How a kubelet leads the pods of a Job, as long as nothing disturbs them.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// From binding to the sandbox, and whether that is shown (P4).
    sandbox: Span,
    shows_sandbox: bool,
    /// From binding to the start of the process, and whether that is seen at once (P31).
    start: Span,
    seen_at_once: bool,
    beat: Beat,
    sandbox_stop: Span,
    unmount: Span,
    grace: Span,
    graceful: bool,
}

/// When a pod's status is written, from its binding on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// The process exits.
    pub exits: Instant,
    /// Phase Running, Ready; none if its end is seen first.
    pub runs: Option<Instant>,
    /// The end is seen: not Ready any more.
    pub unready: Instant,
    /// The final phase.
    pub ends: Instant,
}

/// What becomes of a pod that is asked to terminate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The end of its process is seen before it is stopped: not Ready any more.
    pub unready: Option<Instant>,
    /// The final phase.
    pub ends: Instant,
    /// What its process does about the stop signal.
    pub how: Stop,
    /// The object goes.
    pub gone: Instant,
}

/// What a process does about its stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing: it exits by itself before.
    Not,
    /// It exits.
    Reacted,
    /// Nothing, and it is killed.
    Killed,
}

impl Rhythm {
    /// The rhythm of pods made from that template; `None` for those that it does not describe:
    /// with several containers or init containers, restarts, hooks, probes, gates, a deadline of
    /// their own or volumes that may be missing, or where a step takes a time that is drawn, a
    /// status does not arrive at once, or images have to be pulled.
    #[must_use]
    pub fn of(pace: &Pace, facts: &Behavior, template: &PodTemplate) -> Option<Self> {
        let [container] = template.containers.as_slice() else {
            return None;
        };
        let probes = container.startup_probe.is_some()
            || container.readiness_probe.is_some()
            || container.liveness_probe.is_some();
        let extra = container.sidecar
            || container.restart.is_some()
            || !container.restart_rules.is_empty()
            || !container.references.is_empty()
            || container.pre_stop.is_some()
            || container.post_start.is_some()
            || super::life::is_bad_image(&container.image)
            || !template.init_containers.is_empty()
            || !template.volumes.is_empty()
            || !template.readiness_gates.is_empty()
            || !template.scheduling_gates.is_empty()
            || template.active_deadline_seconds.is_some()
            || template.restart_policy != RestartPolicy::Never;
        let at_once = |delay: &Delay| *delay == Delay::Fixed(Span::ZERO);
        if probes || extra || pace.pulls_images() || !at_once(&pace.api_write) {
            return None;
        }
        let beat = match pace.beats {
            Beats::Aligned => Beat::default(),
            Beats::Continuous => Beat::CONTINUOUS,
            Beats::Drawn => return None,
        };
        let mount = match template.mounts_token {
            Some(false) => Span::ZERO,
            _ => polled(fixed(&pace.mount)?, MOUNT_POLL),
        };
        let sandbox = mount + fixed(&pace.sandbox)?;
        let asks = match container.image_pull_policy {
            PullPolicy::Always => fixed(&pace.registry)?,
            PullPolicy::IfNotPresent | PullPolicy::Never => Span::ZERO,
        };
        let own = template.termination_grace_period_seconds;
        Some(Self {
            sandbox,
            shows_sandbox: facts.sandboxes_are_shown_at_once,
            start: sandbox + asks + fixed(&pace.create_start)?,
            seen_at_once: facts.starts_are_seen_at_once,
            beat,
            sandbox_stop: fixed(&pace.sandbox_stop)?,
            unmount: fixed(&pace.unmount)?,
            grace: Span::from_secs(i64::from(own.max(LEAST_GRACE))),
            graceful: own > 0,
        })
    }

    /// From binding to a write of the status that changes neither phase nor readiness, if there is
    /// one.
    #[must_use]
    pub fn silent_write(&self) -> Option<Span> {
        self.shows_sandbox.then_some(self.sandbox)
    }

    /// From the write that shows a pod's end to that of its final phase.
    #[must_use]
    pub fn between_ends(&self) -> Span {
        let shown = self.beat.at_or_after(Instant::ORIGIN);
        self.beat.after(shown).since(shown) + self.sandbox_stop
    }

    /// The life of a pod that is bound at that instant, and whose process runs so long.
    #[must_use]
    #[inline]
    pub fn life(&self, bound: Instant, lasts: Span) -> Lifetime {
        let starts = bound + self.start;
        let exits = starts + lasts;
        let seen = if self.seen_at_once {
            starts
        } else {
            self.beat.after(starts)
        };
        let (runs, unready) = if exits <= seen && !self.seen_at_once {
            (None, seen)
        } else {
            let unready = self.beat.at_or_after(exits).max(self.beat.after(seen));
            (Some(seen), unready)
        };
        Lifetime {
            exits,
            runs,
            unready,
            ends: self.beat.after(unready) + self.sandbox_stop,
        }
    }

    /// What becomes of a pod of that life if it is asked to terminate at that instant, after the
    /// rest of what happens then; `reacts` is how long it takes to exit, or nothing if it does not
    /// react. `None` for pods that do not run yet, that end at this very instant, or that have no
    /// grace period.
    #[must_use]
    pub fn stopped(&self, life: &Lifetime, at: Instant, reacts: Option<Span>) -> Option<Stopped> {
        let runs = life.runs.filter(|runs| *runs < at)?;
        if at == life.ends || !self.graceful {
            return None;
        }
        let (ends, unready, how) = if at >= life.unready {
            (life.ends, None, Stop::Not)
        } else {
            // The next look at the pod, and what it shows.
            let looks = at.max(self.beat.after(runs));
            let seen = self.beat.at_or_before(looks) >= life.exits;
            let (takes, by_signal) = match reacts.filter(|it| *it <= self.grace) {
                Some(takes) => (takes, Stop::Reacted),
                None => (self.grace, Stop::Killed),
            };
            let (exits, how) = if life.exits <= looks + takes {
                (life.exits.max(looks), Stop::Not)
            } else {
                (looks + takes, by_signal)
            };
            (exits + self.sandbox_stop, seen.then_some(looks), how)
        };
        let cleans = self.beat.after(ends);
        let left = (ends + self.unmount).since(cleans).max(Span::ZERO);
        Some(Stopped {
            unready,
            ends,
            how,
            gone: cleans + polled(left, UNMOUNT_POLL),
        })
    }
}

fn fixed(delay: &Delay) -> Option<Span> {
    match delay {
        Delay::Fixed(span) => Some(*span),
        Delay::Drawn(_) => None,
    }
}
