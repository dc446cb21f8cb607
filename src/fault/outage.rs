//! Outages: what does not work for a while.

use crate::api::{Resource, Verb};
use crate::base::Span;
use crate::model::{LimitRange, Quota};

/// Something that does not work from one instant to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From when on, after the creation of the Jobs.
    pub from: Span,
    /// Until when, exclusively.
    pub to: Span,
    /// What does not work.
    pub outage: Outage,
}

/// What does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outage {
    /// Requests of the controllers fail.
    Requests {
        /// Which verb.
        verb: Verb,
        /// On which resource.
        resource: Resource,
        /// With which HTTP status code.
        code: u16,
    },
    /// Requests of the controllers take so much longer.
    Latency(Span),
    /// That image cannot be pulled; no name means any image, as when the registry is down (P36).
    Image(Option<String>),
    /// That ConfigMap or Secret does not exist (P5, P17).
    Reference(String),
    /// No volume can be mounted (P17).
    Volumes,
    /// The pods' ServiceAccount does not exist (P90).
    ServiceAccount,
    /// The namespace has that quota (P90, P93).
    Quota(Quota),
    /// The namespace has that range of resources (P90).
    LimitRange(LimitRange),
    /// A webhook or a policy refuses every pod (P90).
    Admission,
    /// The clocks of the nodes are that much ahead of the control plane's.
    Clock(Span),
}
