//! **dryjob** predicts exactly what Kubernetes will do with a Job, in virtual time, without a
//! cluster: give it a manifest and what its containers do.
//!
//! ```
//! use dryjob::base::{Seed, Span};
//! use dryjob::model::{Job, PodScript, Release};
//! use dryjob::sim::Scenario;
//!
//! let job = Job::from_yaml(
//!     "
//! apiVersion: batch/v1
//! kind: Job
//! metadata: {name: train}
//! spec:
//!   completions: 8
//!   parallelism: 2
//!   backoffLimit: 6
//!   template:
//!     spec:
//!       restartPolicy: Never
//!       containers: [{name: main, image: train:1.0}]
//! ",
//! )?;                                                          // every problem at once
//!
//! let crashing = PodScript::lasting(Span::from_secs(30)).exiting("main", 42);
//! let run = Scenario::on(Release::V1_37).job(job, [crashing]).run(Seed(7))?;
//!
//! assert_eq!(run.ending().to_string(), "Failed: BackoffLimitExceeded after 9m5s");
//! assert_eq!(run.attempts().count(), 8);
//! println!("{}", run.timeline());
//! println!("{}", run.why());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What happened, record by record
//!
//! A [`report::Run`] keeps everything that happened as typed records, each with the rule behind
//! it. Records, attempts and endings serialise with serde.
//!
//! ```
//! # use dryjob::base::{Seed, Span};
//! # use dryjob::model::{Job, PodScript, Release, RuleId};
//! # use dryjob::sim::Scenario;
//! # let job = Job::from_yaml(include_str!("../tests/fixtures/patterns/data-processor.yaml"))?;
//! let failing = PodScript::lasting(Span::from_secs(20)).exiting("processor", 1).only([0, 1]);
//! let others = PodScript::lasting(Span::from_secs(60));
//! let run = Scenario::on(Release::LATEST).job(job, [failing, others]).run(Seed(1))?;
//!
//! let waits = run.records().filter(|entry| entry.rule() == Some(RuleId::Backoff)).count();
//! assert!(waits > 0, "two failures in a row mean 20 s without new pods");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Its status at any instant
//!
//! Runs are deterministic, so the past can be asked for by playing it again:
//!
//! ```
//! # use dryjob::base::{Instant, Span};
//! # use dryjob::model::{Job, JobId, PodScript, Release};
//! # use dryjob::sim::Scenario;
//! # let job = Job::from_yaml(include_str!("../tests/fixtures/patterns/data-processor.yaml"))?;
//! let scenario =
//!     Scenario::on(Release::LATEST).job(job, [PodScript::lasting(Span::from_secs(60))]);
//! let status = scenario.status_at(JobId(0), Instant::ORIGIN + Span::from_secs(90))?;
//! assert_eq!(status.map(|status| status.succeeded), Some(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What happens from outside
//!
//! Users patch and delete, pods are evicted, nodes are lost, requests fail, controllers restart:
//! see [`sim::Deed`] and [`sim::Fault`], or write a scenario file ([`scenario::ScenarioFile`]).
//!
//! ```
//! # use dryjob::base::{Seed, Span};
//! # use dryjob::model::{Job, PodScript, Release};
//! # use dryjob::sim::{Deed, PodLabel, Scenario};
//! # let job = Job::from_yaml(include_str!("../tests/fixtures/patterns/data-processor.yaml"))?;
//! let drained = Deed::Evict(PodLabel { index: None, nth: 1 });
//! let run = Scenario::on(Release::LATEST)
//!     .job(job, [PodScript::lasting(Span::from_secs(60))])
//!     .action(Span::from_secs(30), drained)
//!     .run(Seed(1))?;
//! assert!(run.ending().is_complete(), "one eviction costs one of four retries");
//! assert_eq!(run.attempts().count(), 11);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What can go wrong, and what it costs
//!
//! [`Scenario::matrix`] plays the Job once without trouble and once with each of many kinds of it,
//! and tells whether the pod counted as a failure, by which rule, when it was replaced, and what
//! was lost. `dryjob matrix` prints it as a table.
//!
//! ```
//! # use dryjob::base::Seed;
//! # use dryjob::model::{Job, Release, RuleId};
//! # use dryjob::sim::Scenario;
//! # use dryjob::workload::Fate;
//! # let job = Job::from_yaml(include_str!("../tests/fixtures/patterns/data-processor.yaml"))?;
//! use dryjob::report::matrix::Cause;
//!
//! let scenario = Scenario::on(Release::LATEST).workload(job, [Fate::lasting("20m")]);
//! let matrix = scenario.matrix_of(&[Cause::Drain, Cause::BadImage], Seed(1), |_, _| ())?;
//!
//! let drain = matrix.outcome(Cause::Drain).ok_or("it was asked for")?;
//! assert_eq!(drain.replaced.to_string(), "after 10s");
//! assert_eq!(drain.rules(), [RuleId::Counted, RuleId::Backoff]);
//! let image = matrix.outcome(Cause::BadImage).ok_or("it was asked for")?;
//! assert_eq!(image.ending_words(), "does not end: 3 Pending");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How likely, and when
//!
//! [`Scenario::forecast`] plays a scenario many times and adds up what became of it, the same for
//! any number of threads; [`Scenario::compare`] plays two on the same fates, and
//! [`forecast::solve`] looks for the smallest value that will do.
//!
//! ```
//! # use dryjob::base::Seed;
//! # use dryjob::model::{Job, Release};
//! # use dryjob::sim::Scenario;
//! # use dryjob::workload::Fate;
//! # let job = Job::from_yaml(include_str!("../tests/fixtures/patterns/data-processor.yaml"))?;
//! use dryjob::forecast::{Assertion, Plan, Price};
//!
//! let fate = Fate::lasting("lognormal(median=20m,p95=35m)").failing("2%", 42);
//! let scenario = Scenario::on(Release::LATEST).workload(job, [fate]);
//! let forecast = scenario.forecast(&Plan::new(Seed(1), 300))?;
//!
//! let budget: Assertion = "p95(duration) <= 2h".parse()?;
//! assert!(budget.check(&forecast.jobs[0].summary, Price::default()).holds);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Jobs of other programs
//!
//! [`Job::from_object`] takes whatever serialises as a Job. With the feature `k8s-openapi`,
//! `Job::try_from` takes the types of that crate, in the version that your program chooses for it;
//! the feature `k8s-openapi-latest` chooses the newest.
//!
//! # How faithful is it?
//!
//! The Job controller, the TTL controller and the API server's checks agree with recordings of
//! Kubernetes' own code, instant by instant, for releases 1.29 to 1.37; `dryjob conformance jobs`
//! plays them for anyone who wants to see. [`docs::semantics`] lists the rules and where releases
//! differ, [`docs::architecture`] tells how it is built and what is left out on purpose.

pub mod api;
pub mod base;
#[cfg(feature = "cli")]
pub mod cli;
pub mod control;
pub mod docs;
pub mod fault;
pub mod forecast;
pub mod kernel;
pub mod manifest;
pub mod model;
pub mod node;
pub mod report;
pub mod scenario;
pub mod schedule;
pub mod sim;
pub mod workload;

pub use base::{Seed, Span};
pub use model::{Job, PodScript, Release};
pub use report::Run;
pub use sim::Scenario;
