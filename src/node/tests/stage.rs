//! One pod on its stage: an API server, a queue of what is to happen, and the timeline as text.

use super::{Deed, Script};
use crate::api::{ApiServer, Notice};
use crate::base::{Instant, Key, Seed, Span};
use crate::model::{ContainerSlot, Job, NodeId, Pod, PodId, PodNews, PodTemplate, Release};
use crate::node::{Cx, Kubelets, Pace};
use std::fmt::Write;
use std::sync::Arc;

pub(super) fn job(template: PodTemplate) -> Job {
    Job::named("job", template)
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Happening {
    Deed(Deed),
    Wake(u32),
    Stop(u32),
    Removed,
}

pub(super) struct Stage {
    pub(super) api: ApiServer,
    pub(super) kubelets: Kubelets,
    pub(super) script: Script,
    pub(super) key: Key,
    queue: Vec<(Instant, Happening)>,
    notices: Vec<Notice>,
    pub(super) pod: PodId,
    pub(super) text: String,
    told: Instant,
    shown: String,
    pub(super) writes: bool,
    pub(super) wakes: u32,
}

impl Stage {
    pub(super) fn new(release: Release, pace: Pace, job: Job, script: Script) -> Self {
        let mut api = ApiServer::new(release);
        let job = api.create_job(Instant::ORIGIN, Arc::new(job));
        let pod = api.create_pod(Instant::ORIGIN, job, None, None, None);
        let mut notices = Vec::new();
        api.take_notices(&mut notices);
        notices.clear();
        Self {
            api,
            kubelets: Kubelets::new(release, pace),
            script,
            key: Key::new(Seed(7), 0),
            queue: Vec::new(),
            notices,
            pod,
            text: String::new(),
            told: Instant::NEVER,
            shown: "Pending".to_owned(),
            writes: false,
            wakes: 0,
        }
    }

    pub(super) fn push(&mut self, at: Instant, what: Happening) {
        self.queue.push((at, what));
    }

    pub(super) fn play(&mut self, until: Instant) {
        // The first of the earliest: as they were planned.
        while let Some(next) = self.queue.iter().map(|it| it.0).min() {
            let place = self.queue.iter().position(|it| it.0 == next).unwrap();
            let (now, what) = self.queue.remove(place);
            if now > until {
                return;
            }
            self.happen(now, what);
            assert!(self.wakes < 10_000, "too many wake-ups: {}", self.text);
        }
    }

    fn happen(&mut self, now: Instant, what: Happening) {
        let (mut wakes, mut news) = (Vec::new(), Vec::new());
        let id = self.pod;
        if let Happening::Deed(Deed::Bind) = what {
            self.api.bind_pod(id, NodeId::SOMEWHERE).unwrap();
        }
        if let Happening::Deed(Deed::Delete(grace)) = what {
            let _ = self.api.delete_pod(now, id, grace);
        }
        if let Happening::Deed(Deed::DropFinalizer) = what {
            let _ = self.api.patch_pod(id, |pod| pod.finalizer = false);
        }
        let mut cx = Cx {
            clock: Span::ZERO,
            api: &mut self.api,
            outside: &mut self.script,
            key: &self.key,
            wakes: &mut wakes,
            news: &mut news,
        };
        let (kubelets, cx) = (&mut self.kubelets, &mut cx);
        match what {
            Happening::Deed(Deed::Bind) => kubelets.bound(now, id, cx),
            Happening::Wake(stamp) => kubelets.wake(now, id, stamp, cx),
            Happening::Stop(grace) => kubelets.stop(now, id, grace, cx),
            Happening::Removed => kubelets.removed(now, id, cx),
            Happening::Deed(Deed::End(ending)) => kubelets.end(now, id, ending, cx),
            Happening::Deed(Deed::PowerOff) => kubelets.power_off(now, id, cx),
            Happening::Deed(Deed::PowerOn) => kubelets.power_on(now, id, cx),
            Happening::Deed(Deed::Restart) => kubelets.restart(now, id, cx),
            Happening::Deed(Deed::CutOff) => kubelets.cut_off(now, id, cx),
            Happening::Deed(Deed::Back) => kubelets.back(now, id, cx),
            Happening::Deed(Deed::Delete(_) | Deed::DropFinalizer) => {}
        }
        for (_, wake) in wakes {
            self.wakes += 1;
            self.push(now + wake.after, Happening::Wake(wake.stamp));
        }
        for (_, news) in news {
            let text = self.news(news);
            self.tell(now, &text);
        }
        self.notice(now);
    }

    fn notice(&mut self, now: Instant) {
        let mut notices = std::mem::take(&mut self.notices);
        self.api.take_notices(&mut notices);
        for notice in notices.drain(..) {
            let Notice::Pod(change) = notice else {
                continue;
            };
            let Some(pod) = change.new else {
                self.tell(now, "gone");
                self.push(now, Happening::Removed);
                continue;
            };
            let old = change.old.and_then(|old| old.deletion);
            if let Some(deletion) = pod.deletion.filter(|it| old != Some(*it)) {
                self.push(now, Happening::Stop(deletion.grace));
            }
            let shown = show(&self.api, &self.script, &pod);
            if shown != self.shown || self.writes {
                self.tell(now, &shown);
                self.shown = shown;
            }
        }
        self.notices = notices;
    }

    fn tell(&mut self, now: Instant, what: &str) {
        if self.told == now {
            let _ = write!(self.text, ", {what}");
        } else {
            let gap = if self.text.is_empty() { "" } else { " | " };
            let at = Seconds(now);
            let _ = write!(self.text, "{gap}{at} {what}");
            self.told = now;
        }
    }

    fn news(&self, news: PodNews) -> String {
        let name = |slot| self.script.name(slot);
        match news {
            PodNews::Started(slot, _) => format!("start {}", name(slot)),
            PodNews::Exited(slot, exit) => format!("exit {} {}", name(slot), exit.code),
            PodNews::Stopping(slot, grace) => format!("term {} {grace}", name(slot)),
            PodNews::Killed(slot) => format!("kill {}", name(slot)),
            PodNews::RestartBackOff(slot, delay) => format!("back-off {} {delay}", name(slot)),
            PodNews::Pulling(slot) => format!("pull {}", name(slot)),
            PodNews::Pulled(slot, took) => format!("pulled {} {took}", name(slot)),
            PodNews::PullFailed(slot) => format!("pull-failed {}", name(slot)),
            PodNews::PullBackOff(slot, left) => format!("pull-back-off {} {left}", name(slot)),
            PodNews::PullForbidden(slot) => format!("pull-forbidden {}", name(slot)),
            PodNews::ConfigMissing(slot) => format!("config-missing {}", name(slot)),
            PodNews::ProbeFailed(slot, kind) => format!("{kind:?}-failed {}", name(slot)),
            PodNews::RestartsAll(slot) => format!("restart-all {}", name(slot)),
            PodNews::Ending(reason) => format!("ending {}", reason.as_str()),
            PodNews::MountFailed => "mount-failed".to_owned(),
            other => format!("{other:?}"),
        }
    }
}

/// Seconds without their unit.
struct Seconds(Instant);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let micros = self.0.micros();
        let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The pod as the API shows it: phase, `ready`, exit codes, restarts, reason, disruption.
fn show(api: &ApiServer, script: &Script, pod: &Pod) -> String {
    let mut text = pod.phase.as_str().to_owned();
    if let Some(reason) = pod.reason {
        let _ = write!(text, "/{}", reason.as_str());
    }
    if pod.is_ready() {
        text.push_str(" ready");
    }
    let init = (0..script.init).map(|it| ContainerSlot::Init(u16::try_from(it).unwrap()));
    let count = script.names.len() - script.init;
    let regular = (0..count).map(|it| ContainerSlot::Regular(u16::try_from(it).unwrap()));
    for slot in init.chain(regular) {
        if let Some(code) = api.exit_code(pod, slot) {
            let _ = write!(text, " {}={code}", script.name(slot));
        }
    }
    if pod.restarts > 0 {
        let _ = write!(text, " restarts={}", pod.restarts);
    }
    if let Some(by) = pod.disruption {
        let _ = write!(text, " {}", by.as_str());
    }
    if pod.deletion.is_some() {
        text.push_str(" deleted");
    }
    text
}
