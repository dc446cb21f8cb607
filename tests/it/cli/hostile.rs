//! Input that is wrong, or wants to hurt: it gets a clear answer, and soon.

use super::{Folder, check, dryjob, dryjob_reading};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// Plays that as a manifest; the exit code, and a part of what is said.
fn manifest(content: &[u8], code: i32, sentence: &str) {
    let said = dryjob_reading(&["run", "-f", "-"], content);
    let start: String = String::from_utf8_lossy(content).chars().take(60).collect();
    assert_eq!(said.code, Some(code), "{start}: {}", said.err);
    assert!(said.err.contains(sentence), "{start}: {}", said.err);
    assert_eq!(said.out, "", "{start}");
}

fn job(spec: &str) -> Vec<u8> {
    let head = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n";
    format!("{head}spec:\n{spec}").into_bytes()
}

const TEMPLATE: &str =
    "  template: {spec: {restartPolicy: Never, containers: [{name: main, image: a}]}}\n";

#[test]
fn wrong_manifests_are_told_with_their_place() {
    let with = |field: &str| job(&format!("  {field}\n{TEMPLATE}"));
    manifest(&with("completions: three"), 3, "--> STDIN:5:16");
    manifest(
        &with("completion: 3"),
        3,
        "unknown field \"spec.completion\"",
    );
    manifest(
        &with("completions: 99999999999999999999"),
        3,
        "--> STDIN:5:16",
    );
    manifest(
        &with("completions: -1"),
        1,
        "must be greater than or equal to 0",
    );
    manifest(
        &job("  parallelism: 1\n"),
        1,
        "spec.template.spec.containers: Required value",
    );
    manifest(
        b"kind: Job\napiVersion: batch/v1\nspec: {a: [}",
        3,
        "--> STDIN:3:",
    );
    manifest(b"just text", 3, "--> STDIN:1:1");
    manifest(b"a: 1\n", 3, "Object 'Kind' is missing");
}

#[test]
fn nothing_to_run_is_told_with_advice() {
    manifest(b"", 1, "there is no Job in STDIN");
    manifest(b"---\n# nothing\n---\n", 1, "there is no Job in STDIN");
    manifest(
        b"apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
        1,
        "`kind: Job`",
    );
    check(
        "run -f missing.yaml",
        3,
        "error: the path \"missing.yaml\" does not exist\n",
    );
    let folder = Folder::new("empty");
    let path = super::shown(&folder.0);
    check(
        &format!("run -f {path}"),
        3,
        "recognized file extensions are [.json .yaml .yml]",
    );
    check(
        &format!("run -f {path} -f missing.yaml"),
        3,
        "\"missing.yaml\" does not exist",
    );
}

#[test]
fn all_problems_of_all_files_are_told() {
    let folder = Folder::new("many-problems");
    folder.file("1.yaml", &job("  completions: -1\n"));
    folder.file("2.yaml", b"{");
    folder.file("3.yaml", b"\xff\xfe\x00");
    let said = check(
        &format!("run -f {}", super::shown(&folder.0)),
        3,
        "must be greater than",
    );
    for place in ["1.yaml:5:", "2.yaml:1:", "3.yaml:1:1"] {
        assert!(said.err.contains(place), "{place}: {}", said.err);
    }
}

#[test]
fn binary_files_and_towers_of_brackets_are_refused() {
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    manifest(&bytes, 3, "--> STDIN:2:118");
    manifest(
        &vec![b'['; 100_000_000],
        3,
        "the file is larger than 67108864 bytes",
    );
    manifest(&vec![b'['; 20_000_000], 3, "exceeded max depth");
    manifest(&b"{\"a\":".repeat(4_000_000), 3, "exceeded max depth");
    manifest(b"kind: \"\\e[2JPod\"\napiVersion: v1\n", 1, "\\u{1b}[2JPod");
}

#[test]
fn absurd_numbers_end_at_a_limit() {
    let folder = Folder::new("absurd");
    let numbers = "  completions: 2147483647\n  parallelism: 2147483647\n";
    let path = folder.file("a.yaml", &job(&format!("{numbers}{TEMPLATE}")));
    let said = check(&format!("run -f {path} --run 0s --until 1m"), 1, "");
    assert!(
        said.out.contains("still under way after 1m0s"),
        "{}",
        said.out
    );
    let sentence = "2000000 pods are the most that such a run may take";
    check(&format!("run -f {path} --ideal -o name"), 4, sentence);
}

#[test]
fn lines_that_are_no_recordings_are_told_with_their_number() {
    let folder = Folder::new("lines");
    let good = r#"{"until":1,"pods":[],"job":{"metadata":{"name":"a"},"spec":{"template":"#
        .to_owned()
        + r#"{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"a"}]}}}}}"#;
    let replay = |bad: &str, code: i32, sentence: &str| {
        let path = folder.file("a.jsonl", format!("{good}\n\n{bad}\n{good}\n").as_bytes());
        let said = dryjob(&["replay", &path]);
        assert_eq!(said.code, Some(code), "{bad}: {}", said.err);
        assert!(
            said.err.contains(&format!("a.jsonl:3:{sentence}")),
            "{bad}: {}",
            said.err
        );
        assert_eq!(
            said.out.lines().count(),
            1,
            "what stands before is played: {bad}"
        );
    };
    replay("{", 3, "1: not a scenario or recording: EOF");
    replay("[]", 3, "");
    replay(
        "{\"until\":1}",
        3,
        " not a scenario or recording: missing field `job`",
    );
    replay(&good.replace("\"until\":1", "\"until\":-1"), 3, "");
    replay(
        &good.replace("Never", "Always"),
        1,
        " the Job is not accepted",
    );
    replay(
        &"[".repeat(9 << 20),
        3,
        " the line is longer than 8388608 bytes",
    );
    let scripts = format!("\"pods\":[{}{{}}]", "{},".repeat(400_000));
    replay(
        &good.replace("\"pods\":[]", &scripts),
        3,
        " the scenario is longer than 1048576 bytes",
    );
    check(
        "replay missing.jsonl",
        3,
        "the path \"missing.jsonl\" does not exist",
    );
    check("replay folder", 3, "folder: Is a directory");
}

#[test]
fn compressed_files_may_be_cut_off_or_too_large() {
    let folder = Folder::new("gzip");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&vec![b' '; 40 << 20])
        .expect("memory takes it");
    let bytes = gzip.finish().expect("memory takes it");
    let large = folder.file("large.jsonl.gz", &bytes);
    check(
        &format!("replay {large}"),
        3,
        "large.jsonl.gz:1: the line is longer than",
    );
    let cut = folder.file("cut.jsonl.gz", &bytes[..20]);
    check(
        &format!("replay {cut}"),
        3,
        "cut.jsonl.gz:1: cannot be read: ",
    );
    let archive = folder.file("cut.tgz", &bytes[..20]);
    check(&format!("conformance jobs {archive}"), 3, "cannot read ");
}

#[test]
fn runs_without_end_are_stopped() {
    let folder = Folder::new("endless");
    let endless = "{\"until\":1e10,\"job\":{\"metadata\":{\"name\":\"a\"},\"spec\":\
                   {\"parallelism\":500,\"completions\":2147483647,\"template\":{\"spec\":\
                   {\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"main\",\
                   \"image\":\"a\"}]}}}},\"pods\":[{\"schedule\":0,\"start\":0,\"run\":0}]}\n";
    let path = folder.file("a.jsonl", endless.as_bytes());
    let said = check(&format!("replay {path}"), 4, "a.jsonl:1: stopped after ");
    assert!(
        !said.out.contains("]}\n"),
        "a line that is not whole does not look whole"
    );
}
