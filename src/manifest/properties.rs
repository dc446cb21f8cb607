//! Whatever comes in: an answer, never a panic; and plain data survives.

use proptest::prelude::*;
use serde_yaml::Value;

use super::*;

const TRAIN: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: train, labels: &labels {a: b}}
spec:
  completions: 5
  parallelism: 2
  completionMode: Indexed
  backoffLimitPerIndex: 1
  successPolicy: {rules: [{succeededIndexes: 0-2, succeededCount: 1}]}
  podFailurePolicy:
    rules:
    - {action: FailIndex, onExitCodes: {operator: NotIn, values: [1, 2]}}
  template:
    metadata: {labels: {<<: *labels, c: 'd'}}
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: \"train:1\"
        resources: {requests: {cpu: 500m}}
        args:
        - |-
          a
---
{\"apiVersion\": \"batch/v1\", \"kind\": \"CronJob\", \"spec\": {\"schedule\": \"@daily\"}}
";

/// Pieces that mean something to one of the stages.
const PIECES: [&str; 24] = [
    "\n",
    " ",
    "\t",
    "- ",
    ": ",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "&a ",
    "*a",
    "<<: *labels\n",
    "---\n",
    "...\n",
    "!!int ",
    "null",
    "-1",
    "\u{85}",
    "\u{feff}",
    "999999999999",
    "\\",
];

fn read_all(bytes: &[u8]) {
    match read("-", bytes, &Options::default()) {
        Ok(documents) => {
            for warning in documents.iter().flat_map(|one| &one.warnings) {
                assert!(!warning.to_string().is_empty());
            }
        }
        Err(errors) => {
            assert!(!errors.to_string().is_empty() && !errors.as_kubectl().is_empty());
            assert_ne!(errors.is_invalid(), errors.is_unreadable());
        }
    }
}

/// Plain data: what JSON can say, with texts that look like other things.
fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(|x: f64| Value::from(x + 0.5)),
        "\\PC{0,12}".prop_map(Value::from),
        prop_oneof!["yes", "010", "1_000", "~", "2024-01-01", "0x1F"].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let map = prop::collection::btree_map("\\PC{0,8}", inner.clone(), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            map.prop_map(|map| {
                let pairs = map
                    .into_iter()
                    .map(|(key, value)| (Value::from(key), value));
                Value::Mapping(pairs.collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_gets_an_answer(text in "[-{}\\[\\]:,&*!|>'\"#%@`a0 \n\t]{0,80}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn any_damaged_manifest_gets_an_answer(
        damage in prop::collection::vec((0..TRAIN.len(), 0..8_usize, 0..PIECES.len()), 1..6),
    ) {
        let mut bytes = TRAIN.as_bytes().to_vec();
        for (at, cut, piece) in damage {
            let at = at.min(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, PIECES[piece].bytes());
        }
        read_all(&bytes);
    }

    #[test]
    fn plain_data_survives(data in data()) {
        let json = serde_json::json!({ "data": data }).to_string();
        let read = read_value("-", json.as_bytes()).unwrap();
        prop_assert_eq!(&read.value()["data"], &data);
    }
}

#[test]
fn the_manifest_that_gets_damaged_is_fine_itself() {
    let job = TRAIN.split("---").next().unwrap();
    assert!(
        Job::from_yaml(job).is_ok(),
        "{}",
        Job::from_yaml(job).unwrap_err()
    );
}
