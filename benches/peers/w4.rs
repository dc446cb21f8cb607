//! W4: the event queue alone. The least of many events is taken and put back later, again and
//! again; time, then age decide.

use super::{Clock, mix, report};
use dryjob::base::Instant;
use dryjob::kernel::EventQueue;

/// Increments: exponential draws of mean 1 s, so that drawing costs a look-up.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]
fn increments() -> Vec<i64> {
    let unit = |i: u64| ((mix(i + 1) >> 11) + 1) as f64 / 9_007_199_254_740_992.0;
    let draws = (0..65536).map(|i| (-libm::log(unit(i)) * 1e6) as i64 + 1);
    draws.collect()
}

pub(crate) fn play(size: u64, steps: u64) {
    let increments = increments();
    let increment = |k: u64| increments[usize::try_from(k & 65535).unwrap_or(0)];
    let mut queue = EventQueue::new();
    for n in 0..size {
        queue.push(Instant::from_micros(increment(mix(n))), 0, n);
    }
    let mut k = 0;
    let mut hold = |steps: u64| {
        let mut last = 0;
        for _ in 0..steps {
            let Some((at, n)) = queue.pop() else { break };
            k += 1;
            last = at.micros();
            queue.push(Instant::from_micros(last + increment(k)), 0, n);
        }
        last
    };
    // One round until the queue is as it stays.
    hold(size.min(steps));
    let mut clock = Clock::default();
    clock.start();
    let last = hold(steps);
    clock.stop();
    report("w4", size, steps, clock.total(), &last.to_string());
}
