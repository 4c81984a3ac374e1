//! What was evaluated in one cycle.

use super::{ScalingMetric, is_same};

/// A metric's latest value and its average over the window; NaN where there is none. NaN is equal to NaN.
#[derive(Clone, Copy, Debug)]
pub struct EvaluatedScalingMetric {
    /// The latest value.
    pub current: f64,
    /// The average over the window.
    pub average: f64,
}

impl PartialEq for EvaluatedScalingMetric {
    fn eq(&self, other: &Self) -> bool {
        is_same(self.current, other.current) && is_same(self.average, other.average)
    }
}

impl EvaluatedScalingMetric {
    /// A metric that has only a latest value.
    pub fn current(value: f64) -> Self {
        Self { current: value, average: f64::NAN }
    }

    /// A metric that has only an average.
    pub fn average(value: f64) -> Self {
        Self { current: f64::NAN, average: value }
    }
}

/// Evaluated metrics, in the order of [`ScalingMetric::ALL`] whatever the order they were set in; about a dozen, so a
/// sorted list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluatedMetrics {
    entries: Vec<(ScalingMetric, EvaluatedScalingMetric)>,
}

impl EvaluatedMetrics {
    /// No metrics, with room for some.
    pub(crate) fn with_capacity(metrics: usize) -> Self {
        Self { entries: Vec::with_capacity(metrics) }
    }

    /// Where the metric stands, or would.
    fn position(&self, metric: ScalingMetric) -> usize {
        self.entries.partition_point(|(there, _)| *there < metric)
    }

    /// The metric, if there is one.
    pub fn get(&self, metric: ScalingMetric) -> Option<EvaluatedScalingMetric> {
        self.entries.get(self.position(metric)).filter(|(there, _)| *there == metric).map(|(_, value)| *value)
    }

    /// The metric's latest value, NaN if there is none.
    pub fn current(&self, metric: ScalingMetric) -> f64 {
        self.get(metric).map_or(f64::NAN, |value| value.current)
    }

    /// The metric's average, NaN if there is none.
    pub fn average(&self, metric: ScalingMetric) -> f64 {
        self.get(metric).map_or(f64::NAN, |value| value.average)
    }

    /// Sets a metric.
    pub fn set(&mut self, metric: ScalingMetric, value: EvaluatedScalingMetric) {
        let position = self.position(metric);
        match self.entries.get_mut(position) {
            Some((there, slot)) if *there == metric => *slot = value,
            _ => self.entries.insert(position, (metric, value)),
        }
    }

    /// Takes a metric away.
    pub fn remove(&mut self, metric: ScalingMetric) {
        self.entries.retain(|(name, _)| *name != metric);
    }

    /// All metrics.
    pub fn iter(&self) -> impl Iterator<Item = (ScalingMetric, EvaluatedScalingMetric)> {
        self.entries.iter().copied()
    }
}

impl FromIterator<(ScalingMetric, EvaluatedScalingMetric)> for EvaluatedMetrics {
    fn from_iter<T: IntoIterator<Item = (ScalingMetric, EvaluatedScalingMetric)>>(entries: T) -> Self {
        let mut metrics = Self::default();
        entries.into_iter().for_each(|(metric, value)| metrics.set(metric, value));
        metrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_of_content() {
        let load = (ScalingMetric::Load, EvaluatedScalingMetric::average(0.5));
        let lag = (ScalingMetric::Lag, EvaluatedScalingMetric::current(7.0));
        let forward = EvaluatedMetrics::from_iter([load, lag]);
        assert_eq!(forward, EvaluatedMetrics::from_iter([lag, load]));
        assert_ne!(forward, EvaluatedMetrics::from_iter([load]));
        assert_ne!(forward, EvaluatedMetrics::from_iter([load, (lag.0, EvaluatedScalingMetric::current(8.0))]));
        assert_eq!(forward.iter().map(|(metric, _)| metric).collect::<Vec<_>>(), [load.0, lag.0]);
    }
}
