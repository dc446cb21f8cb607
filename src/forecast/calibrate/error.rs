//! Why pods cannot be made into a workload.

/// Why pods cannot be made into a workload; a sentence with advice for whoever gave them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct CalibrateError(#[from] Flaw);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Flaw {
    #[error("{from}: there is nothing in it\n  = help: {GIVE}")]
    Empty { from: String },
    #[error(
        "{from}: this is UTF-16, as PowerShell writes it\n  = help: write it with `| Out-File \
         -Encoding utf8 pods.json`"
    )]
    Utf16 { from: String },
    #[error("{from}: this is no JSON: {why}\n  = help: {GIVE}")]
    NoJson { from: String, why: String },
    #[error("{from}: this is JSON, but no object of Kubernetes: {why}\n  = help: {GIVE}")]
    NoObject { from: String, why: String },
    #[error("{from}: {path}: {why}")]
    Field {
        from: String,
        path: String,
        why: String,
    },
    #[error("there are no pods{among}\n  = help: {GIVE}; {GONE}")]
    NoPods { among: String },
    #[error(
        "there are pods of several Jobs: {names}\n  = help: choose with --job NAME, --job \
             'PREFIX*' or --namespace; all that is chosen counts as one workload"
    )]
    Several { names: String },
    #[error("no pod is of {wanted}; there are pods of {names}")]
    NoSuchJob { wanted: String, names: String },
    #[error(
        "no container has ended by itself{open}, so that nothing is known of run times: \
         {pods}\n  = help: wait for the first to finish; {GONE}"
    )]
    NothingEnded { pods: String, open: String },
}

const GIVE: &str = "give what `kubectl get pods,jobs -o json` prints";
const GONE: &str = "finished pods go with their Jobs (ttlSecondsAfterFinished, history limits), \
                    and are only in their own namespace (-n NAME, or -A for all)";

impl CalibrateError {
    /// Whether the input cannot be read, rather than being of no use.
    #[must_use]
    pub const fn is_unreadable(&self) -> bool {
        matches!(
            self.0,
            Flaw::Empty { .. }
                | Flaw::Utf16 { .. }
                | Flaw::NoJson { .. }
                | Flaw::NoObject { .. }
                | Flaw::Field { .. }
        )
    }

    /// Whether a choice between Jobs is missing, or hits none.
    #[must_use]
    pub const fn is_choice(&self) -> bool {
        matches!(self.0, Flaw::Several { .. } | Flaw::NoSuchJob { .. })
    }
}
