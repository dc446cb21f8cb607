//! What containers do, from the words of a scenario file to what happens: each case computed by
//! hand. Nothing takes time here but the containers' work and Kubernetes' own periods.

use dryjob::api::ApiServer;
use dryjob::base::{Instant, Seed, Span};
use dryjob::model::{ContainerSlot, Job, PodId, PodNews, Release};
use dryjob::scenario::ScenarioFile;
use dryjob::sim::{Limits, Recorder, Scenario, World};

/// What the processes of a run did: `SECOND POD.RUN exits CODE`, and how the Job ended.
#[derive(Default)]
struct Processes {
    lines: Vec<String>,
    started: Vec<(PodId, Instant, u32)>,
}

impl Recorder for Processes {
    fn told(&mut self, now: Instant, _: &ApiServer, pod: PodId, news: PodNews) {
        match news {
            PodNews::Started(_, run) => {
                self.started.retain(|it| it.0 != pod);
                self.started.push((pod, now, run));
            }
            PodNews::Exited(_, exit) => {
                let known = self.started.iter().find(|it| it.0 == pod);
                let (since, run) = known.map_or((now, 0), |it| (it.1, it.2));
                let run = if run > 0 {
                    format!("r{run}")
                } else {
                    String::new()
                };
                let (pod, lasted) = (pod.0, now.since(since));
                self.lines
                    .push(format!("{pod}{run}:{lasted}:{}", exit.code));
            }
            _ => {}
        }
    }
}

fn job(spec: &str, template: &str) -> Job {
    let text = format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{{spec}, template: \
         {{spec: {{{template}, containers: [{{name: main, image: a, resources: {{limits: \
         {{memory: 100Mi}}}}}}]}}}}}}}}"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

fn scenario(job: Job, words: &str) -> Scenario {
    let open = |name: &str| match name {
        "measured.txt" => Ok("7s\n".to_owned()),
        other => Err(format!("there is no {other}")),
    };
    let words = format!("pace: ideal\n{words}");
    let file = ScenarioFile::read_with("-", words.as_bytes(), &open);
    let file = file.unwrap_or_else(|errors| panic!("{words}: {errors}"));
    assert_eq!(file.check_against(&job), [], "{words}");
    let mut scenario = Scenario::on(Release::LATEST)
        .job(job, [])
        .limits(Limits::IDEAL)
        .until(Span::from_secs(100_000));
    file.apply(&mut scenario);
    scenario
}

fn play(spec: &str, template: &str, words: &str) -> (String, World) {
    let scenario = scenario(job(spec, template), words);
    let mut world = World::seeded(scenario, Seed(3), 0);
    let mut seen = Processes::default();
    world.play(&mut seen);
    (seen.lines.join(" "), world)
}

/// Pod, how long its process ran, and its exit code, in order of the ends.
#[track_caller]
fn check(spec: &str, template: &str, words: &str, want: &str) {
    assert_eq!(play(spec, template, words).0, want, "{words}");
}

const NEVER: &str = "restartPolicy: Never";
const ON_FAILURE: &str = "restartPolicy: OnFailure";
const INDEXED: &str = "completionMode: Indexed, completions: 3, parallelism: 3";

#[test]
fn work_is_told_by_container_index_number_and_attempt() {
    let words = "workload: [{index: 1, run: 5s}, {container: main, nth: 0, run: 3s}, {run: 9s}]";
    check(INDEXED, NEVER, words, "0:3s:0 2:3s:0 1:5s:0");
    let words = "workload: [{attempt: 0, run: 2s, exit: 1}, {attempt: 1-9, run: 4s}]";
    check("completions: 1", ON_FAILURE, words, "0:2s:1 0r1:4s:0");
    let words = "workload: {run: {file: measured.txt}}";
    check("completions: 1", NEVER, words, "0:7s:0");
}

#[test]
fn runs_fail_by_chance_by_hazard_at_first_and_on_bad_inputs() {
    let one = "completions: 1, backoffLimit: 2";
    let all = "workload: {run: 10s, fail: {chance: 100%, exit: 3, at: 50%}}";
    check(one, NEVER, all, "0:5s:3 1:5s:3 2:5s:3");
    let hazard = "workload: {run: 10s, hazard: {after: 4s, exit: SIGSEGV}}";
    check("backoffLimit: 0", NEVER, hazard, "0:4s:139");
    let outlived = "workload: {run: 10s, hazard: {after: 11s, exit: 9}}";
    check(one, NEVER, outlived, "0:10s:0");
    let first = "workload: {run: 10s, failFirst: {runs: 2, exit: 7, after: 1s}}";
    check(one, NEVER, first, "0:1s:7 1:1s:7 2:10s:0");
    let patient = "completions: 1, backoffLimit: 3";
    check(patient, ON_FAILURE, first, "0:1s:7 0r1:1s:7 0r2:10s:0");
    // Two restarts are two failures: the third run is stopped as the Job fails.
    check(one, ON_FAILURE, first, "0:1s:7 0r1:1s:7 0r2:1s:143");
    let bad = "workload: {run: 10s, badInputs: {index: 1, exit: 4}}";
    let per_index = format!("{INDEXED}, backoffLimitPerIndex: 1");
    check(&per_index, NEVER, bad, "0:10s:0 1:10s:4 2:10s:0 3:10s:4");
}

/// Those that were bound to `bad` fail there, wherever the others are.
#[test]
fn runs_fail_on_bad_nodes() {
    let words = "nodes: [{name: bad, pods: 1}, {name: good, pods: 1}]\n\
                 workload: {run: 10s, badNodes: {nodes: [bad], exit: 9}}";
    let (_, world) = play("completions: 4, parallelism: 2", NEVER, words);
    let api = world.api();
    let mut seen = (0, 0);
    for id in (0..api.pods_created()).map(PodId) {
        let pod = api.pod(id);
        let node = pod.node.and_then(|node| api.node(node));
        let on_bad = node.is_some_and(|it| it.node.name == "bad");
        let Some(code) = api.exit_code(pod, ContainerSlot::Regular(0)) else {
            continue;
        };
        assert_eq!(code == 9, on_bad, "{pod:?}");
        seen = (seen.0 + u32::from(on_bad), seen.1 + u32::from(!on_bad));
    }
    assert!(seen.0 > 0 && seen.1 > 0, "{seen:?}");
}

/// 300 s of work, saved every 60 s, and a kill after 150 s: 120 are saved. The second run reads
/// for 5 s and works for 145, which makes 265: 240 are saved, 60 are left, and 5 s of reading.
#[test]
fn a_retry_goes_on_from_its_checkpoint() {
    let words = "workload: {run: 5m, hazard: {after: 150s, exit: SIGKILL}, \
                 checkpoints: {every: 1m, restore: 5s}}";
    let runs = "0:2m30s:137 1:2m30s:137 2:1m5s:0";
    check("completions: 1, backoffLimit: 5", NEVER, words, runs);
    // Without checkpoints it never gets there.
    let words = "workload: {run: 5m, hazard: {after: 150s, exit: SIGKILL}}";
    let runs = "0:2m30s:137 1:2m30s:137";
    check("completions: 1, backoffLimit: 1", NEVER, words, runs);
}

/// 50 MiB and 10 more each second: above 100 MiB as soon as 5 s have passed.
#[test]
fn memory_grows_until_the_kernel_kills() {
    let words = "workload: {run: 10s, memory: {start: 50Mi, grows: 10Mi, per: 1s}}";
    let (runs, world) = play("backoffLimit: 0", NEVER, words);
    assert_eq!(runs, "0:5.000001s:137");
    assert!(world.api().pod(PodId(0)).phase == dryjob::model::Phase::Failed);
}

/// Ten items of 4 s and three workers: 3 + 3 + 3 + 1, and who finds nothing exits.
#[test]
fn workers_share_a_queue_and_exit_when_it_is_empty() {
    let words = "workload: {queue: {items: 10, service: 4s}}";
    let (runs, world) = play("parallelism: 3", NEVER, words);
    assert_eq!(runs, "1:12s:0 2:12s:0 0:16s:0");
    let counts = world.queues().next().expect("there is a queue");
    assert_eq!((counts.done, counts.deliveries), (10, 10));
}

/// Item 1 kills whoever takes it, until it is put aside after two deliveries.
#[test]
fn poison_items_kill_workers_until_they_are_put_aside() {
    let words = "workload: {queue: {items: 4, service: 4s, poison: {items: 1, exit: 3}, \
                 deliveries: 2}}";
    let (runs, world) = play("parallelism: 2, backoffLimit: 6", NEVER, words);
    assert!(runs.starts_with("1:4s:3"), "{runs}");
    let counts = world.queues().next().expect("there is a queue");
    let got = (
        counts.done,
        counts.put_aside,
        counts.lost,
        counts.deliveries,
    );
    assert_eq!(got, (3, 1, 0, 5), "{runs}");
}

/// The worker that is killed at 6 s has done one item and is at another, which is lost, or comes
/// back 30 s after it was taken.
#[test]
fn items_of_dead_workers_are_lost_or_come_back() {
    let dies = "{nth: 0, hazard: {after: 6s, exit: SIGKILL}, queue: QUEUE}, {queue: QUEUE}";
    let play = |more: &str| {
        let queue = format!("{{items: 4, service: 4s, asks: 1s{more}}}");
        let words = format!("workload: [{}]", dies.replace("QUEUE", &queue));
        let (runs, world) = play("completions: 1, backoffLimit: 6", NEVER, &words);
        let counts = world.queues().next().expect("there is a queue");
        assert_eq!(
            world.queues().count(),
            1,
            "both entries mean the same queue"
        );
        (runs, counts.done, counts.lost, counts.deliveries)
    };
    // The failure is seen at 6 s, and after a back-off of 10 s the next pod starts: two items of
    // 4 s are left.
    let lost = ("0:6s:137 1:8s:0".to_owned(), 3, 1, 4);
    assert_eq!(play(", lost: true"), lost);
    let at_once = ("0:6s:137 1:12s:0".to_owned(), 4, 0, 5);
    assert_eq!(play(""), at_once);
    let (runs, done, lost, deliveries) = play(", givenBack: 30s");
    assert_eq!((done, lost, deliveries), (4, 0, 5), "{runs}");
}

#[test]
fn items_arrive_one_after_the_other() {
    let words = "workload: {queue: {items: 3, service: 1s, arrivals: 10s, asks: 1s}}";
    check("completions: 1", NEVER, words, "0:31s:0");
}
