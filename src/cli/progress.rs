//! A line on the terminal about a run that takes a while.

use crate::base::Instant;
use crate::sim::World;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Runs that are over by then show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);
/// Instants between two looks at the clock.
const STRIDE: u32 = 1024;

/// Shows how far a run has come. What it shows depends on the clock; the run does not.
pub(super) struct Progress {
    bar: ProgressBar,
    instants: u32,
    shown: bool,
    about: String,
}

impl Progress {
    /// Shows nothing yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "{spinner} {msg} of virtual time, {human_pos} events, {per_sec}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            instants: 0,
            shown: false,
            about: String::new(),
        }
    }

    /// Of several runs, the next one begins.
    pub(super) fn begin(&mut self, about: &str) {
        self.about = format!("{about}: ");
    }

    /// The run has come so far.
    pub(super) fn observe(&mut self, world: &World) {
        self.instants = self.instants.wrapping_add(1);
        if self.instants % STRIDE != 0 {
            return;
        }
        if !self.shown && self.bar.elapsed() > PATIENCE {
            self.shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(TICK);
        }
        if self.shown {
            let passed = world.now().since(Instant::ORIGIN + world.scenario().start);
            self.bar.set_position(world.counts().events);
            self.bar.set_message(format!("{}{passed}", self.about));
        }
    }

    /// Takes the line off the terminal.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// Shows how many trials have been played, and how long the rest will take.
pub(super) struct Trials {
    bar: ProgressBar,
    shown: AtomicBool,
}

impl Trials {
    /// Shows nothing yet; so many trials are to be played, at most.
    pub(super) fn new(trials: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(trials), ProgressDrawTarget::hidden());
        let template = "{bar:30} {human_pos} of {human_len} trials, {per_sec}, {eta} left {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            shown: AtomicBool::new(false),
        }
    }

    /// Of several forecasts, the next one begins.
    pub(super) fn begin(&self, about: &str) {
        self.bar.set_message(about.to_owned());
        self.bar.set_position(0);
    }

    /// So many trials are to be played after all.
    pub(super) fn lengthen(&self, trials: u64) {
        self.bar.set_length(trials);
        self.bar.set_position(0);
    }

    /// So many trials have been played.
    pub(super) fn played(&self, trials: u64) {
        let shown = self.shown.load(Ordering::Relaxed);
        if !shown && self.bar.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if shown {
            self.bar.set_position(trials);
        }
    }

    /// Takes the line off the terminal.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
