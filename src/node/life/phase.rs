//! The phase of a pod follows from the states of its containers.
//!
//! P8. Every generation of a status evaluates this function; what the API shows of its result is
//! another matter (P9, P11). Sidecars are init containers that are always restarted; their exit
//! codes never matter.

use crate::model::{Behavior, Phase};

/// What the phase function knows of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It never ran.
    Waiting,
    /// It has ended and waits to be started again; whether that is sure.
    Stopped { code: i16, again: bool },
    /// It has ended; whether it will be started again.
    Terminated { code: i16, again: bool },
    /// It runs; whether its startup probe has succeeded.
    Running { started: bool },
}

/// The containers of a pod, counted as the phase function needs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pending_init: u32,
    pending_sidecars: u32,
    failed_init: u32,
    waiting: u32,
    running: u32,
    stopped: u32,
    restarting: u32,
    succeeded: u32,
}

impl Tally {
    /// Counts an init container that is no sidecar.
    pub(super) fn init(&mut self, state: State) {
        match state {
            State::Waiting | State::Running { .. } => self.pending_init += 1,
            State::Stopped { code, again } | State::Terminated { code, again } => {
                self.failed_init += u32::from(code != 0 && !again);
            }
        }
    }

    /// Counts a sidecar.
    pub(super) fn sidecar(&mut self, state: State) {
        match state {
            State::Waiting => {
                self.pending_sidecars += 1;
                self.waiting += 1;
            }
            State::Running { started } => {
                self.pending_sidecars += u32::from(!started);
                self.running += 1;
            }
            State::Stopped { .. } | State::Terminated { .. } => {}
        }
    }

    /// Counts a regular container.
    pub(super) fn regular(&mut self, state: State) {
        match state {
            State::Waiting => self.waiting += 1,
            State::Running { .. } => self.running += 1,
            State::Stopped { again, .. } => {
                self.stopped += 1;
                self.restarting += u32::from(again);
            }
            State::Terminated { code, again } => {
                self.stopped += 1;
                self.restarting += u32::from(again);
                self.succeeded += u32::from(code == 0);
            }
        }
    }

    /// The phase; `over` once the kubelet has finished terminating the pod, `initialized` once a
    /// regular container has started.
    pub(super) fn phase(&self, facts: &Behavior, over: bool, initialized: bool) -> Phase {
        if self.failed_init > 0 {
            return Phase::Failed;
        }
        let exempt = initialized && !facts.only_sidecars_exempt;
        let pending_init = self.pending_init > 0 && !exempt;
        let pending_sidecars = self.pending_sidecars > 0 && !initialized;
        if pending_init || pending_sidecars || self.waiting > 0 {
            Phase::Pending
        } else if self.running > 0 {
            Phase::Running
        } else if self.stopped == 0 {
            Phase::Pending
        } else if !over && self.restarting > 0 {
            Phase::Running
        } else if self.succeeded == self.stopped {
            Phase::Succeeded
        } else {
            Phase::Failed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Release;

    /// `i` init container, `s` sidecar, `c` container; then `-` waiting, `r` running, `R` running
    /// and not started, a number for an exit code, `+` after it if it is restarted, `w` before it
    /// if it is shown waiting. Flags: `over`, `init`, `1.31`.
    fn check(case: &str, want: &str) {
        let mut tally = Tally::default();
        let (mut over, mut initialized, mut release) = (false, false, Release::LATEST);
        for word in case.split(' ') {
            match word {
                "over" => over = true,
                "init" => initialized = true,
                "1.31" => release = Release::V1_31,
                _ => {
                    let (kind, rest) = word.split_at(1);
                    let again = rest.ends_with('+');
                    let code = |text: &str| text.trim_end_matches('+').parse().unwrap();
                    let state = match rest {
                        "-" => State::Waiting,
                        "r" => State::Running { started: true },
                        "R" => State::Running { started: false },
                        _ => match rest.strip_prefix('w') {
                            Some(rest) => State::Stopped {
                                code: code(rest),
                                again,
                            },
                            None => State::Terminated {
                                code: code(rest),
                                again,
                            },
                        },
                    };
                    match kind {
                        "i" => tally.init(state),
                        "s" => tally.sidecar(state),
                        _ => tally.regular(state),
                    }
                }
            }
        }
        let got = tally.phase(&release.behavior(), over, initialized);
        assert_eq!(got.as_str(), want, "{case}");
    }

    #[test]
    fn p8_1_an_init_container_that_failed_for_good_fails_the_pod() {
        check("i1 c-", "Failed");
        check("iw1 c-", "Failed");
        check("i1+ c-", "Pending");
        check("i0 c-", "Pending");
        check("i0 i7 cr", "Failed");
    }

    #[test]
    fn p8_2_a_pod_that_is_not_initialized_is_pending() {
        check("ir c-", "Pending");
        check("i- c-", "Pending");
        check("sR c-", "Pending");
        check("sR cr", "Pending");
        check("sR cr init", "Running");
        check("ir cr init", "Pending");
        check("ir cr init 1.31", "Running");
    }

    #[test]
    fn p8_3_a_container_that_never_ran_keeps_the_pod_pending() {
        check("c-", "Pending");
        check("c- cr", "Pending");
        check("c- c1", "Pending");
        check("s- cr init", "Pending");
    }

    #[test]
    fn p8_4_one_that_runs_is_enough() {
        check("cr", "Running");
        check("cr c1", "Running");
        check("cr c0", "Running");
        check("sr c0", "Running");
        check("sr c1", "Running");
        check("s1 cr", "Running");
    }

    #[test]
    fn p8_5_stopped_containers_decide_in_the_end() {
        check("c0", "Succeeded");
        check("c0 c0", "Succeeded");
        check("c0 c1", "Failed");
        check("s137 c0", "Succeeded");
        check("c1+", "Running");
        check("cw1+", "Running");
        check("c0 c1+", "Running");
        check("c1+ over", "Failed");
        check("c0 over", "Succeeded");
        check("cw0+ over", "Failed");
    }
}
