//! One container of a pod: what its runtime has of it, and how much of that the kubelet has seen.

use super::super::back_off::BackOff;
use super::probes::Probes;
use super::status::{Shown, Waiting};
use crate::base::{Instant, Span};
use crate::model::Exit;

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) at: Instant,
    pub(super) exit: Exit,
}

/// What the runtime has of the newest run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There is none, or no record of it.
    None,
    Running,
    Exited(Ended),
}

/// How much of the newest run the kubelet's last look has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    Nothing,
    Start,
    End,
}

/// A container as the kubelet's last look has shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// No run of it is known.
    Absent,
    Running,
    Exited(Ended),
}

/// Where the killing of a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nobody wants it stopped.
    No,
    /// Its preStop hook runs; whether to its end, even if the container is dead.
    Hook {
        began: Instant,
        until: Instant,
        grace: u32,
        stays: bool,
    },
    /// It waits until others have ended (P48).
    Turn {
        began: Instant,
        until: Instant,
        grace: u32,
    },
    /// It has got its stop signal.
    Signalled,
}

/// One container of a pod.
#[allow(clippy::struct_excessive_bools)] // marks of a plan, not a state machine
#[derive(Clone, Copy, Debug)]
pub(super) struct ContainerLife {
    /// How many runs there have been.
    pub(super) runs: u32,
    /// Restarts that the kubelet counts though there was no run (P7).
    pub(super) lost: u32,
    pub(super) state: State,
    /// When the newest run began.
    pub(super) since: Instant,
    pub(super) seen: Seen,
    /// The end of the run before the newest, if there is a record.
    pub(super) before: Option<Ended>,
    /// In which of the pod's sandboxes the newest run is.
    pub(super) sandbox: u32,
    /// When the process does something by itself, and what.
    pub(super) turn: Instant,
    pub(super) exit: Option<Exit>,
    /// When it ends because it is being stopped, and how; whether that is the kill.
    pub(super) stops: Instant,
    pub(super) stopped: Exit,
    pub(super) killed: bool,
    pub(super) stop: Stop,
    pub(super) back_off: BackOff,
    pub(super) pull: BackOff,
    pub(super) pulls: u32,
    /// Why the last attempt to start it failed.
    pub(super) reason: Option<Waiting>,
    pub(super) to_start: bool,
    pub(super) to_kill: bool,
    /// Its record was removed to start it again (P34).
    pub(super) removed: bool,
    pub(super) probes: Probes,
    pub(super) shown: Shown,
}

impl ContainerLife {
    pub(super) fn new(waiting: Waiting) -> Self {
        Self {
            runs: 0,
            lost: 0,
            state: State::None,
            since: Instant::NEVER,
            seen: Seen::Nothing,
            before: None,
            sandbox: 0,
            turn: Instant::NEVER,
            exit: None,
            stops: Instant::NEVER,
            stopped: Exit::KILLED,
            killed: false,
            stop: Stop::No,
            back_off: BackOff::default(),
            pull: BackOff::default(),
            pulls: 0,
            reason: None,
            to_start: false,
            to_kill: false,
            removed: false,
            probes: Probes::default(),
            shown: Shown::waiting(waiting),
        }
    }

    /// As the kubelet sees it.
    pub(super) fn view(&self) -> View {
        match (self.seen, self.state) {
            (Seen::End, State::Exited(ended)) => View::Exited(ended),
            (Seen::Start | Seen::End, State::Running | State::Exited(_)) => View::Running,
            (_, State::None) | (Seen::Nothing, _) => self.before.map_or(View::Absent, View::Exited),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    /// `restartCount` as far as it is seen (P7).
    pub(super) fn restarts(&self) -> u32 {
        let unseen = u32::from(self.seen == Seen::Nothing && self.state != State::None);
        (self.runs - unseen).saturating_sub(1) + self.lost
    }

    /// A look at the runtime at that instant; whether it showed something new. `at_once` where
    /// the look follows the start without delay.
    pub(super) fn look(&mut self, at: Instant, at_once: bool) -> bool {
        let started = self.since < at || (at_once && self.since == at);
        let seen = match self.state {
            State::None => return false,
            _ if !started => return false,
            State::Exited(ended) if ended.at <= at && self.since < at => Seen::End,
            State::Running | State::Exited(_) => Seen::Start,
        };
        let news = seen > self.seen;
        self.seen = self.seen.max(seen);
        news
    }

    /// The earliest instant at which a look shows something new; strictly after the first, or
    /// at the second.
    pub(super) fn unseen(&self) -> Option<Unseen> {
        match (self.state, self.seen) {
            (State::None, _) | (_, Seen::End) | (State::Running, Seen::Start) => None,
            (_, Seen::Nothing) => Some(Unseen::After(self.since)),
            (State::Exited(ended), Seen::Start) => Some(if ended.at == self.since {
                Unseen::After(ended.at)
            } else {
                Unseen::From(ended.at)
            }),
        }
    }

    /// A new run begins.
    pub(super) fn begin(&mut self, now: Instant, sandbox: u32) {
        self.before = match self.state {
            State::Exited(ended) => Some(ended),
            State::None | State::Running => self.before,
        };
        self.runs += 1;
        self.state = State::Running;
        self.since = now;
        self.seen = Seen::Nothing;
        self.sandbox = sandbox;
        self.removed = false;
        self.probes.reset();
    }

    /// The newest run is over.
    pub(super) fn end(&mut self, at: Instant, exit: Exit) {
        self.state = State::Exited(Ended { at, exit });
        self.turn = Instant::NEVER;
        self.stops = Instant::NEVER;
        self.probes.halt();
    }

    /// The runtime forgets all runs.
    pub(super) fn forget(&mut self) {
        self.state = State::None;
        self.seen = Seen::Nothing;
        self.before = None;
    }

    /// When the process exits if it reacts to the stop signal after that time, and when it is
    /// killed otherwise: whichever is first.
    pub(super) fn stop_by(&mut self, reacts: Option<(Instant, Exit)>, kill: Instant) {
        let reacts = reacts.filter(|(at, _)| *at <= kill);
        self.killed = reacts.is_none();
        (self.stops, self.stopped) = reacts.unwrap_or((kill, Exit::KILLED));
    }

    /// When something happens to it next, apart from probes.
    pub(super) fn next(&self) -> Instant {
        let stop = match self.stop {
            Stop::Hook { until, .. } | Stop::Turn { until, .. } => until,
            Stop::No | Stop::Signalled => Instant::NEVER,
        };
        self.turn.min(self.stops).min(stop)
    }
}

/// When a look shows something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unseen {
    /// At any look after that instant.
    After(Instant),
    /// At any look from that instant on.
    From(Instant),
}

/// A time that passes: zero would let a process be asked for ever at one instant.
pub(super) fn passing(span: Span) -> Span {
    span.max(Span::from_micros(1))
}
