//! How pods end, by what ends them: the tables of P13 and P62, row by row. Each cause strikes the
//! first pod of a Job 100 s after its creation; what is stored of the pod in the end is the result.

use dryjob::base::{Seed, Span};
use dryjob::model::PodId;
use dryjob::report::Run;
use dryjob::scenario::ScenarioFile;
use std::fmt::Write;

/// What the pod's container does about its end.
#[derive(Clone, Copy, Debug)]
enum Container {
    /// It takes no notice of its stop signal.
    Ignores,
    /// It exits with 0, 1.3 s after the signal: between two relists.
    Obeys,
    /// It never ran: nobody has its image.
    NeverRan,
}

fn play(container: Container, template: &str, actions: &str) -> Run {
    let stop = match container {
        Container::Obeys => "{after: 1300ms, exit: 0}",
        Container::Ignores | Container::NeverRan => "ignores",
    };
    let faults = match container {
        Container::NeverRan => "[{from: 0s, to: 24h, image: app:1}]",
        Container::Ignores | Container::Obeys => "[]",
    };
    let text = format!(
        "job: {{metadata: {{name: a}}, spec: {{template: {{spec: {{restartPolicy: Never{template}, \
         containers: [{{name: main, image: 'app:1'}}]}}}}}}}}\n\
         nodes: [{{name: node, count: 10, cpu: 8, memory: 32Gi}}]\n\
         workload: {{run: never, onStop: {stop}}}\n\
         actions: [{actions}]\n\
         faults: {faults}\n\
         until: 300s\n"
    );
    let file = ScenarioFile::read("case", text.as_bytes());
    let file = file.unwrap_or_else(|errors| panic!("{text}: {errors}"));
    let scenario = file.scenario().expect("the case has a Job");
    scenario.run(Seed(0)).expect("the case can be played")
}

/// `PHASE/REASON main=CODE DISRUPTION deleted SECOND`: the last is when the pod has ended, if it has.
fn end(run: &Run) -> String {
    let pod = run.api().pod(PodId(0));
    let mut text = pod.phase.as_str().to_owned();
    if let Some(reason) = pod.reason {
        text += &format!("/{}", reason.as_str());
    }
    let story = run.attempts().next().expect("there is a pod");
    for (name, code) in story.exit_codes() {
        let _ = write!(text, " {name}={code}");
    }
    if let Some(by) = pod.disruption {
        let _ = write!(text, " {}", by.as_str());
    }
    if pod.deletion.is_some() {
        text += " deleted";
    }
    if let Some(at) = story.attempt().ended {
        let age: Span = run.age(at);
        let _ = write!(text, " {age}");
    }
    text
}

/// What comes of a cause, for each kind of container.
fn ends(template: &str, actions: &str) -> [String; 3] {
    let kinds = [Container::Ignores, Container::Obeys, Container::NeverRan];
    kinds.map(|it| end(&play(it, template, actions)))
}

/// A cause (what the template says besides, and what is done), and what comes of it.
type Row = (&'static str, &'static str, [&'static str; 3]);

fn hold(rows: &[Row]) {
    let mut wrong = String::new();
    for (template, actions, want) in rows {
        let got = ends(template, actions);
        if got != *want {
            let _ = writeln!(wrong, "{template}{actions}\n got {got:#?}\n not {want:#?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Between stop signal and kill: what the cause leaves, the pod's own 30 s, and 2 s at least.
#[test]
fn p13_p62_the_kubelet_ends_pods_and_leaves_their_objects() {
    hold(&[
        (
            "",
            "{at: 100s, pressure: {node: {pod: 0}, of: memory, for: 15s}}",
            [
                "Failed/Evicted main=137 TerminationByKubelet 1m52.2s",
                "Succeeded main=0 TerminationByKubelet 1m51.5s",
                "Failed/Evicted TerminationByKubelet 1m50s",
            ],
        ),
        (
            "",
            "{at: 100s, criticalPod: {node: {pod: 0}, cpu: 9, memory: 1Gi}}",
            [
                "Failed/Preempting main=137 TerminationByKubelet 2m10.2s",
                "Succeeded main=0 TerminationByKubelet 1m41.5s",
                "Failed/Preempting TerminationByKubelet 1m40s",
            ],
        ),
        (
            "",
            "{at: 100s, shutdown: {node: {pod: 0}, total: 30s, critical: 10s}}",
            [
                "Failed/Terminated main=137 TerminationByKubelet 2m0.2s",
                "Succeeded main=0 TerminationByKubelet 1m41.5s",
                "Failed/Terminated TerminationByKubelet 1m40s",
            ],
        ),
        (
            ", activeDeadlineSeconds: 100",
            "",
            [
                "Failed/DeadlineExceeded main=137 2m11.2s",
                "Failed/DeadlineExceeded main=0 1m42.5s",
                "Failed/DeadlineExceeded 1m41s",
            ],
        ),
        (
            "",
            "{at: 100s, oomKill: 0}",
            [
                "Failed main=137 1m42.2s",
                "Failed main=137 1m42.2s",
                "Pending",
            ],
        ),
    ]);
}

#[test]
fn p2_p62_a_refused_pod_has_neither_statuses_nor_conditions() {
    for (kind, reason) in [
        ("refuseNextPod: any", "OutOfcpu"),
        ("taint: {node: every, key: work, effect: NoSchedule}", ""),
    ] {
        let got = ends("", &format!("{{at: 0s, {kind}}}"));
        let refused = format!("Failed/{reason} 0s");
        let want = if reason.is_empty() {
            ["Pending"; 3].map(str::to_owned)
        } else {
            [refused.clone(), refused.clone(), refused]
        };
        assert_eq!(got, want, "{kind}");
    }
}

/// Everybody else deletes the pod, with its own grace period, and says why before.
#[test]
fn p13_p62_others_delete_pods() {
    let deleted = |by: &'static str| {
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" {by}")
        };
        [
            format!("Failed main=137{by} deleted 2m10.2s"),
            format!("Succeeded main=0{by} deleted 1m41.5s"),
            format!("Failed main=137{by} deleted 1m41s"),
        ]
    };
    let taint = "taint: {node: {pod: 0}, key: work, effect: NoExecute}";
    for (deed, by) in [
        ("deletePod: 0", ""),
        ("preempt: 0", "PreemptionByScheduler"),
        (taint, "DeletionByTaintManager"),
        ("evict: 0", "EvictionByEvictionAPI"),
        ("drain: {pod: 0}", "EvictionByEvictionAPI"),
    ] {
        let got = ends("", &format!("{{at: 100s, {deed}}}"));
        assert_eq!(got, deleted(by), "{deed}");
    }
}

/// P13, P50, P62, P78, P79: the garbage collector looks at no exit code.
#[test]
fn the_garbage_collector_ends_pods_whose_nodes_are_gone() {
    let out_of_service = "{at: 100s, nodeDown: {node: {pod: 0}}}, \
                          {at: 170s, outOfService: {pod: 0}}";
    hold(&[
        (
            "",
            "{at: 100s, deleteNode: {pod: 0}}",
            [
                "Failed DeletionByPodGC deleted 2m20s",
                "Failed DeletionByPodGC deleted 2m20s",
                "Failed DeletionByPodGC deleted 2m20s",
            ],
        ),
        (
            "",
            out_of_service,
            [
                "Failed DeletionByTaintManager deleted 3m0s",
                "Failed DeletionByTaintManager deleted 3m0s",
                "Failed DeletionByTaintManager deleted 3m0s",
            ],
        ),
        (
            // No such node: it never gets one.
            ", nodeSelector: {disk: none}",
            "{at: 105s, deletePod: 0}",
            [
                "Failed deleted 2m0s",
                "Failed deleted 2m0s",
                "Failed deleted 2m0s",
            ],
        ),
        (
            // Nobody tells of a node without power.
            "",
            "{at: 100s, nodeDown: {node: {pod: 0}}}",
            ["Running", "Running", "Pending"],
        ),
    ]);
}
