//! What does not work for a while: outages begin and end.

use super::{Event, World, rank};
use crate::api::Namespace;
use crate::base::{Instant, Span};
use crate::fault::{Fault, Outage};

impl World {
    /// Plans the beginnings and ends of outages. Failing requests need none: they are looked up
    /// when a request is made.
    pub(super) fn plan_outages(&mut self) {
        let start = Instant::ORIGIN + self.scenario.start;
        for fault in &self.scenario.faults {
            if !matches!(fault.outage, Outage::Requests { .. }) {
                for edge in [fault.from, fault.to] {
                    self.events.push(start + edge, rank::USER, Event::Outages);
                }
            }
        }
    }

    /// The outages of this instant.
    pub(super) fn outages(&self) -> impl Iterator<Item = &Outage> {
        let since = self.now.since(Instant::ORIGIN + self.scenario.start);
        let holds = move |it: &&Fault| (it.from..it.to).contains(&since);
        let faults = self.scenario.faults.iter().filter(holds);
        faults.map(|it| &it.outage)
    }

    /// An outage begins or ends: the namespace and the clients learn what holds now.
    pub(super) fn apply_outages(&mut self) {
        let mut namespace = Namespace {
            terminating: self.api.namespace().terminating,
            ..Namespace::default()
        };
        let mut latency = self.scenario.limits.latency;
        for outage in self.outages() {
            match outage {
                Outage::ServiceAccount => namespace.lacks_service_account = true,
                Outage::Quota(quota) => namespace.quota = Some(quota.clone()),
                Outage::LimitRange(range) => namespace.limit_range = Some(range.clone()),
                Outage::Admission => namespace.denies_pods = true,
                Outage::Latency(more) => latency += *more,
                // Kubelets ask for these, and requests are looked up one by one.
                Outage::Requests { .. }
                | Outage::Image(_)
                | Outage::Reference(_)
                | Outage::Volumes
                | Outage::Clock(_) => {}
            }
        }
        self.api.set_namespace(|it| *it = namespace);
        self.set_latency(latency);
    }

    /// From now on each request takes so long.
    pub(super) fn set_latency(&mut self, latency: Span) {
        self.client.set_latency(latency);
        self.ttl_client.set_latency(latency);
    }

    /// How far the clocks of the nodes are ahead.
    pub(super) fn clock_offset(&self) -> Span {
        if self.scenario.faults.is_empty() {
            return Span::ZERO;
        }
        let offset = self.outages().find_map(|it| match it {
            Outage::Clock(offset) => Some(*offset),
            _ => None,
        });
        offset.unwrap_or(Span::ZERO)
    }
}
