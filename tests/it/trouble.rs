//! What goes wrong around pods: quotas, missing accounts, namespaces that go, failovers.

use dryjob::base::{Seed, Span};
use dryjob::fault::{Action, Deed, Fault, Outage};
use dryjob::model::{Job, LimitRange, PodScript, Quantity, Quota, Release, Resources};
use dryjob::report::Run;
use dryjob::sim::{Limits, Scenario};

fn job(spec: &str, container: &str) -> Job {
    let text = format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: a}}, spec: {{{spec}, template: \
         {{spec: {{restartPolicy: Never, containers: [{{name: main, image: a{container}}}]}}}}}}}}"
    );
    Job::from_yaml(&text).expect("the manifest is valid")
}

fn secs(n: i64) -> Span {
    Span::from_secs(n)
}

fn play(spec: &str, container: &str, until: i64, change: impl FnOnce(&mut Scenario)) -> Run {
    let script = PodScript {
        start: Some(Span::ZERO),
        ..PodScript::lasting(secs(30))
    };
    let mut scenario = Scenario::on(Release::LATEST)
        .job(job(spec, container), [script])
        .limits(Limits::IDEAL)
        .until(secs(until));
    change(&mut scenario);
    scenario.run(Seed(0)).expect("the scenario can be played")
}

fn fault(from: i64, to: i64, outage: Outage) -> Fault {
    Fault {
        from: secs(from),
        to: secs(to),
        outage,
    }
}

fn requests(cpu: &str) -> Resources {
    [("cpu", Quantity::parse(cpu).expect("it is a quantity"))]
        .into_iter()
        .collect()
}

/// The seconds of events with that reason.
fn times(run: &Run, reason: &str) -> Vec<i64> {
    let events = run.records().filter(|it| it.reason() == reason);
    events.map(|it| it.at().micros() / 1_000_000).collect()
}

/// The message of the first event with that reason.
fn message(run: &Run, reason: &str) -> String {
    let event = run.records().find(|it| it.reason() == reason);
    event.map_or_else(String::new, |it| it.message())
}

#[test]
fn p91_p94_e13_a_full_quota_costs_one_creation_each_backoff_and_no_retry_of_the_job() {
    let quota = Quota {
        name: "q".into(),
        pods: Some(0),
        ..Quota::default()
    };
    let run = play("parallelism: 5, completions: 5", "", 150, |it| {
        it.faults.push(fault(0, 200, Outage::Quota(quota)));
    });
    assert_eq!(times(&run, "FailedCreate"), [0, 1, 3, 7, 15, 31, 63, 123]);
    assert_eq!(
        message(&run, "FailedCreate"),
        "Error creating: pods \"a-\" is forbidden: exceeded quota: q, requested: pods=1, used: \
         pods=0, limited: pods=0"
    );
    assert_eq!(run.attempts().count(), 0);
    assert!(!run.why().to_string().contains("failures counted"));
}

#[test]
fn p94_when_the_quota_has_room_again_pods_come_in_growing_batches() {
    let quota = Quota {
        name: "q".into(),
        pods: Some(2),
        ..Quota::default()
    };
    let run = play("parallelism: 5, completions: 5", "", 100, |it| {
        it.faults.push(fault(0, 5, Outage::Quota(quota)));
    });
    let created: Vec<i64> = run
        .attempts()
        .map(|it| run.age(it.attempt().created).micros() / 1_000_000)
        .collect();
    assert_eq!(created, [0, 0, 6, 6, 6]);
}

#[test]
fn p90_each_plugin_refuses_in_its_own_words() {
    let quota = |pods, cpu: &str| {
        Outage::Quota(Quota {
            name: "q".into(),
            pods,
            requests: requests(cpu),
            ..Quota::default()
        })
    };
    let range = |min: &str, max: &str| {
        Outage::LimitRange(LimitRange {
            name: "l".into(),
            min: requests(min),
            max: requests(max),
            ..LimitRange::default()
        })
    };
    let cpu = ", resources: {requests: {cpu: 700m}, limits: {cpu: 900m}}";
    for (container, outage, want) in [
        (
            cpu,
            quota(None, "1"),
            "exceeded quota: q, requested: requests.cpu=700m, used: requests.cpu=700m, limited: \
             requests.cpu=1",
        ),
        (
            "",
            quota(Some(9), "1"),
            "failed quota: q: must specify requests.cpu for: pods",
        ),
        (
            cpu,
            range("800m", "1"),
            "minimum cpu usage per Container is 800m, but request is 700m",
        ),
        (
            cpu,
            range("1m", "800m"),
            "maximum cpu usage per Container is 800m, but limit is 900m",
        ),
        (
            "",
            Outage::ServiceAccount,
            "error looking up service account default/default: serviceaccount \"default\" not \
             found",
        ),
        (
            "",
            Outage::Admission,
            "admission webhook denied the request",
        ),
    ] {
        let run = play("parallelism: 2, completions: 2", container, 100, |it| {
            it.faults.push(fault(0, 20, outage));
        });
        let want = format!("Error creating: pods \"a-\" is forbidden: {want}");
        assert_eq!(message(&run, "FailedCreate"), want);
        assert!(run.ending().is_complete(), "{want}");
    }
}

#[test]
fn p93_a_terminating_pod_counts_for_twice_its_grace_period() {
    // The pod ignores that it is deleted for its grace period of 30 s, and then it has ended.
    let quota = Quota {
        name: "q".into(),
        pods: Some(1),
        ..Quota::default()
    };
    let run = play("parallelism: 1, completions: 1", "", 300, |it| {
        it.workloads[0].pods[0].on_delete.stop = secs(20);
        it.faults.push(fault(0, 300, Outage::Quota(quota)));
        *it = it.clone().action(
            secs(10),
            Deed::DeletePod(dryjob::sim::PodLabel {
                index: None,
                nth: 0,
            }),
        );
    });
    let created: Vec<i64> = run
        .attempts()
        .map(|it| run.age(it.attempt().created).micros() / 1_000_000)
        .collect();
    // Tried at 20 s (back-off after the failure), refused, and again when the pod has ended.
    assert_eq!(created, [0, 31]);
    assert_eq!(times(&run, "FailedCreate"), [20, 21, 23, 27]);
}

#[test]
fn p92_a_namespace_that_goes_takes_its_jobs_along_and_nobody_is_told() {
    let run = play("parallelism: 1, completions: 3", "", 400, |it| {
        *it = it.clone().action(secs(40), Deed::TerminateNamespace);
    });
    assert!(times(&run, "FailedCreate").is_empty());
    assert!(run.api().namespace().terminating);
    assert!(run.api().jobs().all(|(_, job)| job.gone));
}

#[test]
fn nobody_looks_after_a_job_until_others_have_taken_over() {
    let run = play("parallelism: 1, completions: 2", "", 400, |it| {
        *it = it.clone().action(secs(20), Deed::Failover(secs(60)));
    });
    let created: Vec<i64> = run
        .attempts()
        .map(|it| run.age(it.attempt().created).micros() / 1_000_000)
        .collect();
    assert_eq!(created, [0, 80], "the first pod ended at 30 s");
    assert!(run.ending().is_complete());
}

#[test]
fn requests_take_longer_while_the_control_plane_is_slow() {
    let slow = Outage::Latency(secs(2));
    let run = play("parallelism: 1, completions: 1", "", 400, |it| {
        it.faults.push(fault(0, 1, slow));
        it.actions.push(Action {
            at: secs(399),
            job: 0,
            deed: Deed::RestartControllers,
        });
    });
    let pod = run.attempts().next().expect("there is a pod");
    assert_eq!(run.age(pod.attempt().created), secs(2));
}
