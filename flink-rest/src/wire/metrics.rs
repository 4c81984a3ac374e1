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

    /// The aggregates, NaN where there is none.
    pub fn aggregated(&self) -> AggregatedMetric {
        AggregatedMetric { min: self.min.0, max: self.max.0, avg: self.avg.0, sum: self.sum.0, skew: self.skew.0 }
    }
}
