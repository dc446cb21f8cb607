//! All kubelets of the cluster, with the pods on their nodes.

use super::life::{Chart, Life, Scene, Standing};
use super::pace::Pace;
use super::surroundings::{Cx, Outside};
use crate::base::Instant;
use crate::model::{Behavior, ContainerSlot, Exit, JobId, PodId, Release};

use std::collections::BTreeMap;

pub use super::life::{Ending, PodCondition};

/// All kubelets of the cluster, with the pods on their nodes. They have no clock and no queue:
/// who owns both calls them, and hands back the wake-ups that they ask for.
///
/// Pods do not know each other: what concerns several pods of a node is decided by its machine.
#[derive(Debug)]
pub struct Kubelets {
    facts: Behavior,
    pace: Pace,
    charts: Vec<Option<Chart>>,
    /// For each pod the place of its life, counted from 1; 0 for pods without.
    places: Vec<u32>,
    lives: Vec<Life>,
    free: Vec<u32>,
    codes: Vec<Option<i32>>,
    /// Where it is asked for, what was last known of pods for which nothing is left to be done.
    last: Option<BTreeMap<PodId, Standing>>,
}

impl Kubelets {
    /// Kubelets of that release, on nodes of that pace.
    #[must_use]
    pub fn new(release: Release, pace: Pace) -> Self {
        Self {
            facts: release.behavior(),
            pace,
            charts: Vec::new(),
            places: Vec::new(),
            lives: Vec::new(),
            free: Vec::new(),
            codes: Vec::new(),
            last: None,
        }
    }

    /// From now on the conditions of pods are remembered when nothing is left to be done for them.
    pub fn remember_conditions(&mut self) {
        self.last.get_or_insert_default();
    }

    /// How long things take.
    #[must_use]
    pub const fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Forgets all pods, and keeps the memory for the next run.
    pub fn clear(&mut self) {
        self.places.clear();
        self.free.clear();
        self.last.iter_mut().for_each(BTreeMap::clear);
        let lives = u32::try_from(self.lives.len()).unwrap_or(u32::MAX);
        self.free.extend((1..=lives).rev());
    }

    /// A kubelet sees that the pod was bound to its node. It must not have had a life before.
    pub fn bound<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        let pod = *cx.api.pod(id);
        if pod.phase.is_final() || !pod.is_bound() || self.place(id).is_some() {
            return;
        }
        self.chart(pod.job, cx);
        if self.places.len() <= id.slot() {
            self.places.resize(id.slot() + 1, 0);
        }
        let place = self.free.pop().unwrap_or_else(|| {
            self.lives.push(Life::empty());
            u32::try_from(self.lives.len()).unwrap_or(u32::MAX)
        });
        self.places[id.slot()] = place;
        self.with(now, id, cx, |life, scene| life.begin(scene, id, &pod));
        if let Some(deletion) = pod.deletion {
            self.stop(now, id, deletion.grace, cx);
        }
    }

    /// A wake-up that the pod asked for has come.
    pub fn wake<O: Outside>(&mut self, now: Instant, id: PodId, stamp: u32, cx: &mut Cx<'_, O>) {
        let Some(place) = self.place(id) else { return };
        if self.lives[place].stamp == stamp {
            self.with(now, id, cx, |_, _| ());
        }
    }

    /// A kubelet sees that the pod is to be deleted within so many seconds, or sooner than it
    /// saw before; the same if somebody else has written a final phase (P52).
    pub fn stop<O: Outside>(&mut self, now: Instant, id: PodId, grace: u32, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.stop(scene, grace));
    }

    /// The pod's object is gone; what runs of it is stopped (P56).
    pub fn removed<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.removed(scene));
    }

    /// The kubelet ends a pod that nobody has deleted: eviction, preemption, shutdown (P62).
    pub fn end<O: Outside>(&mut self, now: Instant, id: PodId, ending: Ending, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.end(scene, ending));
    }

    /// A container's process is struck down, by itself or by the kernel; nothing, if it does not
    /// run.
    pub fn strike<O: Outside>(
        &mut self,
        now: Instant,
        id: PodId,
        slot: ContainerSlot,
        exit: Exit,
        cx: &mut Cx<'_, O>,
    ) {
        self.with(now, id, cx, |life, scene| life.strike(scene, slot, exit));
    }

    /// The pod's machine is switched off, or fails: its processes are gone, and nobody notices.
    pub fn power_off<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.power_off(scene));
    }

    /// The pod's machine is back after a reboot (P85).
    pub fn power_on<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.power_on(scene));
    }

    /// The pod's kubelet was restarted (P86).
    pub fn restart<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.restart_kubelet(scene.now));
    }

    /// The pod's node is cut off from the API server: nothing is written until it is back, and
    /// whoever calls sees to it that the kubelet hears of no delete (P77).
    pub fn cut_off<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.connect(scene, false));
    }

    /// The pod's node is heard again: what has changed meanwhile is written.
    pub fn back<O: Outside>(&mut self, now: Instant, id: PodId, cx: &mut Cx<'_, O>) {
        self.with(now, id, cx, |life, scene| life.connect(scene, true));
    }

    /// The conditions of a pod as its kubelet has them now (P4). Of pods for which nothing is left
    /// to be done, there are some only where they are [remembered](Self::remember_conditions).
    #[must_use]
    pub fn conditions(&self, id: PodId) -> Vec<PodCondition> {
        let now = self.place(id).map(|place| self.lives[place].standing());
        let last = || self.last.as_ref()?.get(&id).copied();
        now.or_else(last).map_or_else(Vec::new, |it| it.list())
    }

    /// How many pods have something left to be done for them.
    #[must_use]
    pub fn pods(&self) -> usize {
        self.lives.len() - self.free.len()
    }

    fn place(&self, id: PodId) -> Option<usize> {
        let place = self.places.get(id.slot()).copied()?;
        place.checked_sub(1).map(|place| place as usize)
    }

    fn chart<O>(&mut self, job: JobId, cx: &Cx<'_, O>) {
        if self.charts.len() <= job.slot() {
            self.charts.resize_with(job.slot() + 1, || None);
        }
        let chart = &mut self.charts[job.slot()];
        let now = &cx.api.job(job).job;
        if !chart.as_ref().is_some_and(|chart| chart.is_of(now)) {
            *chart = Some(Chart::new(now));
        }
    }

    /// Does something with a pod's life, and lets it go on from there.
    fn with<'a, O: Outside>(
        &mut self,
        now: Instant,
        id: PodId,
        cx: &mut Cx<'a, O>,
        change: impl FnOnce(&mut Life, &mut Scene<'_, 'a, O>),
    ) {
        let Some(place) = self.place(id) else { return };
        let job = cx.api.pod(id).job;
        let Some(Some(chart)) = self.charts.get(job.slot()) else {
            return;
        };
        let mut scene = Scene {
            now,
            chart,
            pace: &self.pace,
            facts: &self.facts,
            cx,
            codes: &mut self.codes,
        };
        let life = &mut self.lives[place];
        change(life, &mut scene);
        life.advance(&mut scene);
        if life.is_over() {
            if let Some(last) = &mut self.last {
                last.insert(id, life.standing());
            }
            self.places[id.slot()] = 0;
            self.free.push(u32::try_from(place + 1).unwrap_or(u32::MAX));
        }
    }
}
