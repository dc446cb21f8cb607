//! What the life of a plain pod costs: from its binding to its end, with the writes of its status.

use divan::{AllocProfiler, Bencher};
use dryjob::api::{ApiServer, Notice};
use dryjob::base::{Instant, Key, Seed, Span};
use dryjob::model::{
    ContainerRun, Course, Exit, Job, JobId, NodeId, OnStop, PodId, PodNews, Release,
};
use dryjob::node::{Cx, Kubelets, Pace, Processes, Surroundings, Wake};
use std::sync::Arc;

/// Counts allocations: a warm cluster makes none.
#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Every container runs for a minute and exits with 0.
struct Minute;

impl Processes for Minute {
    fn start(&mut self, _: Instant, _: &ContainerRun) -> Course {
        Course::Exits(Span::from_secs(60), Exit::COMPLETED)
    }
    fn go_on(&mut self, _: Instant, _: &ContainerRun) -> Course {
        Course::Stays
    }
    fn on_stop(&mut self, _: Instant, _: &ContainerRun) -> OnStop {
        OnStop::Ignores
    }
    fn ended(&mut self, _: Instant, _: &ContainerRun, _: Exit) {}
}

impl Surroundings for Minute {}

/// A cluster with one Job.
struct Cluster {
    api: ApiServer,
    kubelets: Kubelets,
    job: JobId,
    key: Key,
    wakes: Vec<(PodId, Wake)>,
    news: Vec<(PodId, PodNews)>,
    notices: Vec<Notice>,
    described: Arc<Job>,
}

impl Cluster {
    fn new(release: Release) -> Self {
        let text = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: bench}\nspec:\n  \
                    template:\n    spec:\n      restartPolicy: Never\n      \
                    containers: [{name: main, image: \"bench:1\"}]\n";
        let described = Arc::new(Job::from_yaml(text).expect("the manifest is valid"));
        let mut api = ApiServer::new(release);
        let job = api.create_job(Instant::ORIGIN, Arc::clone(&described));
        Self {
            api,
            kubelets: Kubelets::new(release, Pace::quiet()),
            job,
            key: Key::new(Seed(1), 0),
            wakes: Vec::new(),
            news: Vec::new(),
            notices: Vec::new(),
            described,
        }
    }

    fn clear(&mut self) {
        self.api.clear();
        self.kubelets.clear();
        self.job = self
            .api
            .create_job(Instant::ORIGIN, Arc::clone(&self.described));
    }

    /// A pod, bound.
    fn pod(&mut self) -> PodId {
        let id = self
            .api
            .create_pod(Instant::ORIGIN, self.job, None, None, None);
        // It is there, and nobody has bound it.
        let _ = self.api.bind_pod(id, NodeId::SOMEWHERE);
        self.api.take_notices(&mut self.notices);
        self.notices.clear();
        id
    }

    /// The pod's life; how often it was woken.
    fn live(&mut self, id: PodId) -> u32 {
        let (mut now, mut woken) = (Instant::ORIGIN, 0);
        let mut wake = None;
        loop {
            let mut cx = Cx {
                clock: Span::ZERO,
                api: &mut self.api,
                outside: &mut Minute,
                key: &self.key,
                wakes: &mut self.wakes,
                news: &mut self.news,
            };
            match wake {
                None => self.kubelets.bound(now, id, &mut cx),
                Some(stamp) => self.kubelets.wake(now, id, stamp, &mut cx),
            }
            self.api.take_notices(&mut self.notices);
            self.notices.clear();
            self.news.clear();
            let Some((_, next)) = self.wakes.pop() else {
                return woken;
            };
            now += next.after;
            wake = Some(next.stamp);
            woken += 1;
        }
    }
}

const PODS: u32 = 1000;

/// A thousand pods, one after the other, in a warm cluster.
#[divan::bench(args = [Release::V1_31, Release::V1_37])]
fn lives_of_1000_plain_pods(bencher: Bencher<'_, '_>, release: Release) {
    let mut cluster = Cluster::new(release);
    bencher.bench_local(|| {
        cluster.clear();
        (0..PODS)
            .map(|_| {
                let id = cluster.pod();
                cluster.live(id)
            })
            .sum::<u32>()
    });
}

/// The same without the lives: what creating and binding them costs.
#[divan::bench]
fn bindings_of_1000_pods(bencher: Bencher<'_, '_>) {
    let mut cluster = Cluster::new(Release::LATEST);
    bencher.bench_local(|| {
        cluster.clear();
        (0..PODS).map(|_| cluster.pod().0).sum::<u32>()
    });
}
