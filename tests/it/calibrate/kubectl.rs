//! The pods of a run as `kubectl get pods -o json` prints them.

use dryjob::api::{ApiServer, Notice};
use dryjob::base::Instant;
use dryjob::model::{ContainerSlot, Disruption, Exit, Job, PodId, PodNews};
use dryjob::sim::Recorder;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is written down of each pod; jobs have one container.
#[derive(Default)]
pub(super) struct Printed(BTreeMap<PodId, PodLines>);

#[derive(Default)]
struct PodLines {
    created: Option<Instant>,
    bound: Option<Instant>,
    node: u32,
    target: Option<(Instant, Disruption)>,
    runs: Vec<(Instant, Option<(Instant, Exit)>)>,
}

impl Recorder for Printed {
    fn wrote(&mut self, now: Instant, _: &ApiServer, notice: &Notice) {
        let Notice::Pod(change) = notice else { return };
        let Some(new) = change.new else { return };
        let lines = self.0.entry(change.id).or_default();
        lines.created.get_or_insert(now);
        if let Some(node) = new.node {
            lines.bound.get_or_insert(now);
            lines.node = node.0;
        }
        if let Some(why) = new.disruption {
            lines.target.get_or_insert((now, why));
        }
    }

    fn told(&mut self, now: Instant, _: &ApiServer, pod: PodId, news: PodNews) {
        let lines = self.0.entry(pod).or_default();
        match news {
            PodNews::Started(ContainerSlot::Regular(0), _) => lines.runs.push((now, None)),
            PodNews::Exited(ContainerSlot::Regular(0), exit) => {
                let run = lines.runs.last_mut().expect("it was started");
                run.1 = Some((now, exit));
            }
            _ => {}
        }
    }
}

impl Printed {
    pub(super) fn json(&self, job: &Job) -> String {
        let items: Vec<Value> = self.0.iter().map(|it| pod(job, *it.0, it.1)).collect();
        json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
    }
}

/// A time in a month of 31 days.
fn time(at: Instant) -> String {
    let seconds = at.micros() / 1_000_000;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (day, hour, minute) = (1 + days, of_day / 3600, of_day / 60 % 60);
    assert!(day <= 31, "a month is enough");
    format!("2026-03-{day:02}T{hour:02}:{minute:02}:{:02}Z", of_day % 60)
}

fn state(run: Option<&(Instant, Option<(Instant, Exit)>)>) -> Value {
    let Some((start, end)) = run else {
        return json!({});
    };
    let Some((finish, exit)) = end else {
        return json!({"running": {"startedAt": time(*start)}});
    };
    json!({"terminated": {
        "exitCode": exit.code,
        "reason": exit.reason.as_str(),
        "startedAt": time(*start),
        "finishedAt": time(*finish),
        "containerID": "containerd://0",
    }})
}

fn pod(job: &Job, id: PodId, lines: &PodLines) -> Value {
    let mut conditions: Vec<Value> = Vec::new();
    let mut condition = |kind: &str, at: Instant, reason: Option<&str>| {
        let at = time(at);
        conditions.push(json!({
            "type": kind, "status": "True", "reason": reason, "lastTransitionTime": at,
        }));
    };
    if let Some(at) = lines.bound {
        condition("PodScheduled", at, None);
    }
    if let Some((at, why)) = lines.target {
        condition("DisruptionTarget", at, Some(why.as_str()));
    }
    let runs = &lines.runs;
    let before = runs.len().checked_sub(2).and_then(|it| runs.get(it));
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": format!("{}-{}", job.name, id.0),
            "namespace": job.namespace,
            "uid": format!("uid-{}", id.0),
            "labels": {"batch.kubernetes.io/job-name": job.name},
            "creationTimestamp": lines.created.map(time),
        },
        "spec": {
            "nodeName": format!("node-{}", lines.node),
            "containers": [{"name": "main", "image": "a", "resources": {}}],
        },
        "status": {
            "conditions": conditions,
            "containerStatuses": [{
                "name": "main",
                "ready": false,
                "restartCount": runs.len().saturating_sub(1),
                "state": state(runs.last()),
                "lastState": state(before),
            }],
        },
    })
}
