//! `dryjob forecast` and what is made from forecasts: merge, compare, sweep, solve.

use super::super::golden::golden;
use super::{Folder, check, dryjob, dryjob_reading};

/// What most of these play: train.yaml needs two successes and survives one failure.
const FLAKY: &str = "-f train.yaml --run uniform(1m,3m) --fail 40% --trials 300 --seed 1";

#[test]
fn a_forecast_reads_as_it_was_reviewed() {
    let said = check(&format!("forecast {FLAKY}"), 0, "");
    assert_eq!(said.err, "");
    golden("forecast/table.txt", &said.out);
    let wide = check(
        &format!("forecast {FLAKY} -o wide --price-core-hour 0.04"),
        0,
        "",
    );
    golden("forecast/wide.txt", &wide.out);
    let html = check(&format!("forecast {FLAKY} -o html"), 0, "").out;
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
    assert!(html.contains("<svg") && !html.contains("<script"), "{html}");
}

#[test]
fn threads_change_nothing() {
    let one = check(&format!("forecast {FLAKY} -o json --threads 1"), 0, "").out;
    for threads in [2, 7] {
        let more = check(
            &format!("forecast {FLAKY} -o json --threads {threads}"),
            0,
            "",
        )
        .out;
        assert!(one == more, "{threads} threads");
    }
}

#[test]
fn assertions_decide_the_exit_code() {
    let holds = ["forecast", "-f", "train.yaml", "--trials", "50", "--assert"];
    let said = dryjob(
        &[
            &holds[..],
            &["p95(duration) <= 2h", "--assert", "max(pods) <= 2"],
        ]
        .concat(),
    );
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.err.contains("note: max(pods) <= 2 holds: it is 2"),
        "{}",
        said.err
    );
    let said = dryjob(&[&holds[..], &["p(complete within 2m) >= 0.99"]].concat());
    assert_eq!(said.code, Some(1));
    let why = "error: p(complete within 2m) >= 0.99 does not hold: it is 0%";
    assert!(said.err.contains(why), "{}", said.err);
    assert!(said.out.contains("complete within 2m6s") || said.out.contains("complete within 2m"));
    let said = dryjob(&[&holds[..], &["p(complete) > 99%", "-o", "json"]].concat());
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.contains("\"text\": \"p(complete) > 0.99\""),
        "{}",
        said.out
    );
    for (sentence, why) in [
        ("p(complete)", "compares nothing"),
        ("p95(speed) <= 2h", "nothing is known of \"speed\""),
        ("mean(cost) <= 2", "nothing has a price"),
    ] {
        let said = dryjob(&[&holds[..], &[sentence]].concat());
        assert_eq!(said.code, Some(2), "{sentence}");
        assert!(said.err.contains(why), "{}", said.err);
    }
}

#[test]
fn merged_shares_are_the_whole_to_the_byte() {
    let folder = Folder::new("shards");
    let flags = format!("forecast {FLAKY} -o json");
    let whole = check(&flags, 0, "").out;
    let mut files = Vec::new();
    let mut stream = String::new();
    for shard in 0..3 {
        let share = check(&format!("{flags} --shard {shard}/3"), 0, "").out;
        stream.push_str(&share);
        files.push(folder.file(&format!("s{shard}.json"), share.as_bytes()));
    }
    let merged = check(&format!("merge {} -o json", files.join(" ")), 0, "").out;
    assert!(merged == whole);
    let merged = dryjob_reading(&["merge", "-", "-o", "json"], stream.as_bytes());
    assert!(merged.out == whole, "{}", merged.err);
    let part = check(&format!("merge {}", files[1]), 0, "").out;
    assert!(
        part.starts_with("train: 100 of 300 trials, seed 1\n"),
        "{part}"
    );
    check(
        &format!("merge {0} {0}", files[0]),
        1,
        "trials 0 to 99 are in two of the shares",
    );
    check("merge train.yaml", 3, "train.yaml: this is no forecast");
    check("merge nothing.json", 3, "nothing.json");
    let cut = &whole[..whole.len() / 2];
    let cut = folder.file("cut.json", cut.as_bytes());
    check(&format!("merge {cut}"), 3, "this is no forecast: EOF");
    let count = "\"complete\": {\n        \"count\": ";
    let other = whole.replacen(count, &format!("{count}1"), 1);
    let other = folder.file("other.json", other.as_bytes());
    check(
        &format!("merge {other}"),
        3,
        "this forecast contradicts itself",
    );
}

#[test]
fn the_worst_trial_can_be_looked_at() {
    let table = check(&format!("forecast {FLAKY}"), 0, "").out;
    let line = table
        .lines()
        .find(|it| it.starts_with("the worst"))
        .expect("it is told");
    let (how, seed) = line.split_once("): --seed ").expect("it names a seed");
    let run = format!("run -f train.yaml --run uniform(1m,3m) --fail 40% --seed {seed}");
    let said = dryjob(&run.split_whitespace().collect::<Vec<_>>());
    let failed = how.contains("failed");
    assert_eq!(said.code, Some(i32::from(failed)), "{line}");
    check(
        "forecast -f train.yaml --seed 1:3",
        2,
        "write the seed alone",
    );
    check("run -f train.yaml --seed 1:x", 2, "SEED:TRIAL as in 1:417");
}

#[test]
fn a_precision_stops_in_time() {
    let said = check(
        "forecast -f train.yaml --fail 40% --precision 4% -o json",
        0,
        "",
    )
    .out;
    let trials = said
        .lines()
        .find(|it| it.contains("\"trials\""))
        .expect("it is told");
    assert!(
        trials.contains("500") || trials.contains("1000"),
        "{trials}"
    );
    check(
        "forecast -f train.yaml --precision 0%",
        2,
        "between 0.001% and 50%",
    );
    check(
        "forecast -f train.yaml --precision 1% --shard 0/2",
        2,
        "cannot be used with",
    );
    check(
        "forecast -f train.yaml --shard 3/3",
        2,
        "counted from 0 to N-1",
    );
}

#[test]
fn two_manifests_are_compared_on_the_same_fates() {
    let flags = "--run 1m --fail 40% --trials 200";
    let said = check(
        &format!("compare -f train.yaml -f own-index.yaml {flags}"),
        0,
        "",
    );
    assert!(said.out.starts_with("A train, B "), "{}", said.out);
    let said = check(
        &format!("compare -f train.yaml --set spec.backoffLimit=0 {flags}"),
        0,
        "",
    );
    golden("forecast/compare.txt", &said.out);
    let json = check(
        &format!("compare -f train.yaml --set fail=0% {flags} -o json"),
        0,
        "",
    )
    .out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["pairs"][0]["complete"]["second"], 1.0);
    assert_eq!(json["pairs"][0]["complete"]["onlyFirst"], 0);
    check(
        "compare -f train.yaml",
        2,
        "write -f twice, or -f once and --set",
    );
    check(
        "compare -f train.yaml -f several.yaml --trials 5",
        1,
        "compared pair by pair",
    );
    check(
        "compare -f train.yaml --set fail --trials 5",
        2,
        "write NAME=VALUE",
    );
}

#[test]
fn a_sweep_has_a_row_for_each_combination() {
    let flags = "sweep -f train.yaml --run 1m --trials 100 --set spec.backoffLimit=0..2";
    let table = check(&format!("{flags} --set fail=10%,40%"), 0, "").out;
    golden("forecast/sweep.txt", &table);
    let csv = check(
        &format!("{flags} --fail 40% --measure p(complete) -o csv"),
        0,
        "",
    )
    .out;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[0],
        "spec.backoffLimit,p(complete),p(complete) low,p(complete) high"
    );
    assert_eq!(lines.len(), 4, "{csv}");
    let html = check(&format!("{flags} --set fail=10%,40% -o html"), 0, "").out;
    assert!(
        html.contains("color-mix") && html.contains("p95(duration)"),
        "{html}"
    );
    let json = check(&format!("{flags} -o json"), 0, "").out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["points"].as_array().map(Vec::len), Some(3));
    for (set, code, why) in [
        (
            "spec.backoffLimit=-1",
            1,
            "spec.backoffLimit: Invalid value: -1",
        ),
        ("spec.bakoffLimit=1", 3, "did you mean `backoffLimit`?"),
        (
            "spec.template.spec.containers[3].image=a",
            2,
            "has 1 items, and none at 3",
        ),
        ("fial=1%", 2, "did you mean fail?"),
        ("fail=200%", 2, "--set fail=200%"),
        ("fail", 2, "write NAME=VALUES"),
    ] {
        check(
            &format!("sweep -f train.yaml --trials 5 --set {set}"),
            code,
            why,
        );
    }
}

#[test]
fn the_smallest_limit_is_found() {
    let find = |bound: &str, more: &[&str]| {
        let flags = [
            "solve",
            "-f",
            "train.yaml",
            "--run",
            "1m",
            "--fail",
            "40%",
            "--find",
        ];
        let goal = ["min spec.backoffLimit", "--such-that", bound];
        dryjob(&[&flags[..], &goal[..], more].concat())
    };
    // Two pods have to succeed: P(at most 3 failures before that) = 0.6² Σ (k+1) 0.4^k = 0.913.
    let said = find("p(complete) >= 0.88", &["--trials", "1000"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out
            .starts_with("spec.backoffLimit = 3 is the smallest"),
        "{}",
        said.out
    );
    assert!(said.out.contains("with 2 it does not hold"), "{}", said.out);
    assert!(said.out.contains("tried: 0, 1, 2, 3"), "{}", said.out);
    let none = find(
        "p(complete) >= 0.9",
        &["--trials", "200", "--between", "0..1"],
    );
    assert_eq!(none.code, Some(1));
    assert!(
        none.out
            .contains("does not hold for any spec.backoffLimit from 0 to 1")
    );
    let json = find("p(complete) >= 0.88", &["--trials", "1000", "-o", "json"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(
        (&json["found"]["value"], &json["sure"]),
        (&3.into(), &true.into())
    );
    let bad = find("p(complete) >= 0.9", &["--between", "3..1"]);
    assert_eq!(bad.code, Some(2));
}

#[test]
fn shares_can_be_played_by_a_job() {
    let folder = Folder::new("as-job");
    let flags = "forecast -f train.yaml --fail 40% --trials 100 --as-job --shards 4";
    let said = check(flags, 0, "dryjob merge -");
    let job = folder.file("job.yaml", said.out.as_bytes());
    check(&format!("check -f {job}"), 0, "");
    let said = check(&format!("forecast -f {job} --run 10m --trials 20"), 0, "");
    assert!(
        said.out.contains("dryjob-forecast: 20 trials"),
        "{}",
        said.out
    );
    // What each of its pods is told to do is what it takes.
    let args: Vec<String> = {
        let documents = second_document(&job);
        let args = &documents["spec"]["template"]["spec"]["containers"][0]["args"];
        args.as_sequence()
            .expect("it is a list")
            .iter()
            .map(|it| it.as_str().expect("it is text").to_owned())
            .collect()
    };
    let mut stream = String::new();
    for index in 0..4 {
        let own = args.iter().map(|it| match it.as_str() {
            "/input/job-1.yaml" => "train.yaml".to_owned(),
            other => other.replace("$(JOB_COMPLETION_INDEX)", &index.to_string()),
        });
        let own: Vec<String> = own.collect();
        let said = dryjob(&own.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(said.code, Some(0), "{}", said.err);
        stream.push_str(&said.out);
    }
    let merged = dryjob_reading(&["merge", "-", "-o", "json"], stream.as_bytes());
    let whole = check(
        "forecast -f train.yaml --fail 40% --trials 100 -o json",
        0,
        "",
    );
    assert!(merged.out == whole.out, "{}", merged.err);
    check(
        "forecast -f train.yaml --as-job --shard 0/2",
        2,
        "cannot be used with",
    );
}

/// The second document of a file.
fn second_document(path: &str) -> serde_yaml::Value {
    let text = std::fs::read_to_string(path).expect("it can be read");
    let second = text.split("\n---\n").nth(1).expect("there are two");
    serde_yaml::from_str(second).expect("it is YAML")
}

#[test]
fn a_scenario_file_may_say_what_has_to_hold() {
    let folder = Folder::new("assert");
    let scenario = |sentence: &str| {
        let text = format!("assert: [\"{sentence}\"]\nworkload: {{run: 1m, fail: 40%}}\n");
        folder.file("scenario.yaml", text.as_bytes())
    };
    let play = |file: &str, code, why| {
        check(
            &format!("forecast -f train.yaml --trials 100 --scenario {file}"),
            code,
            why,
        )
    };
    play(
        &scenario("p(complete) >= 0.3"),
        0,
        "p(complete) >= 0.3 holds",
    );
    play(
        &scenario("p(complete within 90s) > 0"),
        1,
        "does not hold: it is 0%",
    );
    let said = play(
        &scenario("p(done) > 0"),
        3,
        "nothing that happens in a trial",
    );
    assert!(said.err.contains("scenario.yaml:1"), "{}", said.err);
    // A run does not look at it.
    let file = scenario("max(pods) <= 0");
    check(
        &format!("run -f train.yaml --scenario {file} --fail 0%"),
        0,
        "",
    );
}
