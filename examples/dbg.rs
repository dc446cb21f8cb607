#![allow(missing_docs)]
use dryjob::api::*;
use dryjob::base::*;
use dryjob::model::*;
use dryjob::node::Pace;
use dryjob::sim::*;
use dryjob::workload::*;
struct R(Gauge);
impl Recorder for R {
    const HEARS_EVENTS: bool = false;
    fn wrote(&mut self, now: Instant, api: &ApiServer, n: &Notice) {
        self.0.wrote(now, api, n);
        match n {
            Notice::Pod(c) => println!(
                "{:>10} pod {} {:?}->{:?} ready {:?} del {:?} fin {:?}",
                now.micros(),
                c.id.0,
                c.old.map(|p| p.phase),
                c.new.map(|p| p.phase),
                c.new.map(|p| p.is_ready()),
                c.new.and_then(|p| p.deletion),
                c.new.map(|p| p.finalizer)
            ),
            Notice::Job(j, ch) => {
                let s = &api.job(*j).status;
                println!(
                    "{:>10} JOB {:?} a{} r{:?} t{:?} s{} f{} {:?}",
                    now.micros(),
                    ch,
                    s.active,
                    s.ready,
                    s.terminating,
                    s.succeeded,
                    s.failed,
                    s.conditions.iter().map(|c| c.kind).collect::<Vec<_>>()
                )
            }
            _ => {}
        }
    }
    fn decided(
        &mut self,
        now: Instant,
        api: &ApiServer,
        job: JobId,
        d: &dryjob::control::job::Decision,
    ) {
        self.0.decided(now, api, job, d);
        println!("{:>10} {:?}", now.micros(), d);
    }
}
fn main() {
    let job = Job::from_yaml("{apiVersion: batch/v1, kind: Job, metadata: {name: plain}, spec: {parallelism: 2, completions: 6, completionMode: Indexed, backoffLimitPerIndex: 2, maxFailedIndexes: 1, template: {spec: {restartPolicy: Never, containers: [{name: main, image: app}]}}}}").unwrap();
    let a = Fate::of(Process::lasting("10s").failing("100%", 1)).for_nth(0..=1);
    let b = Fate::of(
        Process::lasting("exponential(mean=30s)")
            .failing("100%", 3)
            .failing("0%", 4)
            .hazard("exponential(mean=90s)", 137),
    );
    let mut s = Scenario::on(Release::V1_31)
        .workload(job, [a, b])
        .limits(Limits::IDEAL);
    s.pace = if std::env::args().nth(1).as_deref() == Some("ideal") {
        Pace::ideal()
    } else {
        Pace::quiet()
    };
    let mut w = World::seeded(s.clone(), Seed(9717914935289596879), 0);
    let mut r = R(Gauge::default());
    w.play_until_ended(&mut r);
    r.0.finish(w.now());
    println!("{:?}", r.0.outcomes()[0]);
    println!(
        "{:?}",
        PlainWorld::of(&s)
            .unwrap()
            .play(Seed(9717914935289596879), 0)
    );
}
