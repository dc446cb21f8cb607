//! A stage for kubelets: one pod, an API server, processes that follow a script, and the timeline
//! of what happened as text.

mod conditions;
mod deadline;
mod endings;
mod images;
mod init;
mod plain;
mod probes;
mod restarts;
mod speed;
mod stage;
mod stopping;
mod volumes;

use super::machine::PullEnd;
use super::{Ending, Pace, Processes, Surroundings};
use crate::base::{Instant, Key, Seed, Span};
use crate::model::{
    Answer, Container, ContainerRun, ContainerSlot, Course, Exit, HookEnd, HookTurn, ImageState,
    JobId, NodeId, OnStop, Pod, PodTemplate, ProbeKind, Reference, Release, RestartPolicy,
};
use stage::{Happening, Stage, job};
use std::collections::BTreeMap;

/// From that second of its run on, a container answers well or badly.
type Answers = Vec<(i64, bool)>;

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
    answers: Vec<(&'static str, ProbeKind, Answers)>,
    started: BTreeMap<&'static str, Instant>,
    images: BTreeMap<&'static str, Vec<(i64, ImageState)>>,
    objects: BTreeMap<&'static str, i64>,
    ended: Vec<(Instant, ContainerRun, Exit)>,
    pulled: u32,
    /// How long other pulls take that come first.
    queue: Span,
    /// Too many pulls have begun for the next one.
    refuses: bool,
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
    fn image(&self, now: Instant, _: NodeId, image: &str, _: JobId) -> ImageState {
        let Some(states) = self.images.get(image) else {
            return ImageState::Present;
        };
        let age = now.since(Instant::ORIGIN);
        let state = states.iter().rfind(|(at, _)| Span::from_secs(*at) <= age);
        state.map_or(ImageState::Present, |(_, state)| *state)
    }

    fn pull_ends(&mut self, now: Instant, _: NodeId, takes: Span) -> PullEnd {
        PullEnd {
            at: now + self.queue + takes,
            refused: std::mem::take(&mut self.refuses),
        }
    }

    fn pulled(&mut self, _: Instant, _: NodeId, _: &str, _: JobId) {
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
    seed: u64,
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
            seed: 7,
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

    /// The pod as it is stored so many seconds later.
    fn pod_after(self, secs: i64) -> Pod {
        let stage = self.until(secs).play();
        *stage.api.pod(stage.pod)
    }

    /// The conditions so many milliseconds later: `TYPE=STATUS@SECOND` and the reason.
    fn conditions_at(mut self, millis: i64) -> String {
        self.until = Span::from_millis(millis);
        let stage = self.play();
        let conditions = stage.kubelets.conditions(stage.pod);
        let each = conditions.iter().map(|it| {
            let status = if it.status { "True" } else { "False" };
            let text = format!("{}={status}@{} {}", it.kind, it.since.secs(), it.reason);
            text.trim_end().to_owned()
        });
        each.collect::<Vec<_>>().join(", ")
    }

    fn perform(self) -> (String, Script) {
        let stage = self.play();
        (stage.text, stage.script)
    }

    fn play(mut self) -> Stage {
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
        stage.key = Key::new(Seed(self.seed), 0);
        for (at, deed) in self.deeds {
            stage.push(at, Happening::Deed(deed));
        }
        stage.play(Instant::ORIGIN + self.until);
        stage
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
