//! What processes do besides their work: stopping, hooks, and answers to probes.

use super::ending::Ending;
use crate::base::{Chance, Law};

/// What a process does about its stop signal (P52, P53).
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// It exits.
    Exits {
        /// After that time; `None` is at once.
        after: Option<Law>,
        /// How; `None` is by the signal, as without a handler: exit code 143 of SIGTERM.
        ending: Option<Ending>,
    },
    /// Nothing, as number 1 of its container without a handler: it is killed (137) when its grace
    /// is over, unless its work ends before.
    Ignores,
    /// It ends what it is at, and then exits: the worker of a queue its item, with 0; another
    /// process its work, as it would have.
    Finishes,
}

impl Default for Stop {
    /// The signal ends it at once.
    fn default() -> Self {
        Self::Exits {
            after: None,
            ending: None,
        }
    }
}

/// What hooks take that the manifest does not time: commands and requests, not sleeps. Without a
/// word they succeed at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hooks {
    /// `lifecycle.postStart`
    pub post_start: Option<HookRun>,
    /// `lifecycle.preStop`
    pub pre_stop: Option<HookRun>,
}

/// What a hook does.
#[derive(Clone, Debug, PartialEq)]
pub struct HookRun {
    /// How long it takes.
    pub takes: Law,
    /// How likely it fails.
    pub fails: Chance,
}

/// What a process answers to probes, counted from the start of the run. Without a word every
/// probe succeeds at any time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// When its startup probe begins to succeed.
    pub started: Option<Law>,
    /// When its readiness probe begins to succeed.
    pub ready: Option<Law>,
    /// When its readiness probe ceases to, for good; counted from when it began to.
    pub unready: Option<Law>,
    /// When it hangs: it answers no probe and does no work any more, and does not end by itself.
    /// It still stops as it does.
    pub hangs: Option<Hang>,
}

/// A process that hangs.
#[derive(Clone, Debug, PartialEq)]
pub struct Hang {
    /// How likely a run does.
    pub chance: Chance,
    /// When.
    pub after: Law,
}

/// The number of a Linux signal as manifests name it, SIGTERM for what they do not: `SIGINT`,
/// `SIGRTMIN+3` (P52).
pub(super) fn signal_number(name: Option<&str>) -> u8 {
    const TERM: u8 = 15;
    const NAMES: [&str; 31] = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];
    let Some(name) = name.and_then(|name| name.strip_prefix("SIG")) else {
        return TERM;
    };
    let name = match name {
        "IOT" => "ABRT",
        "CLD" => "CHLD",
        "POLL" => "IO",
        other => other,
    };
    let far = |tail: &str| match tail {
        "" => Some(0),
        tail => tail.get(1..)?.parse().ok().filter(|far| *far <= 30),
    };
    let real_time = match (name.strip_prefix("RTMIN"), name.strip_prefix("RTMAX")) {
        (Some(tail), _) => far(tail).map(|far: u8| 34 + far),
        (_, Some(tail)) => far(tail).map(|far: u8| 64 - far),
        (None, None) => None,
    };
    let named = || (1..).zip(NAMES).find(|(_, it)| *it == name);
    real_time
        .or_else(|| named().map(|(number, _)| number))
        .unwrap_or(TERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_signals_have_linux_numbers_p52() {
        for (name, number) in [
            (None, 15),
            (Some("SIGTERM"), 15),
            (Some("SIGINT"), 2),
            (Some("SIGHUP"), 1),
            (Some("SIGKILL"), 9),
            (Some("SIGUSR1"), 10),
            (Some("SIGIOT"), 6),
            (Some("SIGPOLL"), 29),
            (Some("SIGSYS"), 31),
            (Some("SIGRTMIN"), 34),
            (Some("SIGRTMIN+15"), 49),
            (Some("SIGRTMAX-14"), 50),
            (Some("SIGRTMAX"), 64),
            (Some("SIGNONE"), 15),
        ] {
            assert_eq!(signal_number(name), number, "{name:?}");
        }
    }
}
