//! Numbers and spans as JSON has them.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler_core::metric::{EvaluatedMetrics, ScalingMetric};
use serde::Serialize;
use utoipa::ToSchema;

/// A number that JSON has; none where it is not known or without a bound.
pub(super) fn number(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

pub(super) fn seconds(span: Duration) -> f64 {
    span.as_secs_f64()
}

/// A metric.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Metric {
    /// Its latest value.
    current: Option<f64>,
    /// Its mean over the window.
    average: Option<f64>,
}

/// Evaluated metrics by the Java autoscaler's names of them.
pub(super) type Metrics = BTreeMap<&'static str, Metric>;

pub(super) fn metrics(metrics: &EvaluatedMetrics) -> Metrics {
    let metric = |value: autoscaler_core::metric::EvaluatedScalingMetric| Metric {
        current: number(value.current),
        average: number(value.average),
    };
    metrics.iter().map(|(name, value)| (name.name(), metric(value))).collect()
}

/// Collected values by the Java autoscaler's names of the metrics.
pub(super) type Values = BTreeMap<&'static str, Option<f64>>;

pub(super) fn values(sample: impl Iterator<Item = (ScalingMetric, f64)>) -> Values {
    sample.map(|(name, value)| (name.name(), number(value))).collect()
}
