//! `dryjob check`: verdicts, exit codes and forms of output.

use super::{Folder, check, dryjob};
use serde_json::Value;

const GOOD: &str = "\
apiVersion: batch/v1
kind: Job
metadata: {name: good}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: main, image: a}]}
";

const BAD: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: bad}
spec:
  schedule: '0 0 * * 7'
  jobTemplate:
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: main, image: a}]}
";

#[test]
fn the_worst_verdict_is_the_exit_code() {
    let folder = Folder::new("check-codes");
    let good = folder.file("good.yaml", GOOD.as_bytes());
    let bad = folder.file("bad.yaml", BAD.as_bytes());
    let typo = folder.file("typo.yaml", GOOD.replace("image", "imagee").as_bytes());
    assert_eq!(check(&format!("check -f {good}"), 0, "").err, "");
    let sentence = "The CronJob \"bad\" is invalid: spec.schedule: Invalid value: \"0 0 * * 7\": \
                    end of range (7) above maximum (6): 7";
    let said = check(&format!("check -f {good} -f {bad}"), 1, sentence);
    assert!(said.err.contains("bad.yaml:5:3"), "{}", said.err);
    assert!(said.out.contains("cronjob.batch/bad"), "{}", said.out);
    assert!(said.out.contains("refused (1 error)"), "{}", said.out);
    check(&format!("check -f {bad} -f {typo}"), 3, "unknown field");
    check(
        &format!("check -f {typo} --validate ignore"),
        1,
        "image: Required value",
    );
    check(
        &format!("check -f {typo} --validate warn"),
        1,
        "image: Required value",
    );
    check(
        &format!("check -f {good} --kubernetes 1.12"),
        2,
        "1.29 to 1.37",
    );
}

#[test]
fn objects_are_shown_as_they_would_be_stored() {
    let folder = Folder::new("check-objects");
    let good = folder.file("good.yaml", GOOD.as_bytes());
    let said = check(&format!("check -f {good} -o yaml"), 0, "");
    let object: Value = serde_yaml::from_str(&said.out).expect("it is YAML");
    assert_eq!(object["spec"]["backoffLimit"], 6);
    let selector = &object["spec"]["selector"]["matchLabels"];
    assert_eq!(selector["batch.kubernetes.io/controller-uid"], "<uid>");
    // What is stored can be an update of itself, and of nothing else.
    let stored = said
        .out
        .replace("<uid>", "3c0ffee0-0000-4000-8000-000000000001");
    let stored = stored.replacen("metadata:\n", "metadata:\n  resourceVersion: \"7\"\n", 1);
    let old = folder.file("old.yaml", stored.as_bytes());
    check(&format!("check -f {old} --update-from {old}"), 0, "");
    let changed = stored.replace("image: a", "image: b");
    let new = folder.file("new.yaml", changed.as_bytes());
    let sentence = "spec.template: Invalid value";
    check(&format!("check -f {new} --update-from {old}"), 1, sentence);
}

#[test]
fn every_form_tells_of_the_same_problem() {
    let folder = Folder::new("check-forms");
    let bad = folder.file("bad.yaml", BAD.as_bytes());
    let form = |form: &str| {
        let said = dryjob(&["check", "-f", &bad, "-o", form]);
        assert_eq!(said.code, Some(1), "{form}: {}", said.err);
        said.out
    };
    let json: Value = serde_json::from_str(&form("json")).expect("it is JSON");
    assert_eq!(json["items"][0]["verdict"], "refused");
    assert_eq!(json["items"][0]["errors"][0]["field"], "spec.schedule");
    let sarif: Value = serde_json::from_str(&form("sarif")).expect("it is JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "FieldValueInvalid");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"]),
        (&5.into(), &3.into())
    );
    let github = form("github");
    assert!(github.starts_with("::error file="), "{github}");
    assert!(
        github.contains(",line=5,col=3,title=FieldValueInvalid::The CronJob"),
        "{github}"
    );
    let junit = form("junit");
    assert!(
        junit.contains("<testcase name=\"cronjob.batch/bad\""),
        "{junit}"
    );
    assert!(
        junit.contains("<failure message=\"The CronJob &quot;bad&quot; is invalid"),
        "{junit}"
    );
    assert_eq!(form("yaml"), "");
}
