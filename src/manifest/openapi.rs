//! Jobs of the model from the types of the crate k8s-openapi, of whichever version it is built for.
//!
//! What that version of Kubernetes does not know is not in its types: where a manifest is at hand,
//! [`Job::from_yaml`] says more, and knows the lines.

use k8s_openapi::api::batch::v1;

use super::Errors;
use crate::model::Job;

/// Takes a Job as programs have it that speak with Kubernetes by `kube` or `k8s-openapi`.
///
/// ```
/// use dryjob::Job;
/// use k8s_openapi::api::batch::v1::{Job as Theirs, JobSpec};
/// use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
/// use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
///
/// let container = Container {
///     name: "main".to_owned(),
///     image: Some("train".to_owned()),
///     ..Container::default()
/// };
/// let pod = PodSpec { containers: vec![container], ..PodSpec::default() };
/// let mut theirs = Theirs {
///     metadata: ObjectMeta { name: Some("train".to_owned()), ..ObjectMeta::default() },
///     spec: Some(JobSpec {
///         completions: Some(3),
///         template: PodTemplateSpec { spec: Some(pod), ..PodTemplateSpec::default() },
///         ..JobSpec::default()
///     }),
///     ..Theirs::default()
/// };
/// let refused = Job::try_from(&theirs).unwrap_err();
/// assert!(refused.to_string().contains("spec.template.spec.restartPolicy: Required value"));
///
/// let pod = theirs.spec.as_mut().and_then(|spec| spec.template.spec.as_mut());
/// pod.expect("it has a pod").restart_policy = Some("Never".to_owned());
/// let job = Job::try_from(&theirs)?;
/// assert_eq!((job.spec.completions, job.spec.backoff_limit), (Some(3), 6));
/// # Ok::<(), dryjob::manifest::Errors>(())
/// ```
impl TryFrom<&v1::Job> for Job {
    type Error = Errors;

    fn try_from(job: &v1::Job) -> Result<Self, Errors> {
        Self::from_object(job)
    }
}

/// Takes a `CronJob` as the Job that it would make.
impl TryFrom<&v1::CronJob> for Job {
    type Error = Errors;

    fn try_from(cron: &v1::CronJob) -> Result<Self, Errors> {
        Self::from_object(cron)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = include_str!("../../tests/fixtures/decode/job.yaml");

    #[test]
    fn a_job_survives_the_way_through_their_types() {
        let theirs: v1::Job = serde_yaml::from_str(YAML).unwrap();
        assert_eq!(
            Job::try_from(&theirs).unwrap(),
            Job::from_yaml(YAML).unwrap()
        );
    }

    #[test]
    fn a_cron_job_is_the_job_that_it_would_make() {
        let job: v1::Job = serde_yaml::from_str(YAML).unwrap();
        let spec = v1::CronJobSpec {
            schedule: "@daily".to_owned(),
            job_template: v1::JobTemplateSpec {
                spec: job.spec,
                ..Default::default()
            },
            ..Default::default()
        };
        let mut theirs = v1::CronJob {
            metadata: job.metadata,
            spec,
            status: None,
        };
        let (made, job) = (
            Job::try_from(&theirs).unwrap(),
            Job::from_yaml(YAML).unwrap(),
        );
        // The labels by which it finds its pods come when it is made.
        let containers = |job: &Job| job.spec.template.containers.clone();
        assert_eq!(containers(&made), containers(&job));
        assert_eq!(made.spec.backoff_limit_per_index, Some(2));
        theirs.spec.schedule.clear();
        assert!(Job::try_from(&theirs).unwrap_err().is_invalid());
    }
}
