//! Stand-in.
#![allow(missing_docs, dead_code, unused)]
mod checkpoint;
mod ending;
mod fate;
mod flaw;
mod memory;
mod queue;
mod stop;
mod words;
use crate::base::stream::within;
use crate::base::*;
use crate::model::*;
pub use ending::*;
pub use fate::*;
pub use memory::*;
pub use stop::*;
#[derive(Debug)]
pub struct Site<'a> {
    pub key: &'a Key,
    pub job_entity: u64,
    pub node_name: Option<&'a str>,
    pub container: Option<&'a Container>,
}
#[derive(Debug, Default)]
pub struct Crew {
    casts: Vec<Vec<Fate>>,
}
impl Crew {
    pub fn cast(&mut self, _job: &Job, fates: &[Fate]) {
        self.casts.push(fates.to_vec());
    }
    pub fn clear(&mut self) {}
    pub fn start(&mut self, _now: Instant, site: &Site<'_>, run: &ContainerRun) -> Course {
        let fates = &self.casts[run.job.slot()];
        let fate = fates
            .iter()
            .find(|f| f.whose.holds(run.index, run.nth, run.run))
            .or(fates.last());
        let Some(fate) = fate else {
            return Course::Stays;
        };
        let p = &fate.others;
        let e = within(
            within(
                within(site.job_entity, u64::from(run.index.unwrap_or(0))),
                u64::from(run.nth),
            ),
            u64::from(run.run),
        );
        let span = match &p.work {
            Work::For(l) | Work::Piece(l) => l.draw(&mut site.key.stream(e, Purpose::Fate)),
            _ => return Course::Stays,
        };
        let mut s = site.key.stream(e, Purpose::Tie);
        for (c, f) in &p.endings {
            if c.hits(&mut s) {
                return Course::Exits(span, f.ending.exit());
            }
        }
        Course::Exits(span, Exit::COMPLETED)
    }
    pub fn go_on(&mut self, _now: Instant, _s: &Site<'_>, _r: &ContainerRun) -> Course {
        Course::Stays
    }
    pub fn on_stop(&mut self, _now: Instant, _s: &Site<'_>, _r: &ContainerRun) -> OnStop {
        OnStop::Exits(Span::ZERO, Exit::with(143))
    }
    pub fn ended(&mut self, _now: Instant, _s: &Site<'_>, _r: &ContainerRun, _e: Exit) {}
    pub fn hook(
        &mut self,
        _now: Instant,
        _s: &Site<'_>,
        _r: &ContainerRun,
        _t: HookTurn,
    ) -> HookEnd {
        HookEnd::AT_ONCE
    }
    pub fn answer(
        &mut self,
        _now: Instant,
        _s: &Site<'_>,
        _r: &ContainerRun,
        _p: ProbeKind,
    ) -> Answer {
        Answer::GOOD
    }
}
