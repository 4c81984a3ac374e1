//! `…/metrics`: names without a query, values with one.

use autoscaler_core::observation::AggregatedMetric;
use serde::Deserialize;

use super::number::Lenient;

/// One metric's name.
#[derive(Debug, Deserialize)]
pub struct MetricName {
    /// The name.
    pub id: String,
}

/// One metric's value: a single one, or aggregates.
#[derive(Clone, Debug, Deserialize)]
pub struct MetricValue {
    /// The name.
    pub id: String,
    #[serde(default)]
    value: Lenient,
    #[serde(default)]
    min: Lenient,
    #[serde(default)]
    max: Lenient,
    #[serde(default)]
    avg: Lenient,
    #[serde(default)]
    sum: Lenient,
    #[serde(default)]
    skew: Lenient,
}

impl MetricValue {
    /// The single value, NaN if there is none.
    pub fn value(&self) -> f64 {
        self.value.0
    }

    /// The aggregates, NaN where there is none. A rate below 0 is none.
    pub fn aggregated(&self) -> AggregatedMetric {
        let is_rate = self.id.ends_with("PerSecond");
        let known = |number: Lenient| if is_rate && number.0 < 0.0 { f64::NAN } else { number.0 };
        AggregatedMetric {
            min: known(self.min),
            max: known(self.max),
            avg: known(self.avg),
            sum: known(self.sum),
            skew: self.skew.0,
        }
    }
}
