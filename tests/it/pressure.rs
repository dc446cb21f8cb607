//! Nodes that are short of something, and pods that use too much: who goes, when and how.

use dryjob::base::{Seed, Span};
use dryjob::model::{Job, Release};
use dryjob::report::Run;
use dryjob::scenario::ScenarioFile;
use dryjob::sim::Scenario;
use dryjob::workload::Fate;
use std::fmt::Write;

/// A Job of so many pods, each with what is said of its spec and of its container.
fn job(pods: u32, spec: &str, container: &str) -> String {
    format!(
        "job: {{metadata: {{name: a}}, spec: {{completions: {pods}, parallelism: {pods}, template: \
         {{spec: {{restartPolicy: Never{spec}, containers: [{{name: main, image: \
         'app:1'{container}}}]}}}}}}}}"
    )
}

fn run(release: Release, job: &str, rest: &str) -> Run {
    let text = format!("{job}\n{rest}\n");
    let file = ScenarioFile::read("case", text.as_bytes());
    let file = file.unwrap_or_else(|errors| panic!("{text}: {errors}"));
    let mut scenario = file.scenario().expect("the case has a Job");
    scenario.release = release;
    scenario.run(Seed(0)).expect("the case can be played")
}

/// The pods in order of creation: phase, reason, disruption, and the second of their end.
fn pods(run: &Run) -> String {
    let all = run.attempts().map(|story| {
        let pod = run.api().pod(story.pod());
        let mut text = pod.phase.as_str().to_owned();
        if let Some(reason) = pod.reason {
            let _ = write!(text, "/{}", reason.as_str());
        }
        if let Some(by) = pod.disruption {
            let _ = write!(text, " {}", by.as_str());
        }
        if let Some(at) = story.attempt().ended {
            let _ = write!(text, " {}", run.age(at));
        }
        text
    });
    all.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn check(job: &str, rest: &str, want: &str) {
    assert_eq!(pods(&run(Release::LATEST, job, rest)), want, "{rest}");
}

/// A pass each 10 s, one pod in each; the next pass when it has ended. The node is short for as
/// long as its pods use more than it has, and takes no new pod for five minutes more.
#[test]
fn p63_p65_p66_memory_is_won_back_pod_by_pod() {
    check(
        &job(3, "", ""),
        "nodes: [{name: node, memory: 8Gi}]\n\
         workload: {run: never, onStop: ignores, memory: {start: 2Gi, grows: 1Gi, per: 1m}}\n\
         until: 200s",
        "Failed/Evicted TerminationByKubelet 52.2s, Failed/Evicted TerminationByKubelet 2m12.2s, \
         Running, Pending, Pending",
    );
}

#[test]
fn p63_p65_disk_is_a_resource_of_the_node_too() {
    check(
        &job(2, "", ""),
        "nodes: [{name: node, storage: 5Gi}]\n\
         workload: {run: never, onStop: ignores, storage: {start: 1Gi, grows: 1Gi, per: 1m}}\n\
         until: 150s",
        "Failed/Evicted TerminationByKubelet 1m42.2s, Running, Pending",
    );
}

/// Only as long as a threshold lasts is anybody evicted; a soft one has to hold for a while.
#[test]
fn p64_a_soft_threshold_waits_and_leaves_pods_some_time() {
    let rest = |pressure: &str| {
        format!(
            "nodes: [{{name: node, count: 2}}]\nworkload: {{run: never, onStop: ignores}}\n\
             actions: [{{at: 100s, pressure: {{node: {{pod: 0}}, of: memory, {pressure}}}}}]\n\
             until: 170s"
        )
    };
    let own = |secs: u32| job(1, &format!(", terminationGracePeriodSeconds: {secs}"), "");
    let new = Release::LATEST;
    for (release, grace, pressure, ended) in [
        (new, 30, "for: 15s", "1m52.2s"),
        (new, 30, "for: 45s, soft: {holds: 30s}", "2m22.2s"),
        (
            new,
            30,
            "for: 45s, soft: {holds: 30s, grace: 10s}",
            "2m30.2s",
        ),
        (
            new,
            5,
            "for: 45s, soft: {holds: 30s, grace: 10s}",
            "2m25.2s",
        ),
        (
            Release::V1_31,
            5,
            "for: 45s, soft: {holds: 30s, grace: 10s}",
            "2m30.2s",
        ),
    ] {
        let run = run(release, &own(grace), &rest(pressure));
        let want = format!("Failed/Evicted TerminationByKubelet {ended}");
        assert_eq!(pods(&run).split(", ").next(), Some(&*want), "{pressure}");
    }
    check(&own(30), &rest("for: 20s, soft: {holds: 30s}"), "Running");
}

/// Every pod above a limit goes in the same pass, and none of them is a target of a disruption.
#[test]
fn p68_limits_of_local_storage_evict_all_at_once() {
    let rest = "nodes: [{name: node}]\n\
                workload: {run: never, onStop: ignores, \
                storage: {start: 1Gi, grows: 1Gi, per: 1m}}\nuntil: 75s";
    let volume = ", volumes: [{name: scratch, emptyDir: {sizeLimit: 2Gi}}]";
    let limit = ", resources: {limits: {ephemeral-storage: 2Gi}}";
    let want = "Failed/Evicted 1m12.2s, Failed/Evicted 1m12.2s";
    check(&job(2, volume, ""), rest, want);
    check(&job(2, "", limit), rest, want);
}

/// The cheapest pods go; what takes their room stays, so that others find none.
#[test]
fn p82_a_critical_pod_takes_the_room_of_others_for_good() {
    check(
        &job(2, "", ", resources: {requests: {cpu: 3}}"),
        "nodes: [{name: node, cpu: 8, memory: 32Gi}]\nworkload: {run: never, onStop: {exit: 1}}\n\
         actions: [{at: 100s, criticalPod: {node: node, cpu: 4, memory: 1Gi}}]\nuntil: 200s",
        "Failed/Preempting TerminationByKubelet 1m40.2s, Running, Pending",
    );
}

#[test]
fn p39_p40_g9_an_image_pulled_with_another_secret_is_asked_for_again() {
    for (release, secret, ready) in [
        (Release::LATEST, "mine", "1m43s"),
        (Release::LATEST, "theirs", "1m41s"),
        (Release::V1_34, "mine", "1m41s"),
    ] {
        let job = |name: &str, secret: &str| {
            let text = format!(
                "{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}, spec: {{template: \
                 {{spec: {{restartPolicy: Never, imagePullSecrets: [{{name: {secret}}}], \
                 containers: [{{name: main, image: 'app:1'}}]}}}}}}}}"
            );
            Job::from_yaml(&text).expect("a Job")
        };
        let text = "nodes: [{name: node}]\npace: {pull: 60s, registry: 2s}\n";
        let file = ScenarioFile::read("case", text.as_bytes()).expect("a scenario");
        let fate = || [Fate::lasting(Span::from_secs(30))];
        let mut scenario = Scenario::on(release)
            .workload(job("a", "theirs"), fate())
            .workload(job("b", secret), fate());
        file.apply(&mut scenario);
        scenario.workloads[1].at = Span::from_secs(100);
        let run = scenario.run(Seed(0)).expect("the case can be played");
        let second = run.attempts().nth(1).expect("each Job has a pod");
        let started = second.attempt().containers.expect("it has run").0;
        assert_eq!(run.age(started).to_string(), ready, "{release} {secret}");
    }
}
