//! When a run is over, and how far it is played.

use super::super::recorder::Recorder;
use super::World;
use crate::base::Instant;

impl World {
    /// Whether nothing more can happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.next_instant().is_none()
    }

    /// Whether the scenario's budget is spent; if so, nothing more is played.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        let budget = self.scenario.budget;
        self.counts.events + self.counts.syncs >= budget.events
            || self.api.pods_created() >= budget.pods
    }

    /// Plays until every Job has ended (Complete, Failed or gone), or as [`World::play`].
    pub fn play_until_ended(&mut self, recorder: &mut impl Recorder) {
        while !self.all_ended() && self.step(recorder) {}
    }

    /// Whether every Job has been created and has ended.
    #[must_use]
    pub fn all_ended(&self) -> bool {
        self.ended.len() as usize == self.scenario.workloads.len()
    }

    /// Up to when it is watched: the scenario's end, or the last instant, if its budget is spent or
    /// every Job has ended.
    #[must_use]
    pub fn watched_to(&self) -> Instant {
        if self.is_spent() || self.all_ended() {
            return self.now;
        }
        Instant::ORIGIN + self.scenario.start + self.scenario.until
    }
}
