//! Pods that are not of any Job of the scenario: what else a cluster is used for.

use crate::base::{Law, Span};
use crate::model::{Container, PodTemplate, Resources};

/// Pods that fill nodes, and are of no Job of the scenario. The scheduler places them like others,
/// and pods of higher priority can take their room. They have no kubelets and no controllers:
/// they start at once where they are placed.
///
/// Those that have to go before their time, because they are preempted or their node is drained or
/// gone, come again at once, as those of a Deployment do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Background {
    /// What tells them from others: draws belong to this name.
    pub name: String,
    /// What they are like: requests, priority, selector, tolerations, grace period.
    pub template: PodTemplate,
    /// When they come.
    pub comes: Comes,
    /// From the instant at which one is placed to its end; for ever unless told.
    pub lifetime: Option<Law>,
    /// How long one takes to stop when it is asked to, up to its grace period.
    pub stop: Span,
}

/// When pods of the background come.
#[derive(Clone, Debug)]
pub enum Comes {
    /// So many are there from the origin on, placed before anything else is.
    FromTheStart(u32),
    /// One after the other, with such times between them, from the creation of the Jobs on and as
    /// long as a Job runs.
    Again(Law),
    /// At these times after the creation of the Jobs, in order of time.
    AsTold(Vec<Coming>),
}

/// A pod of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coming {
    /// When it comes, after the creation of the Jobs.
    pub at: Span,
    /// What it asks for, as far as it differs from the others.
    pub requests: Resources,
    /// From the instant at which it is placed to its end; as the others unless told.
    pub lifetime: Option<Span>,
}

impl Background {
    /// Pods that ask for so much, stop at once and stay for ever.
    #[must_use]
    pub fn new(name: impl Into<String>, requests: Resources, comes: Comes) -> Self {
        Self {
            name: name.into(),
            template: asking(&PodTemplate::default(), requests),
            comes,
            lifetime: None,
            stop: Span::ZERO,
        }
    }

    /// What the pod of a trace is like.
    #[must_use]
    pub fn of_trace(&self, coming: &Coming) -> PodTemplate {
        let usual = self.template.effective_requests();
        asking(&self.template, coming.requests.or(&usual))
    }
}

/// The same with one container that asks for so much.
fn asking(like: &PodTemplate, requests: Resources) -> PodTemplate {
    PodTemplate {
        containers: vec![Container {
            requests,
            ..Container::default()
        }],
        ..like.clone()
    }
}
