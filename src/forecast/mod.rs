//! Forecasts: what many trials of a scenario come to.
//!
#![doc = include_str!("../docs/forecast.md")]

mod compare;
mod cost;
mod distribution;
mod document;
mod grid;
mod html;
mod interval;
mod measure;
mod metric;
mod plan;
mod result;
mod solve;
mod summary;
mod table;
mod trials;

pub use compare::{Comparison, Differences, Pair, Parted};
pub use cost::{Price, Prices};
pub use distribution::{Bucket, Distribution, Quantile};
pub use document::Report;
pub use grid::{Axis, MOST_POINTS, Point, Sweep};
pub use interval::{Estimate, QuantileEstimate};
pub use measure::{Assertion, Event, Finding, Measure, Measured, Scale, Sign};
pub use metric::{Metric, Unit};
pub use plan::{Plan, PreciseIn, Precision, Shard};
pub use result::{Forecast, ForecastError, JobForecast};
pub use solve::{Goal, Solution, Tried, solve};
pub use summary::{Summary, Worst};
