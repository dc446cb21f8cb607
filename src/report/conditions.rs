//! The conditions of a run's pods, as `kubectl get pod -o yaml` would show them at its end.

use super::PodStory;
use super::api_status::timestamp;
use crate::base::WireTime;
use crate::model::{Disruption, Readiness};
use crate::node::PodCondition;
use serde::ser::{Serialize, SerializeMap, Serializer};

impl PodStory<'_> {
    /// The pod's conditions at the end of the run, or as they were last written before it was gone
    /// (P4, P62): those that others than kubelets set come first. Of pods that follow scripts,
    /// those that scripts know of.
    #[must_use]
    pub fn conditions(&self) -> Vec<PodCondition> {
        let run = self.run();
        let (pod, attempt) = (run.api().pod(self.pod()), self.attempt());
        let condition = |kind, status, reason, since: WireTime| PodCondition {
            kind,
            status,
            reason,
            since,
        };
        let by = pod.disruption.zip(attempt.disruption);
        let target = by.map(|(by, at)| {
            let reason = if by == Disruption::Scripted {
                ""
            } else {
                by.as_str()
            };
            condition("DisruptionTarget", true, reason, at.wire())
        });
        let mut all: Vec<PodCondition> = target.into_iter().collect();
        let by_kubelet = run.world().kubelet_conditions(self.pod());
        if !by_kubelet.is_empty() {
            all.extend(by_kubelet);
            return all;
        }
        match pod.ready {
            Readiness::True(since) => all.push(condition("Ready", true, "", since)),
            Readiness::False(since) => all.push(condition("Ready", false, "", since)),
            Readiness::Unknown => {}
        }
        match (attempt.bound, attempt.unschedulable) {
            (Some(at), _) => all.push(condition("PodScheduled", true, "", at.wire())),
            (None, Some(at)) => {
                all.push(condition("PodScheduled", false, "Unschedulable", at.wire()));
            }
            (None, None) => {}
        }
        all
    }
}

/// `type`, `status`, `reason` and `lastTransitionTime`, as the API writes them.
impl Serialize for PodCondition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("lastTransitionTime", &timestamp(self.since))?;
        if !self.reason.is_empty() {
            map.serialize_entry("reason", self.reason)?;
        }
        map.serialize_entry("status", if self.status { "True" } else { "False" })?;
        map.serialize_entry("type", self.kind)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Seed, Span};
    use crate::fault::{Deed, PodLabel};
    use crate::model::{Container, Job, PodTemplate, Release};
    use crate::report::Run;
    use crate::sim::Scenario;
    use crate::workload::Fate;

    fn job() -> Job {
        let main = Container {
            name: "main".to_owned(),
            ..Container::default()
        };
        let template = PodTemplate {
            containers: vec![main],
            ..PodTemplate::default()
        };
        Job::named("job", template)
    }

    /// `TYPE=STATUS@SECOND REASON` of the first pod's conditions.
    fn conditions(run: &Run) -> Vec<String> {
        let first = run.attempts().next().expect("there is a pod");
        let text = |it: PodCondition| {
            let status = if it.status { "True" } else { "False" };
            let text = format!("{}={status}@{} {}", it.kind, it.since.secs(), it.reason);
            text.trim_end().to_owned()
        };
        first.conditions().into_iter().map(text).collect()
    }

    #[test]
    fn a_pod_that_has_succeeded_is_shown_as_its_kubelet_wrote_it() {
        let scenario = Scenario::on(Release::LATEST).workload(job(), [Fate::lasting("1m")]);
        let run = scenario.run(Seed(0)).expect("it can be played");
        let want = [
            "PodReadyToStartContainers=False@62 PodSandboxNotReady",
            "Initialized=True@0 PodCompleted",
            "Ready=False@61 PodCompleted",
            "ContainersReady=False@61 PodCompleted",
            "PodScheduled=True@0",
        ];
        assert_eq!(conditions(&run), want);
    }

    #[test]
    fn an_evicted_pod_is_the_target_of_a_disruption() {
        let evict = Deed::Evict(PodLabel {
            index: None,
            nth: 0,
        });
        let scenario = Scenario::on(Release::LATEST).workload(job(), [Fate::lasting("1m")]);
        let run = scenario.action(Span::from_secs(20), evict).run(Seed(0));
        let all = conditions(&run.expect("it can be played"));
        assert_eq!(all[0], "DisruptionTarget=True@20 EvictionByEvictionAPI");
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn a_pod_without_a_node_is_not_scheduled() {
        let mut scenario = Scenario::on(Release::LATEST).workload(job(), [Fate::lasting("1m")]);
        let mut node = crate::model::Node::named("small");
        node.unschedulable = true;
        scenario.nodes.push(node);
        let run = scenario.run(Seed(0)).expect("it can be played");
        assert_eq!(conditions(&run), ["PodScheduled=False@0 Unschedulable"]);
    }
}
