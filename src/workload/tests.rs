//! Runs as they come out of descriptions.

use super::*;
use crate::base::{Instant, Key, Seed, Span};
use crate::model::{ContainerRun, ContainerSlot, Course, Exit, Job, JobId, NodeId, OnStop, PodId};
use proptest::prelude::*;

const MANIFEST: &str = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {template: \
     {spec: {restartPolicy: Never, initContainers: [{name: init, image: a}, {name: side, image: \
     a, restartPolicy: Always}], containers: [{name: main, image: a, resources: {limits: {memory: \
     100Mi}}}]}}}}";

struct Stage {
    crew: Crew,
    key: Key,
    node: Option<&'static str>,
}

impl Stage {
    fn with(fates: impl IntoIterator<Item = Fate>) -> Self {
        let fates: Vec<Fate> = fates.into_iter().collect();
        let mut crew = Crew::default();
        crew.cast(&Job::from_yaml(MANIFEST).unwrap(), &fates)
            .unwrap();
        Self {
            crew,
            key: Key::new(Seed(7), 0),
            node: None,
        }
    }

    fn run(pod: u32, run: u32) -> ContainerRun {
        ContainerRun {
            job: JobId(0),
            pod: PodId(pod),
            index: None,
            nth: pod,
            container: ContainerSlot::Regular(0),
            run,
            node: NodeId::SOMEWHERE,
        }
    }

    fn start(&mut self, at: i64, run: &ContainerRun) -> Course {
        let site = Site {
            key: &self.key,
            job_entity: 1,
            node_name: self.node,
        };
        self.crew.start(secs(at), &site, run)
    }

    fn go_on(&mut self, at: i64, run: &ContainerRun) -> Course {
        let site = Site {
            key: &self.key,
            job_entity: 1,
            node_name: self.node,
        };
        self.crew.go_on(secs(at), &site, run)
    }

    fn on_stop(&mut self, at: i64, run: &ContainerRun) -> OnStop {
        let site = Site {
            key: &self.key,
            job_entity: 1,
            node_name: self.node,
        };
        self.crew.on_stop(secs(at), &site, run)
    }
}

fn secs(n: i64) -> Instant {
    Instant::ORIGIN + Span::from_secs(n)
}

/// `10s 0`: seconds and exit code.
fn text(course: Course) -> String {
    match course {
        Course::Exits(after, Exit { code, .. }) => format!("{after} {code}"),
        Course::Works(after) => format!("{after} works"),
        Course::Stays => "stays".to_owned(),
    }
}

fn first(process: Process) -> String {
    text(Stage::with([Fate::of(process)]).start(0, &Stage::run(0, 0)))
}

#[test]
fn what_comes_first_ends_a_run_p6_p87() {
    let lasting = || Process::lasting("10s");
    let mib = |n: u64| n << 20;
    let grows = |kills| Memory {
        growth: Growth::steady(mib(50)).growing(mib(10), Span::from_secs(1)),
        kills,
    };
    for (process, want) in vec![
        (lasting(), "10s 0"),
        (Process::staying(), "stays"),
        (lasting().exiting(3), "10s 3"),
        (lasting().exiting(Ending::Signal(9)), "10s 137"),
        (lasting().exiting(Ending::StartError), "0s 128"),
        (lasting().exiting(Failure::with(4).at_per_cent(50)), "5s 4"),
        (lasting().exiting(Failure::with(4).after("2s")), "2s 4"),
        (
            Process::staying().exiting(Failure::with(4).after("2s")),
            "2s 4",
        ),
        (lasting().hazard("7s", 5), "7s 5"),
        (lasting().hazard("17s", 5), "10s 0"),
        (lasting().failing_first(1, 6), "10s 6"),
        (lasting().failing_on([0..=0], 8), "10s 8"),
        (lasting().failing_on([1..=9], 8), "10s 0"),
        (lasting().memory(grows(OomKill::Group)), "5s 137"),
        (lasting().memory(grows(OomKill::ChildThenExit(0))), "5s 0"),
    ] {
        let got = first(process.clone());
        let got = got.replace("5.000001s", "5s").replace("5.0000001s", "5s");
        assert_eq!(got, want, "{process:?}");
    }
}

#[test]
fn a_child_killed_for_memory_marks_the_end_of_the_main_process_p87() {
    let memory = Memory {
        growth: Growth::steady(200 << 20),
        kills: OomKill::ChildOnly,
    };
    let fate = Fate::of(Process::lasting("10s").memory(memory));
    let course = Stage::with([fate]).start(0, &Stage::run(0, 0));
    let exit = Exit {
        code: 0,
        reason: crate::model::ExitReason::OomKilled,
    };
    assert_eq!(course, Course::Exits(Span::from_secs(10), exit));
}

#[test]
fn the_first_fate_that_is_for_a_run_counts_else_the_last() {
    let fates = [
        Fate::lasting("1s").for_nth(0..=0),
        Fate::lasting("2s").for_run(1..=9),
        Fate::lasting("3s"),
    ];
    let mut stage = Stage::with(fates);
    for ((pod, run), want) in [((0, 0), "1s 0"), ((1, 1), "2s 0"), ((1, 0), "3s 0")] {
        assert_eq!(text(stage.start(0, &Stage::run(pod, run))), want);
    }
}

#[test]
fn init_containers_are_short_and_sidecars_stay_unless_told() {
    let mut stage = Stage::with([Fate::lasting("9s")]);
    for (slot, want) in [(0, "1s 0"), (1, "stays")] {
        let run = ContainerRun {
            container: ContainerSlot::Init(slot),
            ..Stage::run(0, 0)
        };
        assert_eq!(text(stage.start(0, &run)), want);
    }
}

#[test]
fn a_retry_goes_on_from_the_last_checkpoint() {
    let saves = Checkpoints::every(Span::from_secs(60)).restored_in("5s");
    let process = Process::working("5m").saving(saves);
    let mut stage = Stage::with([Fate::of(process)]);
    assert_eq!(text(stage.start(0, &Stage::run(0, 0))), "5m0s 0");
    // 150 s done, 120 saved; 180 are left, and 5 to read the checkpoint.
    stage.crew.ended(secs(150), &Stage::run(0, 0), Exit::KILLED);
    assert_eq!(stage.crew.repeated(), Span::from_secs(30));
    assert_eq!(text(stage.start(200, &Stage::run(1, 0))), "3m5s 0");
    // Killed while it reads: nothing new is done.
    stage.crew.ended(secs(203), &Stage::run(1, 0), Exit::KILLED);
    assert_eq!(text(stage.start(300, &Stage::run(2, 0))), "3m5s 0");
    stage
        .crew
        .ended(secs(485), &Stage::run(2, 0), Exit::COMPLETED);
    assert_eq!(
        text(stage.start(500, &Stage::run(3, 0))),
        "5m0s 0",
        "a new piece"
    );
}

#[test]
fn first_runs_are_counted_for_each_piece_over_pods_and_restarts() {
    let process = Process::working("10s").failing_first(2, 1);
    let mut stage = Stage::with([Fate::of(process)]);
    for (pod, run, want) in [(0, 0, "10s 1"), (0, 1, "10s 1"), (1, 0, "10s 0")] {
        let run = Stage::run(pod, run);
        assert_eq!(text(stage.start(0, &run)), want);
        stage.crew.ended(secs(10), &run, Exit::with(1));
    }
}

#[test]
fn runs_fail_on_bad_nodes_only() {
    let mut process = Process::lasting("10s");
    process.bad_nodes = Some(BadNodes {
        which: Which::Listed(vec!["bad".into()]),
        chance: crate::base::Chance::ALWAYS,
        failure: 9.into(),
    });
    let mut stage = Stage::with([Fate::of(process)]);
    stage.node = Some("good");
    assert_eq!(text(stage.start(0, &Stage::run(0, 0))), "10s 0");
    stage.node = Some("bad");
    assert_eq!(text(stage.start(0, &Stage::run(0, 0))), "10s 9");
}

#[test]
fn workers_share_a_queue_and_exit_when_it_is_empty() {
    let queue = WorkQueue::of(3, "4s");
    let mut stage = Stage::with([Fate::of(Process::draining(queue))]);
    let (one, two) = (Stage::run(0, 0), Stage::run(1, 0));
    assert_eq!(text(stage.start(0, &one)), "4s works");
    assert_eq!(text(stage.start(1, &two)), "4s works");
    assert_eq!(text(stage.go_on(4, &one)), "4s works");
    // The second dies with its item, which the first takes.
    stage.crew.ended(secs(5), &two, Exit::KILLED);
    assert_eq!(text(stage.go_on(8, &one)), "4s works");
    assert_eq!(text(stage.go_on(12, &one)), "0s 0");
    stage.crew.ended(secs(12), &one, Exit::COMPLETED);
    let counts = stage.crew.queues().next().unwrap();
    assert_eq!((counts.done, counts.deliveries, counts.lost), (3, 4, 0));
}

#[test]
fn processes_stop_as_they_are_told_p53() {
    let exits = |after, exit: Exit| OnStop::Exits(Span::from_secs(after), exit);
    let lasting = || Process::lasting("10s");
    for (process, want) in [
        (lasting(), exits(0, Exit::with(143))),
        (lasting().stopping(Stop::Ignores), OnStop::Ignores),
        (lasting().stopping_in("2s", 0), exits(2, Exit::COMPLETED)),
        (
            lasting().stopping(Stop::Finishes),
            exits(7, Exit::COMPLETED),
        ),
    ] {
        let mut stage = Stage::with([Fate::of(process)]);
        let run = Stage::run(0, 0);
        stage.start(0, &run);
        assert_eq!(stage.on_stop(3, &run), want);
    }
}

#[test]
fn two_in_a_hundred_fail_where_that_is_said() {
    let mut stage = Stage::with([Fate::lasting("exponential(mean=30s)").failing("2%", 42)]);
    let fails = |stage: &mut Stage, pod| match stage.start(0, &Stage::run(pod, 0)) {
        Course::Exits(_, exit) => u32::from(exit.code == 42),
        _ => 0,
    };
    let failed: u32 = (0..100_000).map(|pod| fails(&mut stage, pod)).sum();
    // The standard error is 44.
    assert!(failed.abs_diff(2000) < 4 * 44, "{failed}");
}

#[test]
fn what_does_not_fit_is_told_in_sentences() {
    let mut crew = Crew::default();
    let job = Job::from_yaml(MANIFEST).unwrap();
    let fate = Fate::lasting("20 parsecs").container("mian", Process::staying());
    let error = crew.cast(&job, &[fate]).unwrap_err().to_string();
    assert!(error.contains("lasting: "), "{error}");
    assert!(
        error.contains("container \"mian\": there is no such container"),
        "{error}"
    );
}

/// A hazard with a mean of an hour hits 1 − 1/e of the runs of an hour; of two, that of twice the
/// rate is first in two of three.
#[test]
fn hazards_hit_as_often_as_their_laws_say() {
    const RUNS: u32 = 1_000_000;
    let process = Process::lasting("1h")
        .hazard("exponential(mean=90m)", 3)
        .hazard("exponential(mean=3h)", 4);
    let mut stage = Stage::with([Fate::of(process)]);
    let (mut counts, mut lasted) = ([0_u32; 3], 0.0);
    for pod in 0..RUNS {
        let Course::Exits(after, exit) = stage.start(0, &Stage::run(pod, 0)) else {
            panic!("every run ends");
        };
        let place = [0, 3, 4].iter().position(|code| *code == exit.code);
        counts[place.unwrap()] += 1;
        lasted += f64::from(u32::try_from(after.micros()).unwrap()) / 1e6;
    }
    let (n, none) = (f64::from(RUNS), 1.0 / std::f64::consts::E);
    let hit = 1.0 - none;
    for (count, p) in counts.into_iter().zip([none, hit * 2.0 / 3.0, hit / 3.0]) {
        let off = (f64::from(count) - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(off.abs() < 4.0, "{p}: {off} standard errors");
    }
    // E min(X, 1) = 1 − 1/e, and E min(X, 1)² = 2 − 4/e.
    let error = (2.0 - 4.0 * none - hit * hit).sqrt() / n.sqrt();
    let off = (lasted / 3600.0 / n - hit) / error;
    assert!(off.abs() < 4.0, "mean: {off} standard errors");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    /// Whenever a run is killed, less than an interval of its work is lost, and all runs together
    /// do the whole piece, what was lost, and the reading of checkpoints.
    #[test]
    fn checkpoints_lose_less_than_an_interval(
        every in 1_i64..200,
        restore in 0_i64..9,
        kills in prop::collection::vec(1_i64..400, 0..20),
    ) {
        let reading = format!("{restore}s");
        let saves = Checkpoints::every(Span::from_secs(every)).restored_in(reading.as_str());
        let mut stage = Stage::with([Fate::of(Process::working("10m").saving(saves))]);
        let (mut now, mut worked, mut read) = (0, 0, 0);
        for (pod, kill) in (0..).zip(kills.into_iter().chain([10_000])) {
            let run = Stage::run(pod, 0);
            let Course::Exits(takes, exit) = stage.start(now, &run) else {
                panic!("every run ends");
            };
            let takes = takes.micros() / 1_000_000;
            let left = takes.min(kill);
            let exit = if kill < takes { Exit::KILLED } else { exit };
            let before = stage.crew.repeated();
            stage.crew.ended(secs(now + left), &run, exit);
            let lost = stage.crew.repeated() - before;
            prop_assert!(lost < Span::from_secs(every), "{lost} of {every}");
            // Whoever goes on from something reads it first, as far as it comes.
            let saved = worked - before.micros() / 1_000_000 - read;
            read += if saved > 0 { restore.min(left) } else { 0 };
            worked += left;
            now += left;
            if kill >= takes {
                break;
            }
        }
        let repeated = stage.crew.repeated().micros() / 1_000_000;
        prop_assert_eq!(worked, 600 + repeated + read);
    }

    /// No item is done twice or by two at a time, and each is done, lost or put aside once.
    #[test]
    fn items_are_conserved(
        dies in prop::collection::vec((0_u32..4, 1_i64..30), 0..40),
        lost in any::<bool>(),
        hides in 0_i64..60,
    ) {
        let mut queue = WorkQueue::of(25, "exponential(mean=9s)");
        queue.idle = Idle::Asks(Span::from_secs(5));
        queue.crashes = "10%".parse().unwrap();
        queue.orphans = if lost { Orphans::Lost } else {
            Orphans::GivenBack(Span::from_secs(hides))
        };
        let mut stage = Stage::with([Fate::of(Process::draining(queue))]);
        // Four workers; one that is dead is replaced at once.
        let mut next_pod = 4;
        let mut workers: Vec<(ContainerRun, Instant, Course)> = Vec::new();
        for pod in 0..4 {
            let run = Stage::run(pod, 0);
            let course = stage.start(0, &run);
            workers.push((run, secs(0), course));
        }
        let mut dies = dies.into_iter();
        let mut replace = |stage: &mut Stage, at: Instant| {
            let run = Stage::run(next_pod, 0);
            next_pod += 1;
            let course = stage.crew.start(at, &site(&stage.key), &run);
            (run, at, course)
        };
        let mut turns = 0;
        while let Some(place) = soonest(&workers) {
            let (run, since, course) = workers[place];
            turns += 1;
            prop_assert!(turns < 10_000, "it never ends");
            if let Some((_, after)) = dies.next().filter(|it| it.0 == 0) {
                let at = since + Span::from_secs(after).min(lasts(course));
                stage.crew.ended(at, &run, Exit::KILLED);
                workers[place] = replace(&mut stage, at);
                continue;
            }
            let at = since + lasts(course);
            match course {
                Course::Works(_) => {
                    let course = stage.crew.go_on(at, &site(&stage.key), &run);
                    workers[place] = (run, at, course);
                }
                Course::Exits(_, exit) => {
                    stage.crew.ended(at, &run, exit);
                    if exit.is_success() {
                        workers.remove(place);
                    } else {
                        workers[place] = replace(&mut stage, at);
                    }
                }
                Course::Stays => panic!("a worker never stays"),
            }
        }
        let counts = stage.crew.queues().next().unwrap();
        prop_assert_eq!(counts.done + counts.lost, 25);
        prop_assert!(lost || counts.lost == 0);
    }
}

fn site(key: &Key) -> Site<'_> {
    Site {
        key,
        job_entity: 1,
        node_name: None,
    }
}

fn lasts(course: Course) -> Span {
    match course {
        Course::Works(after) | Course::Exits(after, _) => after,
        Course::Stays => Span::from_secs(1_000_000),
    }
}

/// The worker whose turn is next.
fn soonest(workers: &[(ContainerRun, Instant, Course)]) -> Option<usize> {
    let turn = |place: &usize| workers[*place].1 + lasts(workers[*place].2);
    (0..workers.len()).min_by_key(turn)
}
