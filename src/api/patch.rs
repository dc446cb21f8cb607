//! Merge patches of a Job by users: which are refused, with the API server's own words, and what
//! the others change.

use super::{ApiServer, JobChange, Notice, Refusal};
use crate::model::{
    FailureAction, IndexList, JobId, JobPatch, JobSpec, PodReplacementPolicy, Release,
};
use std::sync::Arc;

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
const IMMUTABLE: &str = "field is immutable";

/// A spec as a patch leaves it, before anybody has looked at it: counts may be negative.
struct Proposal {
    parallelism: i64,
    completions: Option<i64>,
    active_deadline_seconds: Option<i64>,
    backoff_limit: i64,
    ttl_seconds_after_finished: Option<i64>,
    backoff_limit_per_index: Option<i64>,
    max_failed_indexes: Option<i64>,
    suspend: bool,
    pod_replacement_policy: PodReplacementPolicy,
    managed_by: Option<String>,
}

impl Proposal {
    /// The patched spec, with removed fields set to their defaults again.
    fn new(spec: &JobSpec, patch: &JobPatch) -> Self {
        let per_index = patch
            .backoff_limit_per_index
            .unwrap_or(spec.backoff_limit_per_index.map(i64::from));
        let default_limit = if per_index.is_some() {
            i64::from(i32::MAX)
        } else {
            6
        };
        let default_replacement = if spec.pod_failure_policy.is_some() {
            PodReplacementPolicy::Failed
        } else {
            PodReplacementPolicy::TerminatingOrFailed
        };
        let completions = patch.completions.unwrap_or(spec.completions.map(i64::from));
        let parallelism = patch
            .parallelism
            .unwrap_or(Some(i64::from(spec.parallelism)));
        // With neither given, a Job is one pod.
        let completions = if parallelism.is_none() && completions.is_none() {
            Some(1)
        } else {
            completions
        };
        Self {
            parallelism: parallelism.unwrap_or(1),
            completions,
            active_deadline_seconds: patch
                .active_deadline_seconds
                .unwrap_or(spec.active_deadline_seconds),
            backoff_limit: match patch.backoff_limit {
                Some(limit) => limit.unwrap_or(default_limit),
                None => i64::from(spec.backoff_limit),
            },
            ttl_seconds_after_finished: patch
                .ttl_seconds_after_finished
                .unwrap_or(spec.ttl_seconds_after_finished),
            backoff_limit_per_index: per_index,
            max_failed_indexes: patch
                .max_failed_indexes
                .unwrap_or(spec.max_failed_indexes.map(i64::from)),
            suspend: patch.suspend.unwrap_or(Some(spec.suspend)).unwrap_or(false),
            pod_replacement_policy: patch
                .pod_replacement_policy
                .map_or(spec.pod_replacement_policy, |policy| {
                    policy.unwrap_or(default_replacement)
                }),
            managed_by: patch
                .managed_by
                .clone()
                .unwrap_or_else(|| spec.managed_by.clone()),
        }
    }

    /// Everything the API server has against it, in its order.
    fn problems(&self, spec: &JobSpec, release: Release, name: &str) -> Vec<String> {
        let mut problems = Vec::new();
        self.negative_counts(&mut problems);
        self.manager(&mut problems);
        if spec.is_indexed() {
            self.indexed_limits(&mut problems);
        } else {
            if let Some(limit) = self.backoff_limit_per_index {
                problems.push(invalid(
                    "backoffLimitPerIndex",
                    &limit.to_string(),
                    "requires indexed completion mode",
                ));
            }
            if let Some(max) = self.max_failed_indexes {
                problems.push(invalid(
                    "maxFailedIndexes",
                    &max.to_string(),
                    "requires indexed completion mode",
                ));
            }
        }
        self.fail_index(spec, &mut problems);
        self.success_policy(spec, &mut problems);
        if spec.pod_failure_policy.is_some()
            && self.pod_replacement_policy != PodReplacementPolicy::Failed
        {
            problems.push(
                "spec.podReplacementPolicy: Unsupported value: \"TerminatingOrFailed\": \
                 supported values: \"Failed\""
                    .to_owned(),
            );
        }
        let hostname = (release < Release::V1_37)
            .then(|| self.hostname(spec, name))
            .flatten();
        problems.extend(hostname);
        self.immutable_fields(spec, release, &mut problems);
        if release >= Release::V1_37 {
            problems.extend(self.hostname(spec, name));
        }
        let mut unique = Vec::with_capacity(problems.len());
        for problem in problems {
            if !unique.contains(&problem) {
                unique.push(problem);
            }
        }
        unique
    }

    fn negative_counts(&self, problems: &mut Vec<String>) {
        let counts = [
            ("parallelism", Some(self.parallelism)),
            ("completions", self.completions),
            ("activeDeadlineSeconds", self.active_deadline_seconds),
            ("backoffLimit", Some(self.backoff_limit)),
            ("ttlSecondsAfterFinished", self.ttl_seconds_after_finished),
            ("backoffLimitPerIndex", self.backoff_limit_per_index),
            ("maxFailedIndexes", self.max_failed_indexes),
        ];
        for (field, count) in counts {
            if let Some(count) = count.filter(|count| *count < 0) {
                problems.push(invalid(field, &count.to_string(), NOT_NEGATIVE));
            }
        }
        if self.max_failed_indexes.is_some() && self.backoff_limit_per_index.is_none() {
            problems.push(
                "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"
                    .to_owned(),
            );
        }
    }

    /// `managedBy` is a path under a domain.
    fn manager(&self, problems: &mut Vec<String>) {
        let Some(by) = &self.managed_by else { return };
        if by.is_empty() {
            problems.push("spec.managedBy: Required value".to_owned());
        } else if by
            .split_once('/')
            .is_none_or(|(domain, path)| domain.is_empty() || path.is_empty())
        {
            problems.push(invalid(
                "managedBy",
                &format!("{by:?}"),
                "must be a domain-prefixed path (such as \"acme.io/foo\")",
            ));
        }
    }

    /// A rule that fails indexes needs indexes that can fail.
    fn fail_index(&self, spec: &JobSpec, problems: &mut Vec<String>) {
        let rules = spec.pod_failure_policy.as_deref().unwrap_or_default();
        for (place, rule) in rules.iter().enumerate() {
            if rule.action == FailureAction::FailIndex && self.backoff_limit_per_index.is_none() {
                problems.push(invalid(
                    &format!("podFailurePolicy.rules[{place}].action"),
                    "\"FailIndex\"",
                    "requires the backoffLimitPerIndex to be set",
                ));
            }
        }
    }

    fn indexed_limits(&self, problems: &mut Vec<String>) {
        let Some(completions) = self.completions else {
            problems.push(
                "spec.completions: Required value: when completion mode is Indexed".to_owned(),
            );
            return;
        };
        let mut at_most = |field, value: Option<i64>, limit: i64, text: &str| {
            if let Some(value) = value.filter(|value| *value > limit) {
                problems.push(invalid(field, &value.to_string(), text));
            }
        };
        let parallelism = Some(self.parallelism);
        let max_failed = self.max_failed_indexes;
        at_most(
            "parallelism",
            parallelism,
            100_000,
            "must be less than or equal to 100000 when completion mode is Indexed",
        );
        at_most(
            "maxFailedIndexes",
            max_failed,
            completions,
            "must be less than or equal to completions",
        );
        at_most(
            "maxFailedIndexes",
            max_failed,
            100_000,
            "must be less than or equal to 100000",
        );
        if completions > 100_000 && self.backoff_limit_per_index.is_some() {
            let text = "must be less than or equal to 10000 when completions are above 100000 \
                        and used with backoff limit per index";
            at_most("parallelism", parallelism, 10_000, text);
            at_most("maxFailedIndexes", max_failed, 10_000, text);
            if max_failed.is_none() {
                problems.push(
                    "spec.maxFailedIndexes: Required value: must be specified when completions \
                     is above 100000"
                        .to_owned(),
                );
            }
        }
    }

    /// A success policy was checked against the completions; fewer of them can make it invalid.
    fn success_policy(&self, spec: &JobSpec, problems: &mut Vec<String>) {
        let (Some(rules), Some(completions)) = (&spec.success_policy, self.completions) else {
            return;
        };
        for (place, rule) in rules.iter().enumerate() {
            let path = format!("successPolicy.rules[{place}]");
            let mut total = 0;
            if let Some(list) = &rule.succeeded_indexes {
                match IndexList::count(&list.text, completions) {
                    Ok(count) => total = count.total,
                    Err(words) => problems.push(invalid(
                        &format!("{path}.succeededIndexes"),
                        &format!("{:?}", list.text),
                        &format!("error parsing succeededIndexes: {words}"),
                    )),
                }
            }
            let Some(count) = rule.succeeded_count.map(i64::from) else {
                continue;
            };
            let limits = [
                (completions, "the number of specified completions", true),
                (
                    total,
                    "the number of indexes in the specified succeededIndexes field",
                    rule.succeeded_indexes.is_some(),
                ),
            ];
            for (limit, of_what, applies) in limits {
                if applies && count > limit {
                    problems.push(invalid(
                        &format!("{path}.succeededCount"),
                        &count.to_string(),
                        &format!("must be less than or equal to {limit} ({of_what})"),
                    ));
                }
            }
        }
    }

    fn hostname(&self, spec: &JobSpec, name: &str) -> Option<String> {
        let completions = self.completions.filter(|completions| *completions > 0)?;
        let label = format!("{name}-{}", completions - 1);
        (spec.is_indexed() && label.len() > 63).then(|| {
            format!(
                "metadata.name: Invalid value: \"{name}\": will not able to create pod with \
                 invalid DNS label: {label}"
            )
        })
    }

    fn immutable_fields(&self, spec: &JobSpec, release: Release, problems: &mut Vec<String>) {
        // Before 1.34 a missing value was printed as a string.
        let null = if release < Release::V1_34 {
            "\"null\""
        } else {
            "null"
        };
        let shown = |value: Option<i64>| value.map_or(null.to_owned(), |it| it.to_string());
        let completions = spec.completions.map(i64::from);
        if self.completions != completions {
            if !spec.is_indexed() {
                problems.push(invalid("completions", &shown(self.completions), IMMUTABLE));
            } else if self.completions.is_some_and(|it| it != self.parallelism) {
                problems.push(invalid(
                    "completions",
                    &shown(self.completions),
                    "can only be modified in tandem with spec.parallelism",
                ));
            }
        }
        if self.backoff_limit_per_index != spec.backoff_limit_per_index.map(i64::from) {
            let limit = shown(self.backoff_limit_per_index);
            problems.push(invalid("backoffLimitPerIndex", &limit, IMMUTABLE));
        }
        if self.managed_by != spec.managed_by && release >= Release::V1_30 {
            let by = self
                .managed_by
                .as_ref()
                .map_or(null.to_owned(), |by| format!("{by:?}"));
            problems.push(invalid("managedBy", &by, IMMUTABLE));
        }
    }

    /// Writes an accepted proposal into the spec.
    fn apply(self, spec: &mut JobSpec) {
        let count = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        spec.parallelism = count(self.parallelism);
        spec.completions = self.completions.map(count);
        spec.active_deadline_seconds = self.active_deadline_seconds;
        spec.backoff_limit = count(self.backoff_limit);
        spec.ttl_seconds_after_finished = self.ttl_seconds_after_finished;
        spec.max_failed_indexes = self.max_failed_indexes.map(count);
        spec.suspend = self.suspend;
        spec.pod_replacement_policy = self.pod_replacement_policy;
    }
}

fn invalid(field: &str, value: &str, text: &str) -> String {
    format!("spec.{field}: Invalid value: {value}: {text}")
}

impl ApiServer {
    /// Applies a user's merge patch.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`] if the Job is gone, [`Refusal::Invalid`] with the API server's
    /// reasons if it does not allow the change.
    pub fn patch_job(&mut self, id: JobId, patch: &JobPatch) -> Result<(), Refusal> {
        let release = self.behavior.release;
        let stored = &mut self.jobs[id.slot()];
        if stored.gone {
            return Err(Refusal::NotFound);
        }
        let proposal = Proposal::new(&stored.job.spec, patch);
        let reasons = proposal.problems(&stored.job.spec, release, &stored.job.name);
        if !reasons.is_empty() {
            return Err(Refusal::Invalid {
                name: stored.job.name.clone(),
                reasons,
            });
        }
        let before = stored.job.spec.clone();
        proposal.apply(&mut Arc::make_mut(&mut stored.job).spec);
        let new_generation = before != stored.job.spec;
        let new_deadline =
            before.active_deadline_seconds != stored.job.spec.active_deadline_seconds;
        stored.generation += u64::from(new_generation);
        stored.revision += 1;
        let change = JobChange::Spec {
            new_generation,
            new_deadline,
        };
        self.notices.push(Notice::Job(id, change));
        Ok(())
    }

    /// Whether a patch would change anything of the Job.
    #[must_use]
    pub fn patch_changes(&self, id: JobId, patch: &JobPatch) -> bool {
        let spec = &self.job(id).job.spec;
        let mut patched = spec.clone();
        Proposal::new(spec, patch).apply(&mut patched);
        patched != *spec
    }
}
