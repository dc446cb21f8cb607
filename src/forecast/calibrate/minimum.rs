//! The minimum of a function of two numbers, found without derivatives.

type Point = [f64; 2];

/// Steps after which a search ends wherever it is; 60 to 100 are usual.
const MOST_STEPS: u32 = 400;

/// Nelder and Mead, "A Simplex Method for Function Minimization" (1965), from a start and with
/// first steps of that size, until the triangle is smaller than a ten thousandth.
pub(super) fn minimum(start: Point, step: f64, of: impl Fn(Point) -> f64) -> Point {
    let corner = |at: Point| (of(at), at);
    let [x, y] = start;
    let mut corners = [start, [x + step, y], [x, y + step]].map(corner);
    for _ in 0..MOST_STEPS {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [best, middle, worst] = corners;
        let width = |one: Point, other: Point| {
            let far = |at: usize| (one[at] - other[at]).abs();
            far(0).max(far(1))
        };
        if width(best.1, middle.1).max(width(best.1, worst.1)) < 1e-4 {
            break;
        }
        // On the line from the worst corner through the middle of the two others.
        let along = |share: f64| {
            corner([0, 1].map(|at| {
                let centre = f64::midpoint(best.1[at], middle.1[at]);
                centre + share * (centre - worst.1[at])
            }))
        };
        let mirrored = along(1.0);
        let next = if mirrored.0 < best.0 {
            let further = along(2.0);
            if further.0 < mirrored.0 {
                further
            } else {
                mirrored
            }
        } else if mirrored.0 < middle.0 {
            mirrored
        } else if mirrored.0 < worst.0 {
            along(0.5)
        } else {
            along(-0.5)
        };
        if next.0 < worst.0 {
            corners[2] = next;
        } else {
            let halfway = |it: Point| [0, 1].map(|at| f64::midpoint(best.1[at], it[at]));
            corners = [best, corner(halfway(middle.1)), corner(halfway(worst.1))];
        }
    }
    corners.sort_by(|a, b| a.0.total_cmp(&b.0));
    corners[0].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_end_of_a_narrow_valley() {
        let valley = |[x, y]: Point| {
            let (across, along) = (y - x * x, 1.0 - x);
            100.0 * across * across + along * along
        };
        let [x, y] = minimum([-1.2, 1.0], 0.5, valley);
        assert!((x - 1.0).abs() < 1e-3 && (y - 1.0).abs() < 1e-3, "{x} {y}");
    }

    #[test]
    fn ends_where_there_is_no_minimum() {
        let [x, _] = minimum([0.0, 0.0], 0.1, |[x, y]| -x - y);
        assert!(x > 0.0);
        let [x, _] = minimum([0.0, 0.0], 0.1, |_| f64::NAN);
        assert!(x.is_finite());
    }
}
