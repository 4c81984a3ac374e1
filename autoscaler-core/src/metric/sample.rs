//! What was collected at one instant.

use std::fmt;

use super::{GLOBAL_METRICS, ScalingMetric, VERTEX_METRICS, is_same};

/// Values of `N` neighbouring metrics from position `FIRST` on; any may be missing.
/// Two are equal if they have the same metrics with the same values, NaN being equal to NaN.
#[derive(Clone, Copy)]
pub struct Sample<const FIRST: usize, const N: usize> {
    values: [f64; N],
    present: u8,
}

/// What was collected for one vertex at one instant.
pub type VertexSample = Sample<0, VERTEX_METRICS>;
/// What was collected for the cluster at one instant.
pub type GlobalSample = Sample<VERTEX_METRICS, GLOBAL_METRICS>;

// Each metric has a bit of `present`.
const _: () = assert!(VERTEX_METRICS <= 8 && GLOBAL_METRICS <= 8);

impl<const FIRST: usize, const N: usize> PartialEq for Sample<FIRST, N> {
    fn eq(&self, other: &Self) -> bool {
        self.present == other.present && self.values.iter().zip(&other.values).all(|(a, b)| is_same(*a, *b))
    }
}

impl<const FIRST: usize, const N: usize> Default for Sample<FIRST, N> {
    fn default() -> Self {
        Self { values: [f64::NAN; N], present: 0 }
    }
}

impl<const FIRST: usize, const N: usize> Sample<FIRST, N> {
    fn slot(metric: ScalingMetric) -> Option<usize> {
        (metric as usize).checked_sub(FIRST).filter(|slot| *slot < N)
    }

    /// The value, if there is one; it may be NaN.
    pub fn get(&self, metric: ScalingMetric) -> Option<f64> {
        let slot = Self::slot(metric)?;
        (self.present & (1 << slot) != 0).then(|| self.values[slot])
    }

    /// The value, NaN if there is none.
    pub fn value(&self, metric: ScalingMetric) -> f64 {
        Self::slot(metric).map_or(f64::NAN, |slot| self.values[slot])
    }

    /// Sets a value. Metrics that this sample does not hold are left out: `false`.
    pub fn set(&mut self, metric: ScalingMetric, value: f64) -> bool {
        let Some(slot) = Self::slot(metric) else { return false };
        self.values[slot] = value;
        self.present |= 1 << slot;
        true
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.present == 0
    }

    /// The values that are there.
    pub fn iter(&self) -> impl Iterator<Item = (ScalingMetric, f64)> {
        ScalingMetric::ALL[FIRST..FIRST + N].iter().filter_map(|metric| self.get(*metric).map(|value| (*metric, value)))
    }
}

impl<const FIRST: usize, const N: usize> fmt::Debug for Sample<FIRST, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
