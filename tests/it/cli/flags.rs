//! Flags that say what containers do and what happens, alone, together, and over scenario files.

use super::{Folder, check, dryjob, dryjob_reading};

#[test]
fn containers_run_by_laws_and_fail_by_chance() {
    let law = "lognormal(median=20m,p95=35m)";
    let said = |seed: &str| {
        let arguments = [
            "run",
            "-f",
            "train.yaml",
            "--run",
            law,
            "--fail",
            "2%:42",
            "--seed",
            seed,
        ];
        dryjob(&arguments)
    };
    let (one, other) = (said("1"), said("2"));
    assert_eq!(one.code, Some(0), "{}", one.err);
    assert_eq!(one.out, said("1").out);
    assert_ne!(one.out, other.out, "draws depend on the seed");
    assert!(one.out.contains("the cluster is unlimited"), "{}", one.out);
    assert!(one.out.contains("say otherwise with --pace"), "{}", one.out);
    let failed = check("run -f train.yaml --run 5s --fail 100%:42", 1, "");
    assert!(
        failed.out.contains("BackoffLimitExceeded"),
        "{}",
        failed.out
    );
    assert!(failed.out.contains(" 42 "), "{}", failed.out);
}

#[test]
fn values_that_make_no_sense_are_refused_with_a_way_out() {
    for (arguments, sentence) in [
        ("--fail 2", "for per cent, write 2%"),
        ("--fail 2%:999", "codes go from 0 to 255"),
        (
            "--fail side=2%:42",
            "there is no container \"side\"; there is main",
        ),
        ("--run lognormal(20m)", "takes its arguments by name"),
        ("--run 30", "add a unit, as in 30s"),
        (
            "--preset spot",
            "there is no preset \"spot\"; there are ideal, dev,",
        ),
        ("--nodes cpus=8", "nothing is known of \"cpus\""),
        ("--drain node-1", "write what and when, as in node-2@10m"),
        ("--drain node-1@10m+5m", "only one time is expected"),
        ("--node-down node-1@soon", "write a duration"),
        ("--pace fast", "possible values: ideal, quiet, realistic"),
    ] {
        check(&format!("run -f train.yaml {arguments}"), 2, sentence);
    }
    check("run -f several.yaml --fail 1%", 2, "as in --fail main=1%");
    let unknown = "there is no node \"web-1\"";
    check("run -f train.yaml --nodes 2 --drain web-1@10m", 1, unknown);
    check("run -f train.yaml --evict x@10m", 3, "\"x\" names no pod");
    check("run -f train.yaml --run @missing.txt", 3, "missing.txt");
}

#[test]
fn what_happens_is_told_in_a_word() {
    let plain = check("run -f train.yaml --run 5m --nodes 2", 0, "").out;
    assert!(!plain.contains("the cluster is unlimited"), "{plain}");
    let evicted = check("run -f train.yaml --run 5m --nodes 2 --evict 0@1m", 0, "").out;
    assert_ne!(plain, evicted);
    for flag in [
        "--drain busy@1m",
        "--node-down any@1m+1s",
        "--reclaim node-2@1m+30s",
    ] {
        check(
            &format!("run -f train.yaml --run 5s --nodes 2 {flag}"),
            0,
            "",
        );
    }
}

#[test]
fn measured_durations_come_from_a_file() {
    let folder = Folder::new("measured");
    let file = folder.file("runs.txt", b"# taken in May\n90s\n");
    let run = format!("@{file}");
    let said = dryjob(&["run", "-f", "train.yaml", "--run", &run]);
    assert!(
        said.code == Some(0) && said.out.contains("exit code 0 after 1m3"),
        "{}",
        said.out
    );
    let scenario = "workload: {run: {file: runs.txt}}\nrecurring: [{trace: at.txt, evict: 0}]\n";
    let path = folder.file("s.yaml", scenario.as_bytes());
    let arguments = ["run", "-f", "train.yaml", "--scenario", &path];
    let said = dryjob(&arguments);
    assert!(
        said.code == Some(3) && said.err.contains("at.txt"),
        "{}",
        said.err
    );
    folder.file("at.txt", b"1h\nnever\n");
    let said = dryjob(&arguments);
    assert!(
        said.err.contains("line 2: \"never\" is not a duration"),
        "{}",
        said.err
    );
    folder.file("at.txt", b"1h\n");
    assert_eq!(dryjob(&arguments).code, Some(0));
}

#[test]
fn flags_go_before_the_scenario_and_that_before_presets() {
    let scenario = b"workload: {run: 7m}\npreset: flaky-app\n";
    let run = |more: &[&str]| {
        let start = ["run", "-f", "train.yaml", "--scenario", "-"];
        dryjob_reading(&[&start, more].concat(), scenario)
    };
    let said = run(&[]);
    assert!(
        said.out.contains("exit code 0 after 7m"),
        "{} {}",
        said.out,
        said.err
    );
    assert!(
        said.out.contains("dryjob presets flaky-app"),
        "{}",
        said.out
    );
    let said = run(&["--run", "3m"]);
    assert!(said.out.contains("exit code 0 after 3m"), "{}", said.out);
    let said = run(&["--preset", "single-node"]);
    assert!(
        said.out.contains("after 7m") && said.out.contains("presets single-node"),
        "{}",
        said.out
    );
    assert!(
        !said.out.contains("the cluster is unlimited"),
        "{}",
        said.out
    );
}

#[test]
fn presets_are_shown_with_their_sources() {
    let list = check("presets", 0, "").out;
    for name in [
        "dev",
        "spot-aws",
        "spot-gcp",
        "gpu-llama3",
        "cold-pull",
        "drain-day",
    ] {
        assert!(list.lines().any(|it| it.starts_with(name)), "{list}");
        check(&format!("presets {name} -o wide"), 0, "");
    }
    let one = check("presets spot-aws", 0, "").out;
    assert!(
        one.contains("1.44e-4 an hour") && one.contains("interruption buckets"),
        "{one}"
    );
    let wide = check("presets gpu-llama3 -o wide", 0, "").out;
    assert!(wide.contains("eachNode: exponential(mean=264d)"), "{wide}");
    let json = check("presets flaky-app -o json", 0, "").out;
    assert!(
        json.contains("\"figure\": \"2%\"") && json.contains("\"assumption\""),
        "{json}"
    );
    check("presets none", 2, "there is no preset \"none\"");
}
