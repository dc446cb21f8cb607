//! Recordings by the program: played again, and held against what Kubernetes did.

use super::{Folder, check, dryjob, dryjob_reading};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

fn fixture(name: &str) -> String {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", "cli", name]
        .iter()
        .collect();
    fs::read_to_string(path).expect("the fixture is there")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).expect("memory takes it");
    gzip.finish().expect("memory takes it")
}

#[test]
fn a_recording_is_replayed_to_the_byte() {
    let recorded = fixture("recordings/1.37.jsonl");
    let said = check("replay recordings/1.37.jsonl", 0, "");
    assert_eq!(said.out, recorded);
    // What is written can be read again, and scenarios alone are enough.
    let again = dryjob_reading(&["replay", "-"], said.out.as_bytes());
    assert_eq!(again.out, recorded);
    let scenario = |line: &str| -> Option<String> {
        let rest = line.strip_prefix("{\"scenario\":")?;
        Some(rest[..rest.find(",\"steps\":")?].to_owned())
    };
    let scenarios: Option<Vec<String>> = recorded.lines().map(scenario).collect();
    let scenarios = scenarios.expect("the recordings have both").join("\n\n");
    let alone = dryjob_reading(&["replay", "-"], scenarios.as_bytes());
    assert_eq!(alone.out, recorded);
    let compressed = dryjob_reading(&["replay", "-"], &gzip(scenarios.as_bytes()));
    assert_eq!(compressed.out, recorded);
}

#[test]
fn replay_plays_the_release_that_is_asked_for() {
    let recorded = fixture("recordings/1.31.jsonl");
    assert_eq!(
        check("replay recordings/1.31.jsonl --kubernetes 1.31", 0, "").out,
        recorded
    );
    assert_ne!(check("replay recordings/1.31.jsonl", 0, "").out, recorded);
}

#[test]
fn a_folder_is_played_with_the_releases_of_its_files() {
    assert_eq!(
        check("conformance jobs recordings", 0, "").out,
        "agree 6 of 6\n"
    );
    let first = check("conformance jobs recordings --first 1", 0, "");
    assert_eq!(first.out, "agree 3 of 3\n");
    let only = check("conformance jobs recordings --only pub-00717-ttl", 0, "");
    assert_eq!(only.out, "agree 2 of 2\n");
    check(
        "conformance jobs recordings --only nope",
        3,
        "no recording has the id nope",
    );
    let said = check("conformance jobs recordings --kubernetes 1.37", 1, "");
    assert!(said.out.ends_with("agree 3 of 4\n"), "{}", said.out);
}

#[test]
fn archives_are_like_folders() {
    let folder = Folder::new("archive");
    let mut archive = tar::Builder::new(Vec::new());
    for name in ["1.31.jsonl", "1.31.same", "1.37.jsonl"] {
        let text = fixture(&format!("recordings/{name}"));
        let (name, bytes) = match name {
            "1.37.jsonl" => ("recordings/1.37.jsonl.gz".to_owned(), gzip(text.as_bytes())),
            _ => (format!("recordings/{name}"), text.into_bytes()),
        };
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        let appended = archive.append_data(&mut header, name, bytes.as_slice());
        appended.expect("memory takes it");
    }
    let bytes = gzip(&archive.into_inner().expect("memory takes it"));
    let path = folder.file("all.tgz", &bytes);
    assert_eq!(
        check(&format!("conformance jobs {path}"), 0, "").out,
        "agree 6 of 6\n"
    );
}

#[test]
fn what_does_not_agree_is_told_field_by_field() {
    let said = check("conformance jobs wrong.jsonl", 1, "");
    let want = "\
wrong.jsonl:2: wrong (Kubernetes 1.37): step 4 of 5, at 61.313s, differs
  pod 0.phase: expected \"Failed\", got \"Succeeded\"
agree 1 of 2
";
    assert_eq!(said.out, want);
    assert_eq!(
        check("conformance jobs wrong.jsonl", 1, "").out,
        said.out,
        "the same twice"
    );
}

#[test]
fn suites_without_recordings_are_told() {
    check(
        "conformance jobs folder",
        3,
        "there is no recording (*.jsonl or *.jsonl.gz) in folder",
    );
    check(
        "conformance jobs missing",
        3,
        "the path \"missing\" does not exist",
    );
    let folder = Folder::new("no-steps");
    let scenario = fixture("recordings/1.31.jsonl");
    let end = scenario.find(",\"steps\":").expect("it has steps");
    let path = folder.file("1.31.jsonl", format!("{}}}", &scenario[..end]).as_bytes());
    check(
        &format!("conformance jobs {path}"),
        3,
        "1.31.jsonl:1: there are no steps",
    );
    folder.file("1.31.same", b"pub-00000-nope\n");
    folder.file("1.31.jsonl", scenario.as_bytes());
    let path = super::shown(&folder.0);
    check(
        &format!("conformance jobs {path}"),
        3,
        "1.31.same lists \"pub-00000-nope\"",
    );
    folder.file("1.12.jsonl", scenario.as_bytes());
    check(
        &format!("conformance jobs {path}"),
        3,
        "1.12.jsonl: unknown Kubernetes release",
    );
}

#[test]
fn the_schema_of_scenarios_is_json() {
    let said = dryjob(&["schema", "scenario"]);
    assert_eq!(said.code, Some(0));
    let schema: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    assert!(schema.is_object());
}
