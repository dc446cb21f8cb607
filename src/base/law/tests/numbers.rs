//! The functions under the laws, held against tables.

use super::*;

#[test]
#[allow(clippy::excessive_precision)] // as many digits as there are in the tables
fn the_normal_quantile_has_fifteen_digits() {
    for (p, want) in [
        (1e-300, -37.047096299361199),
        (1e-30, -11.464024688443616),
        (1e-10, -6.3613409024040562),
        (0.001, -3.0902323061678135),
        (0.02425, -1.9729610513118848),
        (0.074, -1.4466320671589785),
        (0.076, -1.4325027208258116),
        (0.3, -0.52440051270804082),
        (0.5, 0.0),
        (0.6, 0.25334710313579974),
        (0.924, 1.4325027208258119),
        (0.926, 1.4466320671589788),
        (0.999, 3.0902323061678133),
        (0.9999999999, 6.3613408896974219),
    ] {
        let got = normal::quantile(p);
        assert!(
            (got - want).abs() <= 2e-15 * want.abs().max(0.1),
            "{p}: {got}"
        );
    }
    let ends = [normal::quantile(0.0), normal::quantile(1.0)];
    assert!(ends.iter().all(|it| it.is_infinite()) && ends[0] < ends[1]);
}

#[test]
#[allow(clippy::excessive_precision)] // as many digits as there are in the tables
fn the_incomplete_gamma_function_has_twelve_digits() {
    for (a, x, want) in [
        (0.1, 0.01, 0.66262125995447981),
        (0.1, 3.0, 0.99843472825288565),
        (1.0, 1.0, 0.63212055882855768),
        (2.5, 0.001, 9.5085345986079493e-9),
        (2.5, 3.4, 0.76405546230547862),
        (2.5, 3.6, 0.79381408029044411),
        (100.0, 90.0, 0.15822098918643017),
        (100.0, 120.0, 0.97213626010947934),
        (1000.0, 1000.0, 0.50420524418021551),
        (1000.0, 1100.0, 0.99894067674607002),
        (1000.0, 900.0, 0.00054990226571178292),
    ] {
        let got = gamma::lower(a, x);
        assert!((got - want).abs() <= 2e-12 * want, "{a} {x}: {got}");
    }
}
