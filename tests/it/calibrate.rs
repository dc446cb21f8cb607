//! Workloads that are known, played, printed as kubectl prints their pods, and found again.

mod kubectl;

use dryjob::base::{Instant, Law, Seed, Span};
use dryjob::forecast::calibrate::{Calibration, Choice, Kind, Observations, Quality};
use dryjob::model::{Job, Release};
use dryjob::scenario::ScenarioFile;
use dryjob::sim::{Limits, Scenario, World};
use dryjob::workload::Ending;
use kubectl::Printed;

fn job(spec: &str, template: &str) -> Job {
    let text = format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: train, namespace: ml}}, spec: \
         {{{spec}, template: {{spec: {{{template}, containers: [{{name: main, image: a}}]}}}}}}}}"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

/// What kubectl prints at that time of a run of the Job, of all pods that ever were.
fn printed(job: &Job, words: &str, at: Span) -> String {
    let file = ScenarioFile::read("-", words.as_bytes());
    let file = file.unwrap_or_else(|errors| panic!("{words}: {errors}"));
    let mut scenario = Scenario::on(Release::LATEST)
        .job(job.clone(), [])
        .limits(Limits::IDEAL)
        .until(Span::from_secs(10_000_000));
    file.apply(&mut scenario);
    let mut world = World::seeded(scenario, Seed(11), 0);
    let mut seen = Printed::default();
    world.play_to(Instant::ORIGIN + at, &mut seen);
    seen.json(job)
}

fn found(texts: &[String]) -> Calibration {
    let mut seen = Observations::default();
    for text in texts {
        seen.read("pods.json", text.as_bytes()).expect("it is JSON");
    }
    seen.calibrate(&Choice::default()).expect("pods have ended")
}

/// Within so many per cent of the truth.
#[track_caller]
fn close(found: Span, truth: Span, per_cent: i64) {
    let off = (found.micros() - truth.micros()).abs() * 100;
    assert!(off <= per_cent * truth.micros(), "{found} for {truth}");
}

const FOREVER: Span = Span::from_secs(5_000_000);
const MANY: &str = "completions: 1900, parallelism: 150, backoffLimit: 100000";
const NEVER: &str = "restartPolicy: Never";

const WORDS: &str = "\
workload:
- run: lognormal(median=20m,p95=35m)
  fail:
  - 3%:42
  - {chance: 2%, exit: oomKilled, after: 30s..90s}
pace: {mount: 0s, createStart: 0s, sandbox: 'lognormal(median=8s,p95=20s)'}
";

#[test]
fn a_known_workload_is_found_again_from_2000_pods() {
    let text = printed(&job(MANY, NEVER), WORDS, FOREVER);
    let found = found(&[text]);
    assert!((1900..2150).contains(&found.pods), "{}", found.pods);
    let main = &found.containers[0];
    assert_eq!((main.runs.succeeded, main.runs.running), (1900, 0));
    let run = main.run.as_ref().expect("runs have ended");
    assert_eq!(
        (run.kind, run.open),
        (Kind::LogNormal, main.failures[1].runs)
    );
    close(run.law.median(), Span::from_secs(1200), 3);
    close(run.law.quantile(0.95), Span::from_secs(2100), 4);
    let endings: Vec<Ending> = main.failures.iter().map(|it| it.ending).collect();
    assert_eq!(endings, [Ending::Exit(42), Ending::OutOfMemory]);
    for (failure, truth) in main.failures.iter().zip([0.03, 0.02]) {
        let chance = failure.chance.probability();
        assert!((chance - truth).abs() < 0.01, "{chance} for {truth}");
        assert!(failure.share.low < truth && truth < failure.share.high);
    }
    assert_eq!(main.failures[0].after, None);
    let after = main.failures[1].after.as_ref().expect("they end early");
    close(after.law.median(), Span::from_secs(60), 15);
    let start = found.start.started.expect("pods have started");
    assert_eq!(start.kind, Kind::LogNormal);
    // All pods are bound at the same part of a second here, which costs up to half a second.
    close(start.law.median(), Span::from_secs(8), 8);
    close(start.law.quantile(0.95), Span::from_secs(20), 8);
    let scheduled = found.start.scheduled.expect("pods have nodes");
    assert_eq!(scheduled.law, Law::ZERO);
}

/// After 25 minutes a third of 2,000 pods that started together is under way. What has ended by
/// then is shorter than the whole.
#[test]
fn runs_under_way_count_as_longer_than_they_look() {
    let all = "completions: 2000, parallelism: 2000, backoffLimit: 100000";
    let words = "workload: {run: 'weibull(shape=2,scale=24m)', fail: '10%:7'}";
    let found = found(&[printed(&job(all, NEVER), words, Span::from_secs(1500))]);
    let main = &found.containers[0];
    assert!(main.runs.running > 500, "{:?}", main.runs);
    let run = main.run.as_ref().expect("runs have ended");
    let truth: Law = "weibull(shape=2,scale=24m)".parse().expect("a law");
    assert_eq!(run.open, main.runs.running);
    close(run.law.median(), truth.median(), 5);
    close(run.law.quantile(0.9), truth.quantile(0.9), 8);
    let chance = main.failures[0].chance.probability();
    assert!((chance - 0.1).abs() < 0.02, "{chance}");
}

/// Evicted pods are stopped in the middle of their work, and would have gone on.
#[test]
fn runs_that_others_ended_are_no_failures() {
    let spec = "completions: 300, parallelism: 300, backoffLimit: 100000";
    let action = |pod| format!("- {{at: {}s, evict: {pod}}}", 300 + 2 * pod);
    let actions: Vec<String> = (0..100).map(action).collect();
    let actions = actions.join("\n");
    let words = format!("workload: {{run: 10m..20m}}\nactions:\n{actions}\n");
    let found = found(&[printed(&job(spec, NEVER), &words, FOREVER)]);
    assert_eq!(found.outside.get("EvictionByEvictionAPI"), Some(&100));
    let main = &found.containers[0];
    assert_eq!(main.failures, []);
    assert_eq!((main.runs.succeeded, main.runs.cut), (300, 100));
    let run = main.run.as_ref().expect("runs have ended");
    close(run.law.median(), Span::from_secs(900), 4);
}

/// A status tells the last two runs of a container; the number of restarts tells of the others.
#[test]
fn restarts_in_place_count_even_where_nothing_is_left_of_them() {
    let spec = "completions: 400, parallelism: 400, backoffLimit: 100000";
    let words = "workload: {run: 60s..90s, fail: '40%:3'}";
    let job = job(spec, "restartPolicy: OnFailure");
    let text = printed(&job, words, FOREVER);
    let restarts: u64 = text
        .split("\"restartCount\":")
        .skip(1)
        .filter_map(|it| it.split([',', '}']).next()?.parse::<u64>().ok())
        .sum();
    let found = found(&[text]);
    let main = &found.containers[0];
    assert_eq!(
        (main.runs.succeeded, main.runs.judged()),
        (400, 400 + restarts)
    );
    assert!(main.runs.unseen > 50, "{:?}", main.runs);
    let (chance, share) = (
        main.failures[0].chance.probability(),
        main.failures[0].share,
    );
    assert!((chance - share.value).abs() < 0.001, "{chance} {share:?}");
    // Of 667 or so runs, a fifth off would be six standard deviations.
    assert!((chance - 0.4).abs() < 0.08, "{chance}");
}

/// Two looks at pods whose containers restart tell more runs than the later one.
#[test]
fn several_looks_at_the_same_pods_are_laid_together() {
    let spec = "completions: 50, parallelism: 50, backoffLimit: 100000";
    let words = "workload: {run: 60s..90s, fail: '60%:3'}";
    let job = job(spec, "restartPolicy: OnFailure");
    let looks: Vec<String> = [150, 300, 600, 5_000_000]
        .map(|at| printed(&job, words, Span::from_secs(at)))
        .into();
    let last = found(&looks[3..]).containers[0].runs;
    let all = found(&looks).containers[0].runs;
    assert_eq!((all.judged(), all.running), (last.judged(), 0));
    assert!(all.unseen < last.unseen, "{all:?} {last:?}");
}

#[test]
fn the_same_input_gives_the_same_numbers() {
    let text = printed(&job("completions: 40", NEVER), WORDS, FOREVER);
    let texts = [text.clone(), text];
    let one = found(&texts[..1]);
    assert_eq!(one, found(&texts[..1]));
    // Whoever is seen twice counts once.
    assert_eq!(one, found(&texts));
    let run = one.containers[0].run.as_ref().expect("runs have ended");
    assert!(!matches!(run.quality, Quality::Few), "{:?}", run.quality);
}

/// A byte more, less or another: an answer or an error, and what is found is a law.
#[test]
fn nothing_that_stands_in_a_file_leads_to_a_panic() {
    let whole = include_str!("../fixtures/calibrate/restarts.json").as_bytes();
    let mut accepted = 0;
    for at in (0..whole.len()).step_by(7) {
        for change in [&b""[..], b"0", b"9", b"\"", b"-", b"{", b"null"] {
            let text = [&whole[..at], change, &whole[at + 1..]].concat();
            let mut seen = Observations::default();
            if seen.read("pods.json", &text).is_err() {
                continue;
            }
            if let Ok(found) = seen.calibrate(&Choice::default()) {
                accepted += 1;
                for law in found.containers.iter().filter_map(|it| it.run.as_ref()) {
                    assert_eq!(law.law.to_string().parse::<Law>().as_ref(), Ok(&law.law));
                }
            }
        }
    }
    assert!(accepted > 100, "{accepted}");
}
