//! What a trial costs: what its pods request, for as long as they hold it, at a price an hour.

use super::interval::Estimate;
use crate::model::Resources;
use serde::{Deserialize, Serialize};

const MICROS_PER_HOUR: f64 = 3.6e9;
const GIB: f64 = 1_073_741_824.0;

/// Prices an hour, in whatever money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prices {
    /// Of a core.
    pub core: f64,
    /// Of a GiB of memory.
    pub gib: f64,
    /// Of a GPU: of each whole device that is requested as `VENDOR/gpu`.
    pub gpu: f64,
}

/// What one pod costs in an hour on a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Price {
    /// In the money of the prices.
    pub per_hour: f64,
}

impl Prices {
    /// Whether anything costs something.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }

    /// What a pod costs that requests so much.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // quantities far below 2⁵³
    pub fn of(&self, requests: &Resources) -> Price {
        let cores = requests.milli_cpu.unwrap_or(0) as f64 / 1000.0;
        let gib = requests.memory.unwrap_or(0) as f64 / GIB;
        let others = requests.others.iter();
        let gpus = others.filter(|it| it.0.ends_with("/gpu")).map(|it| it.1);
        let gpus = gpus.fold(0.0, |sum, it| sum + *it as f64);
        Price {
            per_hour: cores * self.core + gib * self.gib + gpus * self.gpu,
        }
    }
}

impl Price {
    /// What so much pod-time in microseconds costs.
    #[must_use]
    pub fn of(self, time: Estimate) -> Estimate {
        let cost = |micros: f64| micros / MICROS_PER_HOUR * self.per_hour;
        Estimate {
            value: cost(time.value),
            low: cost(time.low),
            high: cost(time.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_half_a_core_costs_half_the_price() {
        let requests = Resources {
            milli_cpu: Some(500),
            memory: Some(2 << 30),
            ..Resources::default()
        };
        let prices = Prices {
            core: 0.04,
            gib: 0.01,
            gpu: 3.0,
        };
        let price = prices.of(&requests);
        assert!((price.per_hour - 0.04).abs() < 1e-12);
        let hour = Estimate::normal(MICROS_PER_HOUR, 0.0);
        assert!((price.of(hour).value - 0.04).abs() < 1e-12);
    }
}
