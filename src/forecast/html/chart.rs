//! Charts as SVG: how long trials took, and the share that has ended by then.

use super::super::measure::Scale;
use super::super::metric::Metric;
use super::super::summary::Summary;
use super::super::table::as_float;
use std::fmt::Write as _;

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 220.0;
/// Room for what is written at the left, and below.
const LEFT: f64 = 44.0;
const BELOW: f64 = 24.0;
const BARS: usize = 60;
const MARKS: u32 = 6;

/// A histogram of the durations, with their distribution function over it.
pub(super) fn durations(it: &Summary) -> String {
    let seen = it.metric(Metric::Duration);
    let (Some(min), Some(max)) = (seen.min(), seen.max()) else {
        return String::new();
    };
    let (from, to) = (as_float(min), as_float(max).max(as_float(min) + 1e6));
    let x = |micros: f64| LEFT + (micros - from) / (to - from) * (WIDTH - LEFT);
    let y = |share: f64| HEIGHT - share * (HEIGHT - 10.0);
    let mut counts = [0_u64; BARS];
    let mut curve = format!("M{:.1} {:.1}", x(from), y(0.0));
    let mut ended = 0;
    for bucket in seen.buckets() {
        counts[bar_of(as_float(bucket.most), from, to)] += bucket.count;
        ended += bucket.count;
        let share = as_float(ended) / as_float(it.trials);
        let _ = write!(curve, "H{:.1}V{:.1}", x(as_float(bucket.most)), y(share));
    }
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\">\n",
        HEIGHT + BELOW
    );
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let width = (WIDTH - LEFT) / as_float(BARS as u64);
    for (bar, count) in (0_u64..).zip(counts) {
        let top = y(as_float(count) / as_float(most));
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" \
             fill=\"var(--bar)\" opacity=\".45\"/>",
            LEFT + as_float(bar) * width,
            width - 1.0,
            HEIGHT - top
        );
    }
    let _ = writeln!(
        svg,
        "<path d=\"{curve}\" fill=\"none\" stroke=\"var(--good)\" stroke-width=\"1.5\"/>"
    );
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\" \
             stroke=\"var(--line)\"/>\n<text x=\"{1}\" y=\"{2:.1}\" \
             text-anchor=\"end\">{3:.0}%</text>",
            y(share),
            LEFT - 6.0,
            y(share) + 4.0,
            share * 100.0
        );
    }
    for mark in 0..=MARKS {
        let micros = from + (to - from) * f64::from(mark) / f64::from(MARKS);
        let anchor = match mark {
            0 => "start",
            MARKS => "end",
            _ => "middle",
        };
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            x(micros),
            HEIGHT + 16.0,
            Scale::Time.words(micros)
        );
    }
    svg + "</svg>\n<p class=\"about\">bars: trials that ended then; line: the share that has ended \
           by then</p>\n"
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to BARS
fn bar_of(micros: f64, from: f64, to: f64) -> usize {
    let bar = (micros - from) / (to - from) * as_float(BARS as u64);
    (bar as usize).min(BARS - 1)
}
