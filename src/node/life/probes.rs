//! Probes, as far as they move Started and Ready, or kill.
//!
//! P32, P43. A probe asks each period from the moment the pod's volumes are mounted, from
//! `initialDelaySeconds` after the container's start on; a verdict changes after as many equal
//! answers as its threshold says. The others wait for the startup probe. Once the verdict agrees
//! with what the container answers, nothing is asked until the answer changes.

use super::{Life, Scene};
use crate::base::{Instant, Span};
use crate::model::{Answer, Container, PodNews, Probe, ProbeKind};
use crate::node::surroundings::Outside;

/// The three probes of a container.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Probes {
    /// When one of them asks next.
    pub(super) next: Option<Instant>,
    startup: Probing,
    readiness: Probing,
    liveness: Probing,
}

/// One probe of one run.
#[derive(Clone, Copy, Debug, Default)]
struct Probing {
    next: Option<Instant>,
    /// What the container answers, and until when.
    answer: Option<(Answer, Instant)>,
    streak: (bool, u32),
    verdict: Option<bool>,
}

const KINDS: [ProbeKind; 3] = [
    ProbeKind::Startup,
    ProbeKind::Readiness,
    ProbeKind::Liveness,
];

impl Probes {
    /// A new run begins: nothing is known of it.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// The run is over: nothing more is asked.
    pub(super) fn halt(&mut self) {
        self.next = None;
    }

    /// Whether the container is Started.
    pub(super) fn started(&self, spec: &Container) -> bool {
        spec.startup_probe.is_none() || self.startup.verdict == Some(true)
    }

    /// Whether the container is Ready, if it is Started.
    pub(super) fn ready(&self, spec: &Container) -> bool {
        spec.readiness_probe.is_none() || self.readiness.verdict == Some(true)
    }

    /// The probe that has found that the container has to be killed.
    pub(super) fn condemned<'s>(&self, spec: &'s Container) -> Option<&'s Probe> {
        let bad = |probing: &Probing| probing.verdict == Some(false);
        let liveness = spec.liveness_probe.as_ref().filter(|_| bad(&self.liveness));
        liveness.or_else(|| spec.startup_probe.as_ref().filter(|_| bad(&self.startup)))
    }

    fn of(&mut self, kind: ProbeKind) -> &mut Probing {
        match kind {
            ProbeKind::Startup => &mut self.startup,
            ProbeKind::Readiness => &mut self.readiness,
            ProbeKind::Liveness => &mut self.liveness,
        }
    }
}

/// Whether a container has any probe.
pub(super) fn has_probes(spec: &Container) -> bool {
    KINDS.iter().any(|kind| probe_of(spec, *kind).is_some())
}

fn probe_of(spec: &Container, kind: ProbeKind) -> Option<Probe> {
    match kind {
        ProbeKind::Startup => spec.startup_probe,
        ProbeKind::Readiness => spec.readiness_probe,
        ProbeKind::Liveness => spec.liveness_probe,
    }
}

impl Probing {
    /// A question has been answered; whether the verdict is another now.
    fn hears(&mut self, good: bool, probe: Probe) -> bool {
        let (last, count) = self.streak;
        self.streak = (
            good,
            if last == good {
                count.saturating_add(1)
            } else {
                1
            },
        );
        let threshold = if good {
            probe.success_threshold
        } else {
            probe.failure_threshold
        };
        let settled = self.streak.1 >= threshold && self.verdict != Some(good);
        if settled {
            self.verdict = Some(good);
        }
        settled
    }
}

impl Life {
    /// The kubelet knows that a container runs: its probes begin, or go on now that it is Started.
    /// A readiness probe asks at once.
    pub(super) fn begin_probes<O: Outside>(&mut self, scene: &Scene<'_, '_, O>, place: usize) {
        let spec = scene.spec(place);
        let (now, mounted) = (scene.now, self.mounted_at);
        let it = &mut self.containers[place];
        if !it.is_running() {
            return;
        }
        let (since, started) = (it.since, it.probes.started(spec));
        for kind in KINDS {
            let Some(probe) = probe_of(spec, kind) else {
                continue;
            };
            let waits = started == (kind == ProbeKind::Startup);
            let probing = it.probes.of(kind);
            if waits || probing.next.is_some() || probing.answer.is_some() {
                continue;
            }
            let delay = Span::from_secs(i64::from(probe.initial_delay_seconds));
            let from = now.max(since + delay);
            probing.next = Some(if kind == ProbeKind::Readiness && from == now {
                now
            } else {
                question(mounted, probe, from)
            });
        }
        it.probes.schedule();
    }

    /// A probe is due.
    pub(super) fn ask_probes<O: Outside>(&mut self, scene: &mut Scene<'_, '_, O>, place: usize) {
        let run = self.run(scene, place);
        let spec = scene.spec(place);
        for kind in KINDS {
            let it = &mut self.containers[place];
            let probing = it.probes.of(kind);
            let due = probing.next.is_some_and(|next| next <= scene.now);
            let Some(probe) = probe_of(spec, kind).filter(|_| due) else {
                continue;
            };
            let known = probing.answer.filter(|(_, until)| scene.now < *until);
            let (answer, until) = known.unwrap_or_else(|| {
                let answer = scene.cx.outside.answer(scene.now, &run, kind);
                let lasts = answer.lasts.map_or(Span::MAX, super::container::passing);
                (answer, scene.now + lasts)
            });
            probing.answer = Some((answer, until));
            let changed = probing.hears(answer.good, probe);
            // Startup is decided once, and so is a container's death.
            let over = changed
                && (kind == ProbeKind::Startup || !answer.good)
                && kind != ProbeKind::Readiness;
            let agrees = probing.verdict == Some(answer.good);
            let wanted = if agrees { until } else { scene.now };
            probing.next = (!over && wanted != Instant::NEVER).then(|| {
                let from = wanted.max(scene.now + Span::from_micros(1));
                question(self.mounted_at, probe, from)
            });
            if changed {
                self.verdict(scene, place, kind, answer.good);
            }
        }
        self.containers[place].probes.schedule();
    }

    /// A verdict has changed: what is shown of it at once, and a sync for the rest.
    fn verdict<O: Outside>(
        &mut self,
        scene: &mut Scene<'_, '_, O>,
        place: usize,
        kind: ProbeKind,
        good: bool,
    ) {
        if !good {
            let news = PodNews::ProbeFailed(scene.slot(place), kind);
            scene.news(self.id, news);
        }
        if kind == ProbeKind::Liveness && good {
            return;
        }
        if kind != ProbeKind::Liveness {
            self.show_probes(scene, place);
        }
        self.request_sync(scene.now);
    }
}

impl Probes {
    fn schedule(&mut self) {
        let all = [self.startup.next, self.readiness.next, self.liveness.next];
        self.next = all.into_iter().flatten().min();
    }
}

/// The first question at or after that instant.
fn question(mounted: Instant, probe: Probe, from: Instant) -> Instant {
    let period = i64::from(probe.period_seconds.max(1)) * 1_000_000;
    let since = from.since(mounted).micros();
    mounted + Span::from_micros((since + period - 1).div_euclid(period) * period)
}
