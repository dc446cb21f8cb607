//! Why a request was refused, with the status code and text of the API server.

use std::fmt;
use std::sync::Arc;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 404: the object is not there (any more).
    NotFound,
    /// 409: the object has been changed since it was read.
    Stale,
    /// 422: the object would not be valid; each reason as `field: problem`.
    Invalid {
        /// The Job's name.
        name: String,
        /// The reasons, in the API server's order.
        reasons: Vec<String>,
    },
    /// 409: there is an object of that name already.
    Exists {
        /// The resource's name in the plural.
        resource: &'static str,
        /// The object's name.
        name: String,
    },
    /// 429: the pod's disruption budget does not let it go now (P80).
    Budget {
        /// Why not.
        cause: String,
    },
    /// 500: several disruption budgets are about the pod (P80).
    SeveralBudgets,
    /// 403: admission does not let the object in.
    Forbidden {
        /// The number under which the server knows the reason.
        number: u16,
        /// The reason in words.
        words: Arc<str>,
    },
    /// 403: the namespace is being deleted (P92).
    NamespaceTerminating,
    /// Refused by the scenario, with an HTTP status code.
    Injected {
        /// 403, 409, 429, 500 or 503; others read as 503.
        code: u16,
        /// The resource's name in the plural.
        resource: &'static str,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::Stale => f.write_str(
                "the object has been modified; please apply your changes to the latest version \
                 and try again",
            ),
            Self::Invalid { name, reasons } => {
                write!(f, "Job.batch \"{name}\" is invalid: ")?;
                match reasons.as_slice() {
                    [only] => f.write_str(only),
                    many => write!(f, "[{}]", many.join(", ")),
                }
            }
            Self::Exists { resource, name } => {
                write!(f, "{resource} \"{name}\" already exists")
            }
            Self::Budget { cause } => write!(
                f,
                "Cannot evict pod as it would violate the pod's disruption budget. {cause}"
            ),
            Self::SeveralBudgets => f.write_str(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource \
                 does not support.",
            ),
            Self::Forbidden { words, .. } => f.write_str(words),
            Self::NamespaceTerminating => f.write_str(
                "unable to create new content in the namespace because it is being terminated",
            ),
            Self::Injected { code, resource } => match code {
                403 => write!(
                    f,
                    "{resource} is forbidden: exceeded quota: q, requested: pods=1, used: \
                     pods=5, limited: pods=5"
                ),
                409 => write!(
                    f,
                    "Operation cannot be fulfilled on {resource} \"\": injected"
                ),
                500 => f.write_str("Internal error occurred: injected"),
                _ => f.write_str("injected"),
            },
        }
    }
}
