//! The controllers lose their memory: they are restarted, or others take over.

use super::{Event, Flight, World, rank};
use crate::base::Span;
use crate::control::job::JobController;
use crate::control::ttl::TtlController;

impl World {
    /// The controllers start again at once.
    pub(super) fn restart_controllers(&mut self) {
        self.stop_controllers();
        self.take_over();
    }

    /// The controllers stop, and others take over when their lease has run out.
    pub(super) fn fail_over(&mut self, pause: Span) {
        self.stop_controllers();
        self.events
            .push(self.now + pause, rank::USER, Event::TakeOver);
    }

    /// The controllers stop: what is under way is not answered any more.
    fn stop_controllers(&mut self) {
        self.spread(&mut ());
        self.leaderless = true;
        if let Some(cluster) = &mut self.cluster {
            cluster.stop();
        }
        self.events.retain(|event| {
            !matches!(
                event,
                Event::SyncRequest { .. }
                    | Event::OrphanRequest { .. }
                    | Event::TtlRequest { .. }
                    | Event::Announce { .. }
                    | Event::TakeOver
            )
        });
        for flight in self.flights.iter_mut().flatten() {
            **flight = Flight::default();
        }
        self.orphans.iter_mut().for_each(|it| *it = None);
        self.expiries.iter_mut().for_each(|it| *it = None);
        self.announcer.clear();
    }

    /// Controllers start: they remember nothing, and the watch tells them of everything there is.
    pub(super) fn take_over(&mut self) {
        self.leaderless = false;
        self.jobs = JobController::new(self.scenario.release);
        self.ttl = TtlController::new();
        self.client.reset();
        for notice in self.api.everything() {
            self.jobs.observe(self.now, &self.api, &notice);
            self.ttl.observe(&self.api, &notice);
        }
        if let Some(cluster) = &mut self.cluster {
            cluster.restart(self.now, &self.api);
        }
    }
}
