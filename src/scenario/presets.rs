//! Presets: what is known of some kinds of clusters and days, in the words of scenario files, each
//! figure with its source (P120).
//!
//! A file (`preset: spot-aws`) or a command (`--preset spot-aws`) that names a preset is laid over
//! it: what they say themselves goes before.

use super::file::ScenarioFile;
use crate::manifest::Errors;

/// Some kind of cluster, or of day.
#[derive(Debug)]
#[non_exhaustive]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub summary: &'static str,
    /// What it sets, and where each figure is from.
    pub settings: &'static [Setting],
    /// The same as a scenario file.
    pub scenario: &'static str,
}

/// A figure of a preset.
#[derive(Debug)]
#[non_exhaustive]
pub struct Setting {
    /// What it is.
    pub what: &'static str,
    /// The figure with its unit.
    pub figure: &'static str,
    /// Where it is from. What nobody published is called an assumption.
    pub source: &'static str,
}

const fn set(what: &'static str, figure: &'static str, source: &'static str) -> Setting {
    Setting {
        what,
        figure,
        source,
    }
}

const API_WRITE: Setting = set(
    "API write of a kubelet",
    "median 10ms, 1 in 100 above 50ms",
    "assumption, below SIG Scalability's objective of 1s for 99 in 100",
);
const NETWORK: Setting = set("sandbox with its network", "0.3s..0.8s", "assumption");
const CACHED: Setting = set(
    "pull of an image that the node has",
    "0s",
    "no bytes are moved",
);
const BEATS: Setting = set(
    "a kubelet's rounds of 1s",
    "anywhere in a second, on each node elsewhere",
    "kubelets start when they start (P31)",
);
const ONE_POD: Setting = set("pods on a machine", "1", "assumption");
const HAZARD: Setting = set(
    "reclaims of a machine",
    "1.44e-4 an hour (mean 6944h)",
    "derived from published interruption buckets of 10% a month",
);
const REACTION: Setting = set(
    "from the notice to the drain",
    "2s",
    "assumption, within 0s..5s of termination handlers",
);
const DELETED: Setting = set(
    "from the power loss to the deletion of the Node object",
    "30s",
    "assumption, within 0s..60s of cloud controllers",
);
const PROVISIONING: Setting = set(
    "a new machine",
    "60s..120s",
    "reports of autoscaler vendors",
);
const NOTICE_30: Setting = set("notice", "30s", "the cloud's documentation");

/// All presets, in the order in which they are shown.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "ideal",
        summary: "nothing takes time but Kubernetes' own periods",
        settings: &[
            set("every step of a kubelet", "0s", "by definition (P120)"),
            set(
                "requests of the Job controller",
                "no limit, 0s each",
                "by definition (P120)",
            ),
        ],
        scenario: "pace: ideal\nqps: unlimited\nlatency: 0s\n",
    },
    Preset {
        name: "dev",
        summary: "a cluster on a developer's machine: starts of 1s, 1 in 100 above 5s",
        settings: &[
            API_WRITE,
            set(
                "from binding to running, images cached",
                "median 1s, 1 in 100 above 5s",
                "SIG Scalability's objective of 5s for 99 in 100; measured medians of 0.9s..1.9s",
            ),
            CACHED,
            BEATS,
        ],
        scenario: "pace: {like: realistic, pull: 0s, sandbox: \"lognormal(median=400ms,\
                   sigma=1.02)\"}\n",
    },
    Preset {
        name: "cold-pull",
        summary: "nodes without the image, which has 10 GB",
        settings: &[
            set(
                "pull of an image of 10 GB",
                "4m..5m",
                "a vendor's report; 1 GB: 30s and 100 MB: 3s scaled from it",
            ),
            API_WRITE,
            NETWORK,
            BEATS,
        ],
        scenario: "pace: {like: realistic, pull: 4m..5m}\n",
    },
    Preset {
        name: "spot-aws",
        summary: "AWS spot instances: reclaimed with two minutes of notice, and drained",
        settings: &[
            HAZARD,
            set("notice", "2m", "the cloud's documentation"),
            REACTION,
            DELETED,
            PROVISIONING,
            ONE_POD,
        ],
        scenario: "pool: {name: spot, max: 100000, delay: 60s..120s, pods: 1}\nrecurring:\n\
                   - {name: spot reclaim, eachNode: exponential(mean=6944h), \
                   reclaim: {node: any, notice: 2m, drain: 2s, deleted: 30s}}\n",
    },
    Preset {
        name: "spot-azure",
        summary: "Azure spot machines: reclaimed with half a minute of notice, and drained",
        settings: &[HAZARD, NOTICE_30, REACTION, DELETED, PROVISIONING, ONE_POD],
        scenario: SPOT_30,
    },
    Preset {
        name: "spot-gcp",
        summary: "Google spot machines: reclaimed with half a minute of notice, and drained",
        settings: &[HAZARD, NOTICE_30, REACTION, DELETED, PROVISIONING, ONE_POD],
        scenario: SPOT_30,
    },
    Preset {
        name: "gpu-llama3",
        summary: "machines with 8 GPUs as in a large training run, which fail now and then",
        settings: &[
            set(
                "failures of a machine",
                "mean 264d",
                "a published report of a training run on machines with 8 GPUs",
            ),
            set(
                "elsewhere",
                "mean 154d and 427d",
                "published reports of two other clusters of GPUs",
            ),
            set("a machine that failed is back", "after 1h", "assumption"),
            set(
                "a new machine",
                "80s..300s",
                "reports of autoscaler vendors",
            ),
            ONE_POD,
        ],
        scenario: "pool: {name: gpu, max: 100000, delay: 80s..300s, pods: 1, \
                   resources: {nvidia.com/gpu: 8}}\nrecurring:\n\
                   - {name: gpu machine fails, eachNode: exponential(mean=264d), \
                   nodeDown: {node: any, how: powerLoss, for: 1h}}\n",
    },
    Preset {
        name: "drain-day",
        summary: "all nodes are upgraded: every half hour one that runs pods is drained",
        settings: &[
            set("drains", "every 30m, the first after 30m", "assumption"),
            set("a drained node is back", "after 15m", "assumption"),
        ],
        scenario: "recurring:\n\
                   - {name: upgrade begins, every: 30m, first: 30m, drain: busy}\n\
                   - {name: upgrade ends, every: 30m, first: 45m, uncordon: every}\n",
    },
    Preset {
        name: "flaky-app",
        summary: "an application of which 2 runs in 100 fail",
        settings: &[set("runs that exit with 1", "2%", "assumption")],
        scenario: "workload: {fail: \"2%:1\"}\n",
    },
    Preset {
        name: "single-node",
        summary: "one node, from which nothing is ever evicted when it goes silent (P73)",
        settings: &[set("nodes", "1, with 8 cores and 32Gi", "assumption")],
        scenario: "nodes: [{name: node-1, cpu: 8, memory: 32Gi}]\n",
    },
];

const SPOT_30: &str = "pool: {name: spot, max: 100000, delay: 60s..120s, pods: 1}\nrecurring:\n\
                       - {name: spot reclaim, eachNode: exponential(mean=6944h), \
                       reclaim: {node: any, notice: 30s, drain: 2s, deleted: 30s}}\n";

/// The names, for the vocabulary.
pub(super) static NAMES: [&str; 10] = {
    let mut names = [""; 10];
    let mut at = 0;
    while at < names.len() {
        names[at] = PRESETS[at].name;
        at += 1;
    }
    names
};

impl Preset {
    /// The preset of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|it| it.name == name)
    }

    /// What it puts into a scenario.
    ///
    /// # Errors
    /// None: each preset is a file that can be read.
    pub fn file(&self) -> Result<ScenarioFile, Errors> {
        let source = format!("preset {}", self.name);
        ScenarioFile::read(&source, self.scenario.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::When;
    use crate::model::{Job, Release};
    use crate::sim::Scenario;

    fn scenario(yaml: &str) -> Scenario {
        let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: \
                   {restartPolicy: Never, containers: [{name: main, image: i}]}}}}";
        let mut scenario = Scenario::on(Release::LATEST).job(Job::from_yaml(job).unwrap(), []);
        let file = ScenarioFile::read("-", yaml.as_bytes()).unwrap();
        assert_eq!(file.check_against(&scenario.workloads[0].job), []);
        file.apply(&mut scenario);
        scenario
    }

    #[test]
    fn p121_every_preset_is_a_scenario_file_and_names_its_sources() {
        assert_eq!(PRESETS.len(), NAMES.len());
        for preset in PRESETS {
            let file = preset.file().unwrap();
            assert_eq!(file.warnings(), [], "{}", preset.name);
            assert!(!preset.settings.is_empty() && !preset.summary.is_empty());
            for setting in preset.settings {
                assert!(!setting.figure.is_empty() && !setting.source.is_empty());
            }
            let name = preset.name;
            let played = scenario(&format!("preset: {name}"));
            let plain = scenario("{}");
            assert_ne!(
                format!("{played:?}"),
                format!("{plain:?}"),
                "{name} says nothing"
            );
        }
    }

    #[test]
    fn p120_reclaims_and_failures_have_the_figures_of_the_rules() {
        let gap = |name: &str| {
            let scenario = scenario(&format!("preset: {name}"));
            match &scenario.recurring[0].when {
                When::EachNode { gap } => gap.mean().unwrap().to_string(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(gap("spot-aws"), "6944h0m0s");
        assert_eq!(gap("gpu-llama3"), "6336h0m0s");
    }

    #[test]
    fn what_a_file_says_itself_goes_before_its_presets() {
        let own = "preset: [spot-aws, flaky-app, cold-pull]\npace: {mount: 1s}\n\
                   nodes: [{name: one}]\nworkload: {run: 9s}\n\
                   recurring: [{name: spot reclaim, every: 1h, drain: any}]\n";
        let scenario = scenario(own);
        assert!(scenario.pool.is_none() && scenario.nodes.len() == 1);
        assert!(matches!(
            scenario.recurring[..],
            [crate::fault::Recurring {
                when: When::Every { .. },
                ..
            }]
        ));
        let pace = format!("{:?}", scenario.pace);
        assert!(pace.contains("mount: Fixed(Span(1000000))"), "{pace}");
        let fates = &scenario.workloads[0].fates;
        assert_eq!((fates.len(), fates[0].others.endings.len()), (1, 1));
    }
}
