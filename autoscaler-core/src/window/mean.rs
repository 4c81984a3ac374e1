//! Means over the window: of finite values, with a say for infinite ones.

use crate::metric::{ScalingMetric as M, VertexSample};

/// A mean in the making.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mean {
    sum: f64,
    count: i32,
    any_infinite: bool,
}

impl Mean {
    pub(super) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut mean = Self::default();
        values.for_each(|value| mean.add(value));
        mean
    }

    #[inline]
    fn add(&mut self, value: f64) {
        let is_finite = value.is_finite();
        // Adding 0 instead of leaving a value out keeps the loop free of branches.
        self.sum += if is_finite { value } else { 0.0 };
        self.count += i32::from(is_finite);
        self.any_infinite |= value.is_infinite();
    }

    /// The mean. Without finite values: infinite if there was an infinite one, else NaN. With fewer than
    /// `min_observations`: NaN (algorithm 3).
    pub(super) fn value(&self, min_observations: i32) -> f64 {
        if self.count == 0 {
            return if self.any_infinite { f64::INFINITY } else { f64::NAN };
        }
        if self.count < min_observations { f64::NAN } else { self.sum / f64::from(self.count) }
    }
}

/// The means that evaluation takes of one vertex.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct VertexMeans {
    load: Mean,
    records_in_per_second: Mean,
    observed_rate: Mean,
}

impl VertexMeans {
    #[inline]
    pub(super) fn add(&mut self, sample: &VertexSample) {
        self.load.add(sample.value(M::Load));
        self.records_in_per_second.add(sample.value(M::NumRecordsInPerSecond));
        self.observed_rate.add(sample.value(M::ObservedTpr));
    }

    /// Busy share of a subtask's time.
    pub(crate) fn load(&self) -> f64 {
        self.load.value(1)
    }

    /// Records per second, as Flink tells it.
    pub(crate) fn records_in_per_second(&self) -> f64 {
        self.records_in_per_second.value(1)
    }

    /// Records per second of a source at its limit.
    pub(crate) fn observed_rate(&self, min_observations: i32) -> f64 {
        self.observed_rate.value(min_observations)
    }
}
