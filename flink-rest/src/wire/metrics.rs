//! `…/metrics`: names without a query, values with one.

use std::borrow::Cow;

use autoscaler_core::observation::AggregatedMetric;
use serde::{Deserialize, Serialize};

use super::number::Lenient;

/// One metric's name.
#[derive(Debug, Deserialize)]
pub struct MetricName<'a> {
    /// The name, copied only where it is escaped in the JSON.
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

/// One metric's value: a single one, or aggregates.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct MetricValue {
    /// The name.
    pub id: String,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    value: Lenient,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    min: Lenient,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    max: Lenient,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    avg: Lenient,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    sum: Lenient,
    #[serde(default, skip_serializing_if = "Lenient::is_unknown")]
    skew: Lenient,
}

impl MetricValue {
    /// A metric with a single value.
    pub fn single(id: &str, value: f64) -> Self {
        Self { value: Lenient(value), ..Self::aggregates(id, AggregatedMetric::default()) }
    }

    /// A metric with aggregates.
    pub fn aggregates(id: &str, metric: AggregatedMetric) -> Self {
        let AggregatedMetric { min, max, avg, sum, skew } = metric;
        let [min, max, avg, sum, skew] = [min, max, avg, sum, skew].map(Lenient);
        Self { id: id.to_owned(), value: Lenient::default(), min, max, avg, sum, skew }
    }

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
