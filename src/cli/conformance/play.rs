//! Plays a recording of each suite, and holds what happens against what is recorded.

use super::super::failure::{Code, Failure};
use super::super::replay::{self, BUDGET};
use super::super::tell;
use super::difference::{Comparison, Timed};
use super::{Answer, Steps, Task};
use crate::base::Span;
use crate::report::cluster_steps::ClusterStepRecorder;
use crate::report::scheduler_steps::SchedulerStep;
use crate::report::steps::StepRecorder;
use crate::sim::{BareWorld, World};

/// The most instants of a recording of the scheduler.
const INSTANTS: u32 = 10_000_000;

impl Task {
    pub(super) fn play(&self) -> Answer {
        match self.suite {
            Steps::Jobs => self.play_jobs(),
            Steps::Cluster => self.play_cluster(),
            Steps::Scheduler => self.play_scheduler(),
        }
    }

    fn play_jobs(&self) -> Answer {
        let mut recording = self.line.recording(self.release)?;
        let steps = self.recorded(recording.steps.take())?;
        let tolerance = recording.tolerance();
        recording.scenario.budget = BUDGET;
        let mut world = World::new(recording.scenario);
        let mut recorder = StepRecorder::new();
        let mut more = || {
            let goes_on = world.step(&mut recorder);
            (recorder.take_steps(), goes_on)
        };
        let difference = compare(&steps, tolerance, &mut more);
        self.answer(&recording.id, difference, &world)
    }

    fn play_cluster(&self) -> Answer {
        let mut recording = self.line.cluster_recording(self.release)?;
        let steps = self.recorded(recording.steps.take())?;
        recording.scenario.budget = BUDGET;
        let mut world = World::new(recording.scenario);
        let mut recorder = ClusterStepRecorder::new();
        let mut more = || {
            let goes_on = world.step(&mut recorder);
            (recorder.take_steps(), goes_on)
        };
        let difference = compare(&steps, Span::ZERO, &mut more);
        self.answer(&recording.id, difference, &world)
    }

    fn play_scheduler(&self) -> Answer {
        let mut recording = self.line.scheduler_recording(self.release)?;
        let steps = self.recorded(recording.steps.take())?;
        let mut world = BareWorld::new(recording.scenario);
        let mut left = INSTANTS;
        let mut more = || {
            left = left.saturating_sub(1);
            match world.step().filter(|_| left > 0) {
                None => (Vec::new(), false),
                Some(moments) => {
                    let all = moments.iter().map(|it| SchedulerStep::of(it, &world));
                    (all.filter(|it| !it.is_empty()).collect(), true)
                }
            }
        };
        let difference = compare(&steps, Span::ZERO, &mut more);
        if left == 0 {
            let place = &self.line.place;
            return Err(Failure::Sentence(
                Code::Limit,
                format!("{place}: stopped: more than {INSTANTS} instants are too many"),
            ));
        }
        Ok(difference.map(|text| self.told(&recording.id, &text)))
    }

    fn recorded<S>(&self, steps: Option<Vec<S>>) -> Result<Vec<S>, Failure> {
        let what = "there are no steps to compare with";
        let refuse = || Failure::unreadable(format!("{}: {what}", self.line.place));
        steps.ok_or_else(refuse)
    }

    fn answer(&self, id: &str, difference: Option<String>, world: &World) -> Answer {
        if world.is_spent() {
            let sentence = replay::spent(&self.line, world);
            return Err(Failure::Sentence(Code::Limit, sentence));
        }
        Ok(difference.map(|text| self.told(id, &text)))
    }

    fn told(&self, id: &str, text: &str) -> String {
        let head = format!("{id} (Kubernetes {})", self.release);
        let head = tell::bold(&tell::harmless(&head));
        format!("{}: {head}: {text}", self.line.place)
    }
}

/// The first difference, if there is one. Each call gives more steps, and whether there may be
/// others after them.
fn compare<S: Timed>(
    expected: &[S],
    tolerance: Span,
    more: &mut dyn FnMut() -> (Vec<S>, bool),
) -> Option<String> {
    let mut comparison = Comparison::new(expected, tolerance);
    loop {
        let (steps, goes_on) = more();
        let difference = steps.iter().find_map(|step| comparison.next(step));
        if difference.is_some() {
            return difference;
        }
        if !goes_on {
            return comparison.end();
        }
    }
}
