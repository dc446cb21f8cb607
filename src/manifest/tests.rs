//! Manifests from end to end.

use serde::Deserialize;

use super::*;
use crate::model::{FailureAction, FailureMatch, RestartPolicy};

fn errors(yaml: &str) -> Errors {
    read("train.yaml", yaml.as_bytes(), &Options::default()).expect_err("it is refused")
}

/// Place and field of each problem.
fn places(yaml: &str) -> Vec<String> {
    let place = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.field);
    errors(yaml).iter().map(place).collect()
}

const TRAIN: &str = "\
apiVersion: batch/v1
kind: Job
metadata:
  name: train
spec:
  completions: 5
  completionMode: Indexed
  podFailurePolicy:
    rules:
    - action: FailJob
      onExitCodes: {operator: In, values: [42]}
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget}]
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: train
        env:
        - {name: MODE, value: fast}
";

#[test]
fn a_manifest_becomes_a_job_with_its_defaults() {
    let job = Job::from_yaml(TRAIN).expect("it is accepted");
    assert_eq!(
        (job.name.as_str(), job.namespace.as_str()),
        ("train", "default")
    );
    let spec = job.spec;
    assert_eq!((spec.parallelism, spec.completions), (1, Some(5)));
    assert_eq!((spec.backoff_limit, spec.suspend), (6, false));
    assert!(spec.is_indexed() && spec.replaces_only_failed());
    assert_eq!(spec.template.restart_policy, RestartPolicy::Never);
    assert_eq!(spec.template.termination_grace_period_seconds, 30);
    let env = &spec.template.containers[0].env;
    assert_eq!(env[0], ("MODE".to_owned(), Some("fast".to_owned())));
    let rules = spec.pod_failure_policy.expect("it has rules");
    assert_eq!(rules[0].action, FailureAction::FailJob);
    let disrupted = ("DisruptionTarget".to_owned(), "True".to_owned());
    assert_eq!(rules[1].on, FailureMatch::PodConditions(vec![disrupted]));
}

#[test]
fn json_and_the_templates_of_cron_jobs_are_read_too() {
    let json = r#"{"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"},
        "spec": {"schedule": "@daily", "jobTemplate": {"spec": {"parallelism": 2, "template":
        {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "a", "image": "b"}]}}}}}}"#;
    let job = Job::from_yaml(json).expect("it is accepted");
    assert_eq!((job.name.as_str(), job.spec.completions), ("nightly", None));
}

#[test]
fn all_problems_of_all_documents_are_told_at_once() {
    let yaml = TRAIN.replace("completions: 5", "completionz: 5\n  parallelism: many");
    let both = format!("{yaml}---\n{}", TRAIN.replace("Indexed", "Sometimes"));
    let want = [
        "7:16 spec.parallelism",
        "6:3 spec.completionz",
        "30:3 spec.completionMode",
    ];
    assert_eq!(places(&both), want);
}

#[test]
fn an_error_reads_like_this() {
    let want = "
error: The Job \"train\" is invalid: spec.template.spec.restartPolicy: Required value: \
valid values: \"OnFailure\", \"Never\"
   --> train.yaml:15:5
    |
 15 |     spec:
    |     ^ restartPolicy is missing here; pods default to Always, which Jobs do not allow
    = help: add `restartPolicy: Never` (a failed pod is replaced) or `OnFailure` \
(its containers are restarted)";
    let yaml = TRAIN.replace("      restartPolicy: Never\n", "");
    assert_eq!(format!("\n{}", errors(&yaml)), want);
    let given = errors(&TRAIN.replace("restartPolicy: Never", "restartPolicy: Always"));
    let first = given.iter().next().expect("an error");
    assert_eq!(first.note, "Jobs do not allow Always");
    assert!(
        first
            .help
            .as_ref()
            .is_some_and(|it| it.starts_with("write `Never`"))
    );
}

#[test]
fn unknown_fields_are_found_anywhere_and_explained() {
    let yaml = TRAIN.replace(
        "image: train",
        "imagee: train\n        volumeMounts: [{nam: x}]",
    );
    let found = errors(&yaml);
    let told = found
        .iter()
        .map(|one| (one.message.as_str(), one.help.as_deref()));
    let head = "Job in version \"v1\" cannot be handled as a Job: strict decoding error:";
    let fields = [("imagee", "image"), ("volumeMounts[0].nam", "name")];
    let want = fields.map(|(field, meant)| {
        let message = format!("{head} unknown field \"spec.template.spec.containers[0].{field}\"");
        (message, format!("did you mean `{meant}`?"))
    });
    assert!(
        told.eq(want.iter().map(|(a, b)| (a.as_str(), Some(b.as_str())))),
        "{found}"
    );
    assert!(found.is_unreadable() && !found.is_invalid());
    let misplaced = errors(&TRAIN.replace(
        "      restartPolicy",
        "      backoffLimit: 3\n      restartPolicy",
    ));
    let help = misplaced.iter().next().and_then(|one| one.help.clone());
    assert_eq!(help.as_deref(), Some("`backoffLimit` is a field of spec"));
}

#[test]
fn repeated_keys_are_a_warning_in_yaml_and_an_error_in_json() {
    let yaml = TRAIN.replace("completions: 5", "completions: 4\n  completions: 5");
    let read = read("train.yaml", yaml.as_bytes(), &Options::default()).expect("it is accepted");
    let warning = &read[0].warnings[0];
    let want =
        "line 7: key \"completions\" already set in map at line 6; Kubernetes takes the last";
    assert_eq!(
        (warning.message.as_str(), warning.severity),
        (want, Severity::Warning)
    );
    let json = r#"{"apiVersion":"batch/v1","kind":"Job","spec":{"suspend":true,"suspend":true}}"#;
    assert_eq!(places(json), ["1:62 spec.suspend"]);
    // Decoders look at both values, and mind what is unknown once.
    let both = r#"{"apiVersion":"batch/v1","kind":"Job","spec":{"x":1,"suspend":true},
        "spec":{"suspend":true,"y":1,"suspend":true,"y":2,"suspend":true,"x":0}}"#;
    let want = [
        "1:47 spec.x",
        "2:9 spec",
        "2:32 spec.y",
        "2:38 spec.suspend",
    ];
    assert_eq!(places(both), want);
}

#[test]
fn words_that_are_not_supported_are_nearly_right() {
    let errors = errors(&TRAIN.replace("Indexed", "indexed"));
    let error = errors.iter().next().expect("there is one");
    let want = "The Job \"train\" is invalid: spec.completionMode: Unsupported value: \
                \"indexed\": supported values: \"NonIndexed\", \"Indexed\"";
    assert_eq!(error.message, want);
    assert_eq!(error.help.as_deref(), Some("did you mean `Indexed`?"));
    assert_eq!(error.reason, "FieldValueNotSupported");
    assert!(errors.is_invalid());
}

#[test]
fn a_container_that_hides_its_index_is_warned_about() {
    let yaml = TRAIN.replace("name: MODE", "name: JOB_COMPLETION_INDEX");
    let read_all = |yaml: &str| read("-", yaml.as_bytes(), &Options::default());
    let read = read_all(&yaml).expect("it is accepted");
    let warning = &read[0].warnings[0];
    assert_eq!(
        (warning.rule, warning.line, warning.column),
        ("J47", 21, 11)
    );
    assert!(
        warning
            .to_string()
            .starts_with("warning[J47]: spec.template.spec.containers[0].env[0]")
    );
    let parallel = yaml.replace("completionMode: Indexed", "completionMode: NonIndexed");
    assert!(
        read_all(&parallel).expect("it is accepted")[0]
            .warnings
            .is_empty()
    );
}

#[test]
fn other_kinds_are_passed_over_by_name() {
    let yaml = format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\n---\n{TRAIN}");
    let all = read("-", yaml.as_bytes(), &Options::default()).expect("it is accepted");
    assert_eq!(
        (&all[0].kind, all[0].name.as_str()),
        (&Kind::Other("Service".to_owned()), "web")
    );
    assert_eq!((&all[1].kind, all[1].line), (&Kind::Job, 5));
    assert!(Job::from_yaml("kind: Service\napiVersion: v1").is_err());
    assert!(Job::from_yaml(&format!("{TRAIN}---\n{TRAIN}")).is_err());
    assert_eq!(places("metadata: {name: a}"), ["1:1 "]);
}

#[test]
fn hostile_files_get_an_error_soon() {
    let bomb = (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
        let aliases = vec![format!("*a{}", n - 1); 9].join(",");
        format!("{text}a{n}: &a{n} [{aliases}]\n")
    });
    let nested = "- ".repeat(100_000);
    let texts = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), "*a,".repeat(1000));
    let aliased = format!("a: &a {}b: {}*a", "[".repeat(100), "[".repeat(100));
    let large = "x".repeat(10 << 20);
    let twice = (0..200_000).map(|n| format!("\"{n}\":0,\"{n}\":0"));
    let twice = twice.collect::<Vec<_>>().join(",");
    let labels = format!(r#""metadata":{{"labels":{{{twice}}}}}"#);
    let specs = vec![r#""spec":{"x":1}"#; 200_000].join(",");
    let job = r#""apiVersion":"batch/v1","kind":"Job""#;
    let cases: [(&str, Vec<u8>); 14] = [
        ("invalid UTF-8", [large.as_bytes(), &[0xff]].concat()),
        ("open quote", format!("a: \"{large}").into_bytes()),
        ("repeated keys", format!("{{{job},{labels}}}").into_bytes()),
        ("repeated specs", format!("{{{job},{specs}}}").into_bytes()),
        ("brackets", vec![b'['; 100 << 20]),
        ("fewer brackets", vec![b'['; 1 << 20]),
        ("objects", "{\"a\":".repeat(1 << 20).into_bytes()),
        ("dashes", nested.into_bytes()),
        ("alias bomb", bomb.into_bytes()),
        ("copied texts", texts.into_bytes()),
        ("deep aliases", aliased.into_bytes()),
        ("many documents", "a\n---\n".repeat(2 << 20).into_bytes()),
        ("binary", vec![0, 159, 146, 150]),
        (
            "many values",
            b"[".iter().chain(&b"0,".repeat(2 << 20)).copied().collect(),
        ),
    ];
    for (name, bytes) in cases {
        let errors = read(name, &bytes, &Options::default()).expect_err(name);
        assert!(errors.is_unreadable(), "{name}");
        assert!(errors.to_string().len() < 200_000, "{name}");
        assert!(errors.iter().count() <= 100, "{name}");
    }
}

#[test]
fn what_aliases_copy_is_counted_before_it_is_copied() {
    let list = (0..99_999).map(|_| "- *a\n").collect::<String>();
    let fine = format!("a: &a x\nb:\n{}", &list[..5 * 99_999]);
    assert!(read_value("-", fine.as_bytes()).is_ok());
    let errors = read_value("-", format!("{fine}- *a\n").as_bytes()).unwrap_err();
    let error = errors.iter().next().expect("there is one");
    assert!(
        error
            .message
            .ends_with("yaml: document contains excessive aliasing")
    );
    assert_eq!((error.line, error.column), (100_002, 3));
    assert!(error.help.is_some());
}

#[test]
fn no_more_problems_are_told_than_anybody_reads() {
    let more = "      - {name: main, image: train}\n".repeat(5000);
    let yaml = format!("{TRAIN}{more}");
    let errors = errors(&yaml);
    assert!(errors.is_invalid());
    assert_eq!(errors.iter().count(), 100);
}

#[test]
fn a_large_scalar_is_just_text() {
    let text = format!("a: {}", "x".repeat(10 << 20));
    let value = read_value("-", text.as_bytes()).expect("it is fine");
    assert_eq!(value.value()["a"].as_str().map(str::len), Some(10 << 20));
}

#[test]
fn what_does_not_fit_into_a_request_is_refused_before_it_is_looked_at() {
    let long = "x".repeat((3 << 20) + 1);
    let errors = errors(&TRAIN.replace("image: train", &format!("image: {long}")));
    let told: Vec<_> = errors.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(told, ["Request entity too large: limit is 3145728"]);
    assert!(!errors.is_unreadable());
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Limit {
    max: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Plan {
    seed: u64,
    limits: Option<Vec<Limit>>,
}

fn plan(yaml: &str) -> Result<Plan, String> {
    let located = read_value("plan.yaml", yaml.as_bytes()).map_err(|e| e.to_string())?;
    let told = |one: &Diagnostic| format!("{}:{} {}", one.line, one.column, one.message);
    decode(&located).map_err(|errors| errors.iter().map(told).collect::<Vec<_>>().join("; "))
}

#[test]
fn files_of_our_own_are_decoded_with_places() {
    let limits = Some(vec![Limit { max: 3 }]);
    assert_eq!(
        plan("seed: 7\nlimits: [{max: 3}]"),
        Ok(Plan { seed: 7, limits })
    );
    assert_eq!(
        plan("seed: 7\nlimit: 3").unwrap_err(),
        "2:1 limit: unknown field"
    );
    let misfit = plan("seed: 7\nlimits:\n- max: many").unwrap_err();
    assert!(
        misfit.starts_with("3:3 limits[0].max: invalid type: string \"many\""),
        "{misfit}"
    );
    let unknown = plan("seed: 7\nlimits:\n- mx: 1").unwrap_err();
    assert!(unknown.starts_with("3:3 limits[0]"), "{unknown}");
    assert!(plan("a: 1\n---\nb: 1").is_err() && plan("").is_err());
}
