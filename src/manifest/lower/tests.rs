//! A manifest with everything in it, value by value.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::manifest::{Options, Stage, defaults, read, twin};
use crate::model::{
    Container, ContainerRestart, Effect, Hook, Job, JobId, Operator, PodResources, PodTemplate,
    PreemptionPolicy, Probe, PullPolicy, Reference, ReferenceKind, Resources, RestartAction,
    RestartPolicy, RestartRule, Toleration, TolerationOperator, Volume, VolumeSource,
};

const EVERYTHING: &str = include_str!("everything.yaml");

fn template(yaml: &str) -> PodTemplate {
    Job::from_yaml(yaml).expect("it is accepted").spec.template
}

/// A pod with those fields, besides a container `main` with these; nobody has validated it.
fn small(pod: &str, container: &str) -> PodTemplate {
    let spec = format!(
        "{{template: {{spec: {{restartPolicy: Never, {pod} containers: [{{name: main, image: a, \
         {container}}}]}}}}}}"
    );
    let mut spec: twin::JobSpec = serde_yaml::from_str(&spec).expect("it has the types");
    defaults::job(&mut spec);
    let job = super::job("small".to_owned(), "default".to_owned(), spec);
    job.spec.template
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn amounts(milli_cpu: u64, memory: u64) -> Resources {
    Resources {
        milli_cpu: Some(milli_cpu),
        memory: Some(memory),
        ..Resources::default()
    }
}

fn object(kind: ReferenceKind, name: &str, key: &str, optional: bool) -> Reference {
    Reference {
        kind,
        name: name.to_owned(),
        key: (!key.is_empty()).then(|| key.to_owned()),
        optional,
    }
}

#[test]
fn every_field_of_a_pod_arrives() {
    let pod = template(EVERYTHING);
    let want = PodTemplate {
        labels: map(&generated()),
        restart_policy: RestartPolicy::OnFailure,
        termination_grace_period_seconds: 45,
        active_deadline_seconds: Some(600),
        node_name: None,
        node_selector: map(&[("disk", "ssd")]),
        priority: Some(7),
        priority_class: Some("high".to_owned()),
        preemption_policy: Some(PreemptionPolicy::Never),
        runtime_class: Some("gvisor".to_owned()),
        scheduler_name: Some("mine".to_owned()),
        service_account: Some("runner".to_owned()),
        mounts_token: Some(false),
        image_pull_secrets: vec!["registry".to_owned()],
        scheduling_gates: vec!["example.com/hold".to_owned()],
        readiness_gates: vec!["example.com/fine".to_owned()],
        overhead: amounts(250, 120 << 20),
        resources: Some(Box::new(PodResources {
            requests: amounts(4000, 8 << 30),
            limits: amounts(8000, 16 << 30),
        })),
        affinity: pod.affinity.clone(),
        spread: pod.spread.clone(),
        tolerations: pod.tolerations.clone(),
        volumes: pod.volumes.clone(),
        containers: pod.containers.clone(),
        init_containers: pod.init_containers.clone(),
    };
    assert_eq!(pod, want);
    let tolerations = [
        Toleration {
            key: "gpu".to_owned(),
            value: "a100".to_owned(),
            effect: Some(Effect::NoSchedule),
            ..Toleration::default()
        },
        Toleration {
            key: "node.kubernetes.io/unreachable".to_owned(),
            operator: TolerationOperator::Exists,
            effect: Some(Effect::NoExecute),
            seconds: Some(20),
            ..Toleration::default()
        },
    ];
    assert_eq!(pod.tolerations, tolerations);
}

fn environment() -> Vec<Reference> {
    let (map, secret) = (ReferenceKind::ConfigMap, ReferenceKind::Secret);
    vec![
        object(map, "settings", "", false),
        object(secret, "keys", "", true),
        object(map, "rates", "rate", false),
        object(secret, "token", "value", true),
    ]
}

fn restart_rules() -> Vec<RestartRule> {
    vec![
        RestartRule {
            action: RestartAction::Restart,
            operator: Operator::In,
            values: vec![42, 43],
        },
        RestartRule {
            action: RestartAction::RestartAllContainers,
            operator: Operator::NotIn,
            values: vec![0],
        },
    ]
}

/// P33, P43, P52, P53
#[test]
fn every_field_of_a_container_arrives() {
    let pod = template(EVERYTHING);
    let mut requests = amounts(500, 1 << 30);
    requests.ephemeral_storage = Some(2 << 30);
    requests.set("nvidia.com/gpu", 1);
    let mut limits = amounts(1000, 1 << 30);
    limits.set("nvidia.com/gpu", 1);
    let env = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
    let main = Container {
        name: "main".to_owned(),
        image: "registry.io/train:v2".to_owned(),
        image_pull_policy: PullPolicy::Always,
        env: vec![
            env("MODE", Some("fast")),
            env("NODE", None),
            env("RATE", None),
            env("TOKEN", None),
        ],
        references: environment(),
        host_ports: Vec::new(),
        requests,
        limits,
        sidecar: false,
        restart: Some(ContainerRestart::Never),
        restart_rules: restart_rules(),
        startup_probe: Some(Probe {
            failure_threshold: 30,
            ..Probe::default()
        }),
        readiness_probe: Some(Probe {
            initial_delay_seconds: 5,
            period_seconds: 2,
            timeout_seconds: 3,
            success_threshold: 4,
            failure_threshold: 6,
            termination_grace_period_seconds: None,
        }),
        liveness_probe: Some(Probe {
            termination_grace_period_seconds: Some(9),
            ..Probe::default()
        }),
        pre_stop: Some(Hook::Sleep(5)),
        post_start: Some(Hook::Command),
        // Dropped: the gate is off in all releases (G20).
        stop_signal: None,
    };
    assert_eq!(pod.containers[0], main);
    let plain = Container {
        name: "plain".to_owned(),
        image: "plain".to_owned(),
        image_pull_policy: PullPolicy::Always,
        requests: amounts(2000, 3 << 30),
        limits: amounts(2000, 3 << 30),
        pre_stop: Some(Hook::Http),
        post_start: Some(Hook::Tcp),
        ..Container::default()
    };
    assert_eq!(pod.containers[1], plain);
    let init = pod.init_containers.iter();
    let init = init.map(|it| (it.name.as_str(), it.sidecar, it.restart));
    let want = [
        ("fetch", false, Some(ContainerRestart::OnFailure)),
        ("proxy", true, None),
    ];
    assert_eq!(init.collect::<Vec<_>>(), want);
}

/// P17, P68
#[test]
fn every_volume_arrives() {
    let (map, secret) = (ReferenceKind::ConfigMap, ReferenceKind::Secret);
    let dir = |size_limit, memory| VolumeSource::EmptyDir { size_limit, memory };
    let want = [
        ("scratch", dir(Some(5 << 30), false)),
        ("ram", dir(None, true)),
        ("nothing", dir(None, false)),
        (
            "settings",
            VolumeSource::Objects(vec![object(map, "settings", "", false)]),
        ),
        (
            "keys",
            VolumeSource::Objects(vec![
                object(secret, "keys", "tls.crt", true),
                object(secret, "keys", "tls.key", true),
            ]),
        ),
        (
            "all",
            VolumeSource::Objects(vec![
                object(map, "more", "", false),
                object(secret, "token", "value", false),
            ]),
        ),
        ("data", VolumeSource::Claim("data-0".to_owned())),
        ("host", VolumeSource::Other),
    ];
    let want = want.map(|(name, source)| Volume {
        name: name.to_owned(),
        source,
    });
    assert_eq!(template(EVERYTHING).volumes, want);
}

#[test]
fn a_pod_may_choose_its_node() {
    let pod = small("nodeName: node-1,", "");
    assert_eq!(pod.node_name.as_deref(), Some("node-1"));
}

#[test]
fn a_pod_that_says_nothing_has_the_defaults() {
    let pod = small("", "");
    let main = Container {
        name: "main".to_owned(),
        image: "a".to_owned(),
        image_pull_policy: PullPolicy::Always,
        ..Container::default()
    };
    let want = PodTemplate {
        containers: vec![main],
        ..PodTemplate::default()
    };
    assert_eq!(pod, want);
    // The names of the defaults mean the same, and the old name of a field what the new one means.
    let named = small("schedulerName: default-scheduler, serviceAccount: old,", "");
    assert_eq!(
        (named.scheduler_name, named.service_account.as_deref()),
        (None, Some("old"))
    );
}

/// P40
#[test]
fn the_pull_policy_follows_the_tag_unless_it_is_given() {
    let policy = |image: &str, given: &str| {
        let yaml = EVERYTHING.replace("image: plain", &format!("image: {image}\n        {given}"));
        template(&yaml).containers[1].image_pull_policy
    };
    assert_eq!(policy("a", ""), PullPolicy::Always);
    assert_eq!(policy("a:latest", ""), PullPolicy::Always);
    assert_eq!(policy("a:v1", ""), PullPolicy::IfNotPresent);
    assert_eq!(
        policy("a:v1", "imagePullPolicy: Always"),
        PullPolicy::Always
    );
    assert_eq!(policy("a", "imagePullPolicy: Never"), PullPolicy::Never);
    assert_eq!(
        policy("a", "imagePullPolicy: IfNotPresent"),
        PullPolicy::IfNotPresent
    );
}

#[test]
fn what_is_out_of_range_is_cut_to_the_nearest_that_means_something() {
    let pod = small(
        "terminationGracePeriodSeconds: -5, activeDeadlineSeconds: -1, tolerations: [{effect: \
         Sometimes}, {operator: Perhaps}, {operator: Exists, tolerationSeconds: -9}], volumes: \
         [{name: v, emptyDir: {sizeLimit: -1Gi}}], overhead: {cpu: -1},",
        "resources: {limits: {cpu: 1e99, memory: 0.5, a/x: -3}}, lifecycle: {preStop: {sleep: \
         {seconds: -1}}}, livenessProbe: {periodSeconds: -1, initialDelaySeconds: -1, \
         terminationGracePeriodSeconds: 99999999999}, restartPolicyRules: [{action: Wait}, \
         {action: Restart, exitCodes: {operator: Near}}]",
    );
    assert_eq!(pod.termination_grace_period_seconds, 1);
    assert_eq!(pod.active_deadline_seconds, Some(0));
    let bears = pod.tolerations.iter().map(|it| it.seconds);
    assert_eq!(bears.collect::<Vec<_>>(), [Some(0)]);
    let VolumeSource::EmptyDir { size_limit, .. } = pod.volumes[0].source else {
        panic!("{:?}", pod.volumes);
    };
    assert_eq!(size_limit, None);
    assert_eq!(pod.overhead.milli_cpu, Some(0));
    let main = &pod.containers[0];
    assert_eq!(main.limits.milli_cpu, Some(i64::MAX.unsigned_abs()));
    assert_eq!(
        (main.limits.memory, main.limits.get("a/x")),
        (Some(1), Some(0))
    );
    assert_eq!(main.pre_stop, Some(Hook::Sleep(0)));
    assert_eq!(main.restart_rules, []);
    let probe = main.liveness_probe.expect("it has one");
    assert_eq!((probe.period_seconds, probe.initial_delay_seconds), (1, 0));
    assert_eq!(probe.termination_grace_period_seconds, Some(u32::MAX));
}

#[test]
fn quantities_may_be_numbers() {
    let pod = small(
        "",
        "resources: {requests: {cpu: 2, memory: 1.5, a/x: null, b/x: 1e3}}",
    );
    let mut want = amounts(2000, 2);
    want.set("a/x", 0);
    want.set("b/x", 1000);
    assert_eq!(pod.containers[0].requests, want);
}

#[test]
fn a_null_is_read_wherever_a_value_is() {
    let documents = crate::manifest::read_value("everything.yaml", EVERYTHING.as_bytes());
    let value = documents.expect("it is YAML").value();
    let everything = serde_json::to_value(value).expect("it is JSON, too");
    let mut paths = Vec::new();
    places(&everything, "", &mut paths);
    assert!(paths.len() > 150, "{}", paths.len());
    let mut accepted = 0;
    for path in &paths {
        let mut with_null = everything.clone();
        let place = with_null.pointer_mut(path).expect("it was found there");
        *place = Value::Null;
        let options = Options {
            assume_job: true,
            ..Options::default()
        };
        match read("null.json", with_null.to_string().as_bytes(), &options) {
            Ok(documents) => accepted += usize::from(documents[0].job.is_some()),
            Err(errors) => {
                let fault = errors.iter().find(|it| it.stage == Stage::Decode);
                assert!(fault.is_none(), "{path}: {errors}");
            }
        }
    }
    assert!(accepted > paths.len() / 3, "{accepted} of {}", paths.len());
}

/// The places of all values inside this one.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
            map.iter()
                .map(|(key, value)| (escaped(key), value))
                .collect()
        }
        Value::Array(items) => {
            let numbered = items.iter().enumerate();
            numbered.map(|(i, value)| (i.to_string(), value)).collect()
        }
        _ => return,
    };
    for (step, value) in inner {
        let path = format!("{path}/{step}");
        places(value, &path, found);
        found.push(path);
    }
}

/// As the API server would make one: the same for all.
const UID: &str = "0d1e0b00-0000-4000-8000-00000000d1a1";

/// The labels of the template as it is stored: its own, and those that the API server adds.
fn generated() -> [(&'static str, &'static str); 6] {
    [
        ("app", "train"),
        ("batch.kubernetes.io/controller-uid", UID),
        ("batch.kubernetes.io/job-name", "everything"),
        ("controller-uid", UID),
        ("empty", ""),
        ("job-name", "everything"),
    ]
}

#[test]
fn pods_carry_the_name_of_their_job() {
    let job = Job::from_yaml(EVERYTHING).expect("it is accepted");
    let [one, other] = [1, 10].map(|number| job.pod_labels(JobId(number)));
    for (key, value) in generated() {
        if value == UID {
            assert_eq!(one[key], "0d1e0b00-0000-4000-8000-000000000001");
            assert_eq!(other[key], "0d1e0b00-0000-4000-8000-00000000000a");
        } else {
            assert_eq!([&one[key], &other[key]], [value, value]);
        }
    }
    assert_eq!(one.len(), generated().len());
}
