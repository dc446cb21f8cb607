//! What pods tell, as a scenario file: each number with where it comes from.

use crate::base::Span;
use crate::cli::tell;
use crate::forecast::calibrate::{
    Calibration, ContainerFit, FailureFit, Fit, LEAST_FOR_A_LAW, MOST_VALUES, Quality, Role,
    RunCounts, StartFit,
};
use crate::report::yaml;
use crate::scenario::ending_word;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// The width of comments and lists.
const COLUMNS: usize = 96;

/// Pods that start within this after they were bound need no words: kubelets do that unless told.
const QUICK: Span = Span::from_millis(1500);

/// From here on a difference is more than the cut of two times to whole seconds.
const APART: Span = Span::from_secs(2);

/// The file.
pub(super) fn text(found: &Calibration) -> io::Result<String> {
    let mut page = Page::default();
    page.comment(0, &format!("What pods did on a cluster: {}.", found.of));
    page.comment(0, "Written by `dryjob calibrate`; play it with --scenario.");
    if !found.jobs.is_empty() {
        let jobs = counted(&found.jobs);
        page.comment(0, &format!("Their Jobs ended so: {jobs}."));
    }
    outside(&mut page, found);
    page.line(0, "");
    page.line(0, "workload:");
    for it in &found.containers {
        container(&mut page, it, found)?;
    }
    start(&mut page, &found.start);
    if !found.waiting.is_empty() {
        let waiting = counted(&found.waiting);
        let words = format!("Containers that were never started wait: {waiting}.");
        page.comment(0, &words);
    }
    Ok(page.text)
}

/// `2000 runs succeeded, 103 failed, 12 are under way`
pub(super) fn counts(runs: &RunCounts) -> String {
    let noun = if runs.succeeded == 1 { "run" } else { "runs" };
    let mut text = format!(
        "{} {noun} succeeded, {} failed",
        runs.succeeded, runs.failed
    );
    for (count, words) in [
        (runs.running, "under way"),
        (runs.cut, "ended from outside"),
        (runs.unseen, "failed unseen, by the number of restarts"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {words}");
        }
    }
    text
}

/// Text with its lines.
#[derive(Debug, Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:depth$}{line}", "");
    }

    /// A comment, broken into lines. Names in it come from elsewhere and may hold anything.
    fn comment(&mut self, depth: usize, words: &str) {
        let harmless = tell::harmless(&words.replace(['\n', '\t', '\u{2028}', '\u{2029}'], " "));
        let mut line = "#".to_owned();
        for word in harmless.split(' ') {
            if depth + line.chars().count() + word.chars().count() >= COLUMNS && line != "#" {
                self.line(depth, &line);
                "#".clone_into(&mut line);
            }
            line.push(' ');
            line.push_str(word);
        }
        self.line(depth, &line);
    }

    /// A field with a law; a list of values goes over several lines.
    fn law(&mut self, depth: usize, name: &str, fit: &Fit) {
        let law = fit.law.to_string();
        if depth + name.len() + law.len() + 2 <= COLUMNS {
            return self.line(depth, &format!("{name}: {law}"));
        }
        self.line(depth, &format!("{name}: >-"));
        let mut line = String::new();
        for part in law.split_inclusive(',') {
            if depth + 2 + line.len() + part.len() > COLUMNS {
                self.line(depth + 2, &line);
                line.clear();
            }
            line.push_str(part);
        }
        self.line(depth + 2, &line);
    }
}

/// `3 Complete, 1 Failed: BackoffLimitExceeded`
fn counted(of: &BTreeMap<String, u64>) -> String {
    let each = of.iter().map(|(what, count)| format!("{count} {what}"));
    each.collect::<Vec<_>>().join(", ")
}

fn outside(page: &mut Page, found: &Calibration) {
    if found.outside.is_empty() {
        return;
    }
    let words = format!(
        "Pods that were ended from outside. That is no failure of the workload and not in this \
         file; it can be played by adding the fault. Of {} pods:",
        found.pods
    );
    page.comment(0, &words);
    for (cause, count) in &found.outside {
        let hint = hint(cause).map_or_else(String::new, |it| format!(": {it}"));
        page.comment(0, &format!("- {count} {cause}{hint}"));
    }
}

/// What in a scenario, or in the manifest, does the same to pods.
fn hint(cause: &str) -> Option<&'static str> {
    Some(match cause {
        "PreemptionByScheduler" => "pods of higher priority took their place; see `preempt`",
        "DeletionByTaintManager" => "a taint NoExecute came to the node; see `taint`, `nodeDown`",
        "EvictionByEvictionAPI" => "as by kubectl drain; see `evict`, `drain`",
        "DeletionByPodGC" => "the node was gone; see `deleteNode`, `reclaim`",
        "TerminationByKubelet" => "node pressure or shutdown; see `pressure`, `shutdown`",
        "Evicted" => "node pressure, or a limit of local storage; see `pressure`, `storage`",
        "Terminated" | "NodeShutdown" | "Shutdown" => "the node shut down; see `shutdown`",
        "NodeLost" => "the node fell silent; see `nodeDown`",
        "DeadlineExceeded" => "activeDeadlineSeconds of the pod, which the manifest tells",
        "deleted" => "their Job had ended or was suspended, or a user did it; see `deletePod`",
        _ if cause.starts_with("OutOf") => "the kubelet refused them; see `nodes`",
        _ => return None,
    })
}

fn container(page: &mut Page, it: &ContainerFit, found: &Calibration) -> io::Result<()> {
    let name = &it.name;
    if it.role == Role::Sidecar {
        page.comment(
            2,
            &format!("{name:?} is a sidecar: it stays until it is stopped."),
        );
        return Ok(());
    }
    page.comment(2, &format!("{name:?}: {}.", counts(&it.runs)));
    if it.runs.ended() == 0 {
        page.comment(
            2,
            "Nothing is known of its run times: none has ended by itself.",
        );
        return Ok(());
    }
    let mut quoted = Vec::new();
    yaml::write(name, &mut quoted)?;
    page.line(
        2,
        &format!("- container: {}", String::from_utf8_lossy(&quoted)),
    );
    match &it.run {
        Some(fit) => {
            page.comment(4, &quality(fit));
            page.law(4, "run", fit);
        }
        None => page.comment(4, "No run tells how long its work takes."),
    }
    if !it.failures.is_empty() {
        page.line(4, "fail:");
        for failure in &it.failures {
            self::failure(page, failure, &it.runs);
        }
    }
    if let Some((index, failed, all)) = found.bad_index.as_ref().filter(|_| it.runs.failed > 0) {
        let words = format!(
            "{failed} of {all} failures are of index {index}, which never succeeded: if its input \
             is bad, say badInputs: {{index: {index}}} and a smaller chance."
        );
        page.comment(4, &words);
    }
    if let Some(fit) = &it.ready {
        page.line(4, "probes:");
        page.comment(6, &format!("Of pods that run. {}", quality(fit)));
        page.law(6, "ready", fit);
    }
    Ok(())
}

fn failure(page: &mut Page, it: &FailureFit, runs: &RunCounts) {
    let (low, high) = (per_cent(it.share.low), per_cent(it.share.high));
    let mut words = format!(
        "{} of {} runs that were seen to end; in 95 of 100 cases {low} % to {high} %.",
        it.runs,
        runs.ended()
    );
    if it.is_late {
        words += " They last longer than those that succeed, which cannot be told here.";
    }
    page.comment(6, &words);
    let exit = ending_word(it.ending);
    let Some(after) = &it.after else {
        return page.line(6, &format!("- {}:{exit}", it.chance));
    };
    page.line(6, &format!("- chance: {}", it.chance));
    page.line(8, &format!("exit: {exit}"));
    page.comment(
        8,
        &format!("Earlier than runs that succeed. {}", quality(after)),
    );
    page.law(8, "after", after);
}

fn per_cent(probability: f64) -> String {
    let text = format!("{:.2}", probability * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// How far to trust a law.
fn quality(fit: &Fit) -> String {
    let n = fit.ended;
    let noun = if n == 1 { "duration" } else { "durations" };
    let mut text = match fit.quality {
        Quality::Same => format!("The same to the second: {n} {noun}"),
        Quality::Good => format!("{}: good fit to {n} {noun}", fit.kind),
        Quality::Fair => format!("{}: fair fit to {n} {noun}", fit.kind),
        Quality::Few => format!(
            "The values themselves, {n} {noun}: fewer than the {LEAST_FOR_A_LAW} that a law takes"
        ),
        Quality::NoLaw(kind, far) => {
            let values = if n > MOST_VALUES as u64 {
                format!("At most {MOST_VALUES} quantiles")
            } else {
                "The values themselves".to_owned()
            };
            format!(
                "{values}, {n} {noun}: no law fits; the nearest is {kind}, KS distance {far:.3}"
            )
        }
    };
    if matches!(fit.quality, Quality::Good | Quality::Fair) {
        let _ = write!(text, ", KS distance {:.3}", fit.distance);
    }
    if fit.open > 0 {
        let _ = write!(
            text,
            "; {} more count as longer than what was seen",
            fit.open
        );
    }
    if let Some(median) = fit.median.filter(|_| fit.quality != Quality::Same) {
        let _ = write!(text, ". Median {median}");
        if let Some(p95) = fit.p95 {
            let _ = write!(text, ", 95 % within {p95}");
        }
    }
    text + "."
}

fn start(page: &mut Page, start: &StartFit) {
    page.line(0, "");
    if let Some(fit) = &start.scheduled {
        let words = format!(
            "From creation to node (a scenario's nodes decide). {}",
            quality(fit)
        );
        page.comment(0, &words);
    }
    let Some(fit) = &start.started else { return };
    let what = "From node to first container: volumes, network, images.";
    page.comment(0, &format!("{what} {}", quality(fit)));
    let both = start
        .first_on_node
        .as_ref()
        .zip(start.later_on_node.as_ref());
    if let Some((first, later)) = both.and_then(|it| it.0.median.zip(it.1.median)) {
        if first - later > APART {
            let words = format!(
                "The first pod on a node took {first} in the median, later ones {later}: images \
                 are pulled, it seems. Where the scenario has nodes, sandbox: {later} and pull: \
                 {} tell it better.",
                first - later
            );
            page.comment(0, &words);
        }
    }
    if fit.law.is_constant() && fit.law.median() <= QUICK {
        page.comment(0, "That is what kubelets take unless told.");
        return;
    }
    page.line(0, "pace:");
    page.line(2, "like: quiet");
    page.comment(2, "All in one step, as the API tells only the sum.");
    page.line(2, "mount: 0s");
    page.line(2, "createStart: 0s");
    page.law(2, "sandbox", fit);
}
