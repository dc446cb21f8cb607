//! What a scenario file cannot mean is refused, with its place and a sentence.

use super::{flaws, job, read};

const CLUSTER: &[(&str, &str)] = &[
    (
        "nodes: [{name: any}]",
        "1:10 nodes[0].name: \"any\" has a meaning where nodes are named",
    ),
    (
        "nodes: [{name: x}, {name: x}]",
        "1:1 nodes: there are two nodes \"x\"",
    ),
    (
        "nodes: [{name: x, zone: a, zones: [b]}]",
        "1:28 nodes[0].zones: the zone is told twice",
    ),
    (
        "nodes: [{name: x, count: 60000}, {name: z, count: 60000}]",
        "1:34 nodes[1]: these are more than 100000 nodes",
    ),
    (
        "nodes: [{name: x, resources: {cpu: 1}}]",
        "1:19 nodes[0].resources: the amount of cpu belongs into the field cpu",
    ),
    (
        "nodes: [{name: x, cpu: 8 cores}]",
        "1:19 nodes[0].cpu: an amount is expected here, such as 8, 500m or 32Gi, not \"8 \
         cores\"",
    ),
    (
        "background: [{name: x, requests: {cpu: 1}}]",
        "1:14 background[0]: this says what pods are like, but not how many there are",
    ),
    (
        "background: [{name: x, count: 3, rate: 1, requests: {cpu: 1}}]",
        "1:14 background[0]: this says in several ways how many pods there are: count, rate",
    ),
    (
        "background: [{name: x, trace: no.csv}]",
        "1:24 background[0].trace: \"no.csv\" cannot be opened from here",
    ),
    (
        "background: [{name: x, count: 1}, {name: x, rate: 1}]",
        "1:36 background[1].name: \"x\" is there already: draws belong to names",
    ),
    (
        "background: [{name: x, count: 1, priority: 1, priorityClass: a, requests: {cpu: 1}}]",
        "1:47 background[0].priorityClass: the priority is told twice",
    ),
    (
        "budgets: [{name: x, minAvailable: 1, maxUnavailable: 1}]",
        "1:38 budgets[0].maxUnavailable: minAvailable and maxUnavailable cannot both be set",
    ),
    (
        "budgets: [{name: x, selector: {matchExpressions: [{key: k, operator: In}]}}]",
        "1:51 budgets[0].selector.matchExpressions[0].values: In needs some",
    ),
    (
        "budgets: [{name: x}, {name: x}]",
        "1:23 budgets[1].name: there are two budgets \"x\"",
    ),
];

const OUTSIDE: &[(&str, &str)] = &[
    (
        "actions: [{at: 1, shutdown: {node: any, total: 1s, critical: 2s}}]",
        "1:52 actions[0].shutdown.critical: 2s is more than the total, 1s",
    ),
    (
        "actions: [{at: 1, drain: {label: {a: b, c: d}}}]",
        "1:27 actions[0].drain.label: exactly one label is expected here",
    ),
    (
        "faults: [{from: 0, to: 1, limitRange: {min: {cpu: 2}, max: {cpu: 1}}}]",
        "1:55 faults[0].limitRange.max: the most of cpu is less than the least",
    ),
    (
        "recurring: [{times: [1], first: 1, evict: 0}]",
        "1:26 recurring[0].first: this is for `every` alone",
    ),
    (
        "recurring: [{eachNode: 1h, drain: busy}]",
        "1:28 recurring[0].drain: this happens to each node by itself, so the node has to be \
         `any`",
    ),
    (
        "recurring: [{eachNode: 1h, evict: 0}]",
        "1:28 recurring[0].evict: this is not done to a node",
    ),
    (
        "recurring: [{name: x, every: 1h, evict: 0}, {name: x, every: 1h, evict: 0}]",
        "1:46 recurring[1].name: \"x\" is there already: draws belong to names",
    ),
];

const WORK: &[(&str, &str)] = &[
    (
        "workload: {fail: [60%, 60%]}",
        "1:12 workload.fail: these probabilities are more than 100% together",
    ),
    (
        "workload: {fail: 2%, exit: 3}",
        "1:22 workload.exit: this is how every run ends, so none is left for `fail`",
    ),
    (
        "workload: {fail: {chance: 2%, at: 0.5%}}",
        "1:31 workload.fail.at: whole per cent are expected here, such as 50%",
    ),
    (
        "workload: {fail: {chance: 2%, at: 50%, after: 1s}}",
        "1:40 workload.fail.after: the time is told twice, as `at` and as `after`",
    ),
    (
        "workload: {run: never, drawn: piece}",
        "1:24 workload.drawn: a run that does not end is not drawn",
    ),
    (
        "workload: {run: never, checkpoints: 1m}",
        "1:24 workload.checkpoints: a run that does not end is at no piece of work",
    ),
    (
        "workload: {checkpoints: 0s}",
        "1:12 workload.checkpoints: this time has to be longer than 0s",
    ),
    (
        "workload: {checkpoints: {every: 0s}}",
        "1:26 workload.checkpoints.every: this time has to be longer than 0s",
    ),
    (
        "workload: {run: 5s, queue: {items: 1, service: 1s}}",
        "1:12 workload.run: who works on a queue has no use for this",
    ),
    (
        "workload: {failFirst: 1, queue: {items: 1, service: 1s}}",
        "1:12 workload.failFirst: who works on a queue has no use for this",
    ),
    (
        "workload: {queue: {items: 1, service: 1s, lost: true, givenBack: 1s}}",
        "1:43 workload.queue.lost: an item is either lost or given back",
    ),
    (
        "workload: {queue: {items: 1, service: 1s, asks: 0s}}",
        "1:43 workload.queue.asks: this time has to be longer than 0s",
    ),
    (
        "workload: {memory: {start: 1, grows: 1, per: 0s}}",
        "1:41 workload.memory.per: this time has to be longer than 0s",
    ),
    (
        "workload: {memory: {start: 1, grows: 1, per: 1s, exit: 0}}",
        "1:50 workload.memory.exit: this is for `kills: child` alone",
    ),
    (
        "{pods: [{}], workload: {run: 1s}}",
        "1:14 workload: pods that follow scripts have no use for this",
    ),
    (
        "{pods: [{}], pace: ideal}",
        "1:14 pace: pods that follow scripts have no use for this",
    ),
    (
        "preset: spot",
        "1:1 preset: one of ideal, dev, cold-pull, spot-aws, spot-azure, spot-gcp, \
         gpu-llama3, drain-day, flaky-app, single-node is expected here, not \"spot\"",
    ),
];

#[test]
fn what_contradicts_itself_is_refused() {
    for (yaml, want) in [CLUSTER, OUTSIDE, WORK].concat() {
        assert_eq!(flaws(yaml), [want], "{yaml}");
    }
}

#[test]
fn words_of_the_wrong_kind_are_refused_all_at_once() {
    let yaml = "\
pool: {name: p, max: -1, delay: soon}
priorityClasses: {high: 2000000000}
pace: {like: fast, mount: -1s}
actions:
- {at: 1s, nodeDown: {node: x, how: fire}}
- {at: 1s, drain: {}}
- {at: 1s, taint: {node: x, key: k, effect: NoRun}}
faults: [{from: 0, to: 1}, {from: 0, to: 1, verb: get, image: i}]
recurring: [{evict: 0}, {every: exp(-1s), times: [1], evict: 0}]
workload: {runs: 1s, fail: often, index: 5-1}
";
    let want = [
        "1:17 pool.max: a whole number from 0 to 4294967295 is expected here, not -1",
        "1:26 pool.delay: unknown distribution \"soon\": there are constant, empirical, \
         exponential, gamma, lognormal, pareto, uniform, weibull",
        "2:19 priorityClasses[high]: a whole number from -2147483648 to 1000000000 is expected \
         here, not 2000000000",
        "3:8 pace.like: one of ideal, quiet, realistic is expected here, not \"fast\"",
        "3:20 pace.mount: \"-1s\" is no duration: write it with units, as in 1h30m, 12.5s or \
         250ms",
        "5:32 actions[0].nodeDown.how: one of powerLoss, cut is expected here, not \"fire\"",
        "6:12 actions[1].drain: this does not say which nodes",
        "7:37 actions[2].taint.effect: one of NoSchedule, PreferNoSchedule, NoExecute is expected \
         here, not \"NoRun\"",
        "8:10 faults[0]: this fault says when, but not what",
        "8:28 faults[1].resource: this field is missing",
        "8:28 faults[1].code: this field is missing",
        "8:28 faults[1]: one fault is about several things: verb, image",
        "9:13 recurring[0]: this says what, but not when",
        "9:25 recurring[1]: this says in several ways when it happens: every, times",
        "9:26 recurring[1].every: \"-1s\" is no duration: write it with units, as in 1h30m, 12.5s \
         or 250ms",
        "10:12 workload.runs: unknown field",
        "10:22 workload.fail: \"often\" is no probability: write it as 2%, 0.02 or 1/50",
        "10:35 workload.index: numbers and ranges are expected here, such as \"0-9,12\", not \
         \"5-1\"",
    ];
    assert_eq!(flaws(yaml), want);
}

/// What cannot come true with a Job of three indexes whose only container is `main`.
fn against(yaml: &str) -> Vec<String> {
    let all = read(yaml).unwrap().check_against(&job("Indexed", 3));
    all.into_iter().map(|one| one.message).collect()
}

#[test]
fn nodes_that_are_not_there_are_told() {
    let nodes = "nodes: [{name: web, count: 2, zones: [a]}]\n";
    let pool = "pool: {name: spot, max: 3, labels: {rack: r1}}\n";
    let action = |deed: &str| format!("actions: [{{at: 1, {deed}}}]");
    let none = |name: &str| {
        format!(
            "there is no node \"{name}\": without `nodes`, nodes are called node-1, node-2 and so \
             on"
        )
    };
    for (start, deed, want) in [
        ("", "drain: node-7", None),
        (
            "",
            "drain: web-1",
            Some(format!("actions[0].drain: {}", none("web-1"))),
        ),
        (
            "",
            "drain: node-0",
            Some(format!("actions[0].drain: {}", none("node-0"))),
        ),
        ("", "drain: any", None),
        (nodes, "drain: web-2", None),
        (
            nodes,
            "drain: web-3",
            Some("actions[0].drain: there is no node \"web-3\"".to_owned()),
        ),
        (nodes, "drain: {zone: a}", None),
        (
            nodes,
            "drain: {zone: b}",
            Some(
                "actions[0].drain: no node has the label topology.kubernetes.io/zone=b".to_owned(),
            ),
        ),
        (
            nodes,
            "bind: {pod: '0.0', node: web-9}",
            Some("actions[0].bind.node: there is no node \"web-9\"".to_owned()),
        ),
        (pool, "drain: spot-3", None),
        (pool, "drain: {label: {rack: r1}}", None),
        (
            pool,
            "drain: spot-4",
            Some("actions[0].drain: there is no node \"spot-4\"".to_owned()),
        ),
    ] {
        let told = against(&format!("{start}{}", action(deed)));
        assert_eq!(told, want.into_iter().collect::<Vec<_>>(), "{start}{deed}");
    }
    let joins = "actions: [{at: 1, addNode: {name: late}}, {at: 2, drain: late}]";
    assert_eq!(against(joins), [""; 0]);
    let errors = read(&format!("{nodes}{}", action("drain: wbe-1"))).unwrap();
    let help = errors.check_against(&job("Indexed", 3))[0].help.clone();
    assert_eq!(help.as_deref(), Some("did you mean `web-1`?"));
}

#[test]
fn what_the_job_does_not_have_is_told() {
    let only = "the Job has no container \"man\", only \"main\", \"setup\"";
    for (yaml, want) in [
        (
            "workload: {container: man}",
            format!("workload.container: {only}"),
        ),
        (
            "workload: {container: [main, man]}",
            format!("workload.container[1]: {only}"),
        ),
        (
            "workload: {index: 0-3}",
            "workload.index: there is no index 3: the Job's are 0 to 2".to_owned(),
        ),
        (
            "workload: {badInputs: {index: 7}}",
            "workload.badInputs.index: there is no index 7: the Job's are 0 to 2".to_owned(),
        ),
        (
            "workload: {attempt: 1-3}",
            "workload.attempt: containers of this Job are not restarted: its restartPolicy is \
             Never"
                .to_owned(),
        ),
        (
            "actions: [{at: 1, crash: {pod: '0.0', container: man}}]",
            format!("actions[0].crash.container: {only}"),
        ),
        (
            "recurring: [{every: 1h, evict: '5.0'}]",
            "recurring[0].evict: there is no index 5: the Job's are 0 to 2".to_owned(),
        ),
        (
            "faults: [{from: 0, to: 1, image: j}]",
            "faults[0].image: the Job has no image \"j\", only \"i\"".to_owned(),
        ),
        (
            "faults: [{from: 0, to: 1, reference: config}]",
            "faults[0].reference: the Job has no ConfigMap or Secret \"config\", and no other"
                .to_owned(),
        ),
    ] {
        assert_eq!(against(yaml), [want], "{yaml}");
    }
}

#[test]
fn what_is_hardly_meant_is_warned_about() {
    for (yaml, want) in [
        (
            "budgets: [{name: x, maxUnavailable: 1}]",
            "budgets[0].maxUnavailable: of the pods of a Job this cannot be computed, so none of \
             them may be evicted",
        ),
        (
            "budgets: [{name: x, minAvailable: 50%}]",
            "budgets[0].minAvailable: of the pods of a Job this cannot be computed, so none of \
             them may be evicted",
        ),
        (
            "faults: [{from: 0, to: 1, quota: {}}]",
            "faults[0].quota: a quota without an amount forbids nothing",
        ),
        (
            "{until: 1m, faults: [{from: 2m, to: 3m, volumes: true}]}",
            "faults[0].from: this does not happen: the run is watched for 1m0s",
        ),
        (
            "{until: 1m, recurring: [{every: 1s, first: 2m, evict: 0}]}",
            "recurring[0].first: this does not happen: the run is watched for 1m0s",
        ),
        (
            "{until: 1m, recurring: [{times: [2m], evict: 0}]}",
            "recurring[0].times: this does not happen: the run is watched for 1m0s",
        ),
    ] {
        let file = read(yaml).unwrap();
        let told: Vec<_> = file
            .warnings()
            .iter()
            .map(|one| one.message.as_str())
            .collect();
        assert_eq!(told, [want], "{yaml}");
    }
}
