//! A stage for kubelets: one pod, an API server, processes that follow a script, and the timeline
//! of what happened as text.

mod deadline;
mod endings;
mod images;
mod init;
mod plain;
mod probes;
mod restarts;
mod speed;
mod stopping;
mod volumes;

use super::{Cx, Ending, Kubelets, Pace, Processes, Surroundings};
use crate::api::{ApiServer, Notice};
use crate::base::{Instant, Key, Seed, Span};
use crate::model::{
    Answer, CompletionMode, Container, ContainerRun, ContainerSlot, Course, Exit, HookEnd,
    HookTurn, ImageState, Job, JobSpec, NodeId, OnStop, Pod, PodId, PodNews, PodReplacementPolicy,
    PodTemplate, ProbeKind, Reference, Release, RestartPolicy,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// What containers do, by their names: one word a run, the last one for all further runs.
///
/// `5s` exits with 0 after 5 s, `5s:1` with 1; `stays`; `5s:oom`, `0s:error` for ends with a
/// reason of their own; `+2s:0` behind it: exits 2 s after its stop signal with 0, else it takes
/// no notice of it.
#[derive(Debug, Default)]
struct Script {
    runs: BTreeMap<&'static str, Vec<&'static str>>,
    names: Vec<&'static str>,
    init: usize,
    hooks: BTreeMap<&'static str, HookEnd>,
    answers: Vec<(&'static str, ProbeKind, Vec<(i64, bool)>)>,
    started: BTreeMap<&'static str, Instant>,
    images: BTreeMap<&'static str, Vec<(i64, ImageState)>>,
    objects: BTreeMap<&'static str, i64>,
    ended: Vec<(Instant, ContainerRun, Exit)>,
    pulled: u32,
}

fn span(text: &str) -> Span {
    crate::base::time::parse_duration(text).unwrap()
}

fn exit(text: &str) -> Exit {
    match text {
        "oom" => Exit::OOM_KILLED,
        "oom0" => Exit {
            code: 0,
            ..Exit::OOM_KILLED
        },
        "error" => Exit::NOT_STARTED,
        code => Exit::with(code.parse().unwrap()),
    }
}

fn end(text: &str) -> (Span, Exit) {
    let (after, code) = text.split_once(':').unwrap_or((text, "0"));
    (span(after), exit(code))
}

impl Script {
    fn name(&self, slot: ContainerSlot) -> &'static str {
        match slot {
            ContainerSlot::Init(place) => self.names[usize::from(place)],
            ContainerSlot::Regular(place) => self.names[self.init + usize::from(place)],
        }
    }

    fn word(&self, run: &ContainerRun) -> &'static str {
        let runs = &self.runs[self.name(run.container)];
        runs[(run.run as usize).min(runs.len() - 1)]
    }
}

impl Processes for Script {
    fn start(&mut self, now: Instant, run: &ContainerRun) -> Course {
        self.started.insert(self.name(run.container), now);
        match self
            .word(run)
            .split_once('+')
            .map_or(self.word(run), |it| it.0)
        {
            "stays" => Course::Stays,
            word => {
                let (after, exit) = end(word);
                Course::Exits(after, exit)
            }
        }
    }

    fn go_on(&mut self, _: Instant, _: &ContainerRun) -> Course {
        Course::Stays
    }

    fn on_stop(&mut self, _: Instant, run: &ContainerRun) -> OnStop {
        match self.word(run).split_once('+') {
            None => OnStop::Ignores,
            Some((_, word)) => {
                let (after, exit) = end(word);
                OnStop::Exits(after, exit)
            }
        }
    }

    fn ended(&mut self, now: Instant, run: &ContainerRun, exit: Exit) {
        self.ended.push((now, *run, exit));
    }

    fn hook(&mut self, _: Instant, run: &ContainerRun, _: HookTurn) -> HookEnd {
        let name = self.name(run.container);
        self.hooks.get(name).copied().unwrap_or(HookEnd::AT_ONCE)
    }

    fn answer(&mut self, now: Instant, run: &ContainerRun, probe: ProbeKind) -> Answer {
        let name = self.name(run.container);
        let known = |it: &&(&str, ProbeKind, _)| it.0 == name && it.1 == probe;
        let Some((_, _, answers)) = self.answers.iter().find(known) else {
            return Answer::GOOD;
        };
        let age = now.since(self.started[name]);
        let later = answers.iter().find(|(at, _)| Span::from_secs(*at) > age);
        let since = answers.iter().rfind(|(at, _)| Span::from_secs(*at) <= age);
        Answer {
            good: since.is_none_or(|(_, good)| *good),
            lasts: later.map(|(at, _)| Span::from_secs(*at) - age),
        }
    }
}

impl Surroundings for Script {
    fn image(&self, now: Instant, _: NodeId, image: &str) -> ImageState {
        let Some(states) = self.images.get(image) else {
            return ImageState::Present;
        };
        let age = now.since(Instant::ORIGIN);
        let state = states.iter().rfind(|(at, _)| Span::from_secs(*at) <= age);
        state.map_or(ImageState::Present, |(_, state)| *state)
    }

    fn pulled(&mut self, _: Instant, _: NodeId, _: &str) {
        self.pulled += 1;
    }

    fn exists(&self, now: Instant, reference: &Reference) -> bool {
        let from = self.objects.get(reference.name.as_str());
        from.is_none_or(|from| now >= Instant::ORIGIN + Span::from_secs(*from))
    }
}

/// What is done to the pod from outside.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Bind,
    Delete(Option<u32>),
    End(Ending),
    PowerOff,
    PowerOn,
    Restart,
    CutOff,
    Back,
    DropFinalizer,
}

/// A pod's play.
struct Play {
    release: Release,
    pace: Pace,
    template: PodTemplate,
    script: Script,
    deeds: Vec<(Instant, Deed)>,
    until: Span,
    writes: bool,
}

impl Play {
    /// A pod that is bound at 0 on an ideal node of the latest release.
    fn new(restart_policy: RestartPolicy) -> Self {
        Self {
            release: Release::LATEST,
            pace: Pace::ideal(),
            template: PodTemplate {
                restart_policy,
                ..PodTemplate::default()
            },
            script: Script::default(),
            deeds: vec![(Instant::ORIGIN, Deed::Bind)],
            until: Span::from_secs(100_000),
            writes: false,
        }
    }

    fn never() -> Self {
        Self::new(RestartPolicy::Never)
    }

    fn on_failure() -> Self {
        Self::new(RestartPolicy::OnFailure)
    }

    fn on(mut self, release: Release) -> Self {
        self.release = release;
        self
    }

    fn quiet(mut self) -> Self {
        self.pace = Pace::quiet();
        self
    }

    fn pace(mut self, change: impl FnOnce(&mut Pace)) -> Self {
        change(&mut self.pace);
        self
    }

    /// A regular container with its runs.
    fn container(self, name: &'static str, runs: &'static str) -> Self {
        self.with(name, runs, |_| ())
    }

    fn with(
        mut self,
        name: &'static str,
        runs: &'static str,
        change: impl FnOnce(&mut Container),
    ) -> Self {
        let container = self.script(name, runs, change);
        self.template.containers.push(container);
        self
    }

    fn init(self, name: &'static str, runs: &'static str) -> Self {
        self.init_with(name, runs, |_| ())
    }

    fn sidecar(self, name: &'static str, runs: &'static str) -> Self {
        self.init_with(name, runs, |it| it.sidecar = true)
    }

    fn init_with(
        mut self,
        name: &'static str,
        runs: &'static str,
        change: impl FnOnce(&mut Container),
    ) -> Self {
        let container = self.script(name, runs, change);
        self.template.init_containers.push(container);
        self
    }

    fn script(
        &mut self,
        name: &'static str,
        runs: &'static str,
        change: impl FnOnce(&mut Container),
    ) -> Container {
        self.script.runs.insert(name, runs.split(' ').collect());
        let mut container = Container {
            name: name.to_owned(),
            image: name.to_owned(),
            ..Container::default()
        };
        change(&mut container);
        container
    }

    fn template(mut self, change: impl FnOnce(&mut PodTemplate)) -> Self {
        change(&mut self.template);
        self
    }

    fn scripted(mut self, change: impl FnOnce(&mut Script)) -> Self {
        change(&mut self.script);
        self
    }

    fn at(mut self, millis: i64, deed: Deed) -> Self {
        let at = Instant::ORIGIN + Span::from_millis(millis);
        self.deeds.push((at, deed));
        self
    }

    fn until(mut self, secs: i64) -> Self {
        self.until = Span::from_secs(secs);
        self
    }

    /// Every write is told, not only what it changes.
    fn writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// Plays the pod, and tells what happened.
    fn timeline(self) -> String {
        self.perform().0
    }

    fn perform(mut self) -> (String, Script) {
        let all = self
            .template
            .init_containers
            .iter()
            .chain(&self.template.containers);
        let names = all.map(|it| *self.script.runs.get_key_value(it.name.as_str()).unwrap().0);
        self.script.names = names.collect();
        self.script.init = self.template.init_containers.len();
        let mut stage = Stage::new(self.release, self.pace, job(self.template), self.script);
        stage.writes = self.writes;
        for (at, deed) in self.deeds {
            stage.push(at, Happening::Deed(deed));
        }
        stage.play(Instant::ORIGIN + self.until);
        (stage.text, stage.script)
    }

    /// When runs of that container began, in seconds.
    fn starts(self, name: &str) -> Vec<f64> {
        let text = self.timeline();
        let wanted = format!("start {name}");
        let lines = text.split(" | ").filter_map(|line| line.split_once(' '));
        lines
            .filter(|(_, what)| what.split(", ").any(|it| it == wanted))
            .map(|(at, _)| at.parse().unwrap())
            .collect()
    }
}

fn job(template: PodTemplate) -> Job {
    Job {
        name: "job".to_owned(),
        namespace: "default".to_owned(),
        spec: JobSpec {
            parallelism: 1,
            completions: Some(1),
            completion_mode: CompletionMode::NonIndexed,
            backoff_limit: 6,
            backoff_limit_per_index: None,
            max_failed_indexes: None,
            active_deadline_seconds: None,
            ttl_seconds_after_finished: None,
            suspend: false,
            pod_failure_policy: None,
            success_policy: None,
            pod_replacement_policy: PodReplacementPolicy::TerminatingOrFailed,
            managed_by: None,
            template,
        },
    }
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Deed(Deed),
    Wake(u32),
    Stop(u32),
    Removed,
}

struct Stage {
    api: ApiServer,
    kubelets: Kubelets,
    script: Script,
    key: Key,
    queue: Vec<(Instant, Happening)>,
    notices: Vec<Notice>,
    pod: PodId,
    text: String,
    told: Instant,
    shown: String,
    writes: bool,
    wakes: u32,
}

impl Stage {
    fn new(release: Release, pace: Pace, job: Job, script: Script) -> Self {
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

    fn push(&mut self, at: Instant, what: Happening) {
        self.queue.push((at, what));
    }

    fn play(&mut self, until: Instant) {
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

impl From<(Instant, Deed)> for Happening {
    fn from((_, deed): (Instant, Deed)) -> Self {
        Self::Deed(deed)
    }
}
