//! Syncs: when the worker looks at its pod, and what comes of it.
//!
//! P16, P18, P29–P32. A sync waits until the kubelet has looked at the runtime since the last one
//! ended. It is asked for by what a relist shows, by the work queue, by probes, and by a delete.

use super::{Life, Sandbox, Scene, Stage, Volumes, Work};
use crate::base::{Instant, Span};
use crate::model::{PodNews, PodReason};
use crate::node::pace::Draws;
use crate::node::surroundings::Outside;

/// What a sync has come to so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    /// It has changed something.
    did: bool,
    failed: bool,
    /// When the first back-off of a container ends.
    until: Option<Instant>,
}

impl Outcome {
    pub(super) const FINE: Self = Self {
        did: false,
        failed: false,
        until: None,
    };
}

/// An ordinary error is tried again after that time (P29, P36).
const RETRY: Span = Span::from_secs(10);
/// The longest wait between two looks at a pod (P30, P32).
const LONGEST: Span = Span::from_secs(60);

impl Life {
    /// When the next sync of a worker with nothing else to do begins; `unseen` is the first
    /// relist that shows something new.
    pub(super) fn next_sync(&self, unseen: Instant) -> Instant {
        let newer = self.relist.after(self.last_sync);
        let cache = if self.fresh { self.last_sync } else { newer };
        if self.stage != Stage::Syncing {
            return self.requested.max(cache);
        }
        let sandbox = match self.sandbox {
            Sandbox::Ready { since, seen } | Sandbox::Stopped { since, seen } if !seen => {
                self.relist.after(since)
            }
            Sandbox::None | Sandbox::Ready { .. } | Sandbox::Stopped { .. } => Instant::NEVER,
        };
        let mut asked = self.requested;
        if self.queued != Instant::NEVER {
            asked = asked.min(self.ticker.at_or_after(self.queued));
        }
        let seen = unseen.min(sandbox).max(newer);
        seen.min(asked.min(self.deadline).max(cache))
    }

    /// Somebody wants the pod to be looked at.
    pub(super) fn request_sync(&mut self, now: Instant) {
        self.requested = self.requested.min(now);
    }

    /// The worker looks at its pod.
    pub(super) fn sync<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.syncs += 1;
        self.queued = Instant::NEVER;
        self.requested = Instant::NEVER;
        self.look(self.relist.at_or_before(scene.now), false);
        match self.stage {
            Stage::Syncing => self.sync_pod(scene),
            Stage::Terminating => self.sync_terminating(scene),
            Stage::Terminated => self.sync_terminated(scene),
            Stage::Over => {}
        }
    }

    /// A look at the runtime; whether it shows something new.
    fn look(&mut self, at: Instant, at_once: bool) -> bool {
        let mut news = false;
        for it in &mut self.containers {
            news |= it.look(at, at_once);
        }
        if let Sandbox::Ready { since, seen } | Sandbox::Stopped { since, seen } = &mut self.sandbox
        {
            if !*seen && (*since < at || (at_once && *since == at)) {
                *seen = true;
                news = true;
            }
        }
        news
    }

    fn sync_pod<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        self.outcome = Outcome::FINE;
        let phase = self.generate(scene, false);
        self.publish(scene);
        if phase.is_final() {
            if self.status.reason == Some(PodReason::DeadlineExceeded) {
                scene.news(self.id, PodNews::Ending(PodReason::DeadlineExceeded));
            }
            self.stage = Stage::Terminating;
            self.requested = scene.now;
            self.last_sync = scene.now;
            self.fresh = false;
        } else if self.volumes == Volumes::Mounted {
            self.carry_out(scene);
        } else {
            self.wait_for_volumes(scene);
        }
    }

    /// Something was started, stopped or made.
    pub(super) fn did(&mut self) {
        self.outcome.did = true;
    }

    /// Something could not be done; `until` if it is only to be waited for.
    pub(super) fn failed(&mut self, until: Option<Instant>) {
        self.outcome.failed = true;
        let earliest = [self.outcome.until, until].into_iter().flatten().min();
        self.outcome.until = earliest;
    }

    /// The sync is over: when is the next one (P29–P31)?
    pub(super) fn end_sync<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        let now = scene.now;
        self.work = Work::None;
        self.last_sync = now;
        self.fresh = false;
        if self.outcome.failed {
            let precise = self.outcome.until.filter(|_| scene.facts.precise_recheck);
            let wait = precise.map_or(RETRY, |until| until.since(now).clamp(Span::ZERO, LONGEST));
            let draws = Draws::new(scene.cx.key, self.entity);
            self.queued = now + draws.jittered(wait, scene.pace.jitter, self.syncs);
        } else if self.outcome.did && scene.facts.starts_are_seen_at_once {
            self.fresh = true;
            if self.look(now, true) {
                self.requested = now;
            }
        }
        if self.condemned {
            self.condemned = false;
            self.stage = Stage::Terminating;
            self.requested = now;
        }
    }

    /// What the worker was in the middle of is done.
    pub(super) fn work_is_done<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        match self.work {
            Work::None | Work::Killing => {}
            Work::Mounting { .. } => self.poll_volumes(scene),
            Work::MakingSandbox { .. } => self.sandbox_is_made(scene),
            Work::Pulling { place, fails, .. } => self.pull_is_over(scene, place, fails),
            Work::Creating { place, .. } => self.is_started(scene, place),
            Work::Hook { place, fails, .. } => self.hook_is_over(scene, place, fails),
            Work::StoppingSandbox { .. } => self.sandbox_is_stopped(scene),
            Work::Unmounting { .. } => self.finalize(scene),
        }
    }

    /// The pod's own deadline (P59): whether it has passed.
    pub(super) fn is_past_deadline<O: Outside>(&self, scene: &Scene<'_, '_, O>) -> bool {
        let limit = scene.template().active_deadline_seconds;
        limit
            .is_some_and(|limit| scene.now.since(self.started) >= Span::from_secs(i64::from(limit)))
    }

    /// The containers of a pod whose deadline has passed are stopped when the ticker notices.
    pub(super) fn set_deadline<O: Outside>(&mut self, scene: &Scene<'_, '_, O>) {
        let limit = scene.template().active_deadline_seconds;
        self.deadline = limit.map_or(Instant::NEVER, |limit| {
            let at = self.started + Span::from_secs(i64::from(limit));
            self.ticker.at_or_after(at)
        });
    }

    /// The pod is to be terminated, as soon as the worker is free (P52): waiting for volumes is
    /// broken off, nothing else is.
    pub(super) fn terminate<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>) {
        if self.stage != Stage::Syncing {
            return;
        }
        match self.work {
            Work::None => {
                self.stage = Stage::Terminating;
                self.requested = scene.now;
            }
            Work::Mounting { .. } => {
                self.condemned = true;
                self.outcome = Outcome::FINE;
                self.end_sync(scene);
            }
            Work::MakingSandbox { .. }
            | Work::Pulling { .. }
            | Work::Creating { .. }
            | Work::Hook { .. }
            | Work::Killing
            | Work::StoppingSandbox { .. }
            | Work::Unmounting { .. } => self.condemned = true,
        }
    }
}
