//! What pods do, written down instant by instant: the simplest pod model, and the one in which
//! recordings of Kubernetes' controllers are made.

use crate::base::Span;

/// The life of the pods that a script is for. A pod takes the first script that matches it, else
/// the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodScript {
    /// The completion indexes it is for; empty for all.
    pub index: Vec<u32>,
    /// Which pods it is for by number, from 0, among the pods of their index (or of the Job, if
    /// that is not Indexed), in order of creation; empty for all.
    pub nth: Vec<u32>,
    /// Names of the nodes on which it is for them; empty for all.
    pub node: Vec<String>,
    /// From creation to binding; `None` for never. Where there are nodes, somebody else binds.
    pub schedule: Option<Span>,
    /// From binding to phase Running; `None` for never.
    pub start: Option<Span>,
    /// Running pods do not become Ready.
    pub not_ready: bool,
    /// Runs of the first container that end in a restart (`restartPolicy: OnFailure`).
    pub restarts: Vec<Restart>,
    /// From the last start to the end; `None` for ever.
    pub run: Option<Span>,
    /// Exit codes at the end by container; 0 for those not named.
    pub exit: Vec<(String, i32)>,
    /// `status.reason` of the failed pod, such as `Evicted`.
    pub reason: Option<String>,
    /// Reason of a condition DisruptionTarget=True that a failing pod gets at its end.
    pub disrupt: Option<String>,
    /// What it does when asked to terminate.
    pub on_delete: OnDelete,
}

impl PodScript {
    /// From binding to running unless told: a quiet node that has the image.
    pub const START: Span = Span::from_secs(1);

    /// Pods that are bound at once, start within [`PodScript::START`], run so long and succeed.
    #[must_use]
    pub fn lasting(run: Span) -> Self {
        Self {
            schedule: Some(Span::ZERO),
            start: Some(Self::START),
            run: Some(run),
            ..Self::default()
        }
    }

    /// The same, but that container exits with that code.
    #[must_use]
    pub fn exiting(mut self, container: &str, code: i32) -> Self {
        self.exit.push((container.to_owned(), code));
        self
    }

    /// The same, for these pods only: by number, from 0, in order of creation.
    #[must_use]
    pub fn only(mut self, nth: impl IntoIterator<Item = u32>) -> Self {
        self.nth.extend(nth);
        self
    }
}

/// A run that ends in a restart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restart {
    /// From the start to the exit.
    pub run: Span,
    /// The exit code.
    pub exit: i32,
    /// From the exit to the next start.
    pub wait: Span,
}

/// What a running pod does when asked to terminate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnDelete {
    /// From the request to the end; more than the grace period means that it is killed (137).
    pub stop: Span,
    /// The exit code of its containers.
    pub exit: i32,
}

impl Default for OnDelete {
    /// Stops at once on SIGTERM, as a program without a handler does.
    fn default() -> Self {
        Self {
            stop: Span::ZERO,
            exit: 143,
        }
    }
}
