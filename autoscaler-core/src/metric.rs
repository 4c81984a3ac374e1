//! The metrics a decision is made from, and small tables of them.

use std::fmt;
use std::str::FromStr;

macro_rules! scaling_metrics {
    ($( $(#[$doc:meta])+ $variant:ident = $name:literal ),* $(,)?) => {
        /// A metric, by the name the reference's state rows give it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ScalingMetric {
            $( $(#[$doc])+ $variant, )*
        }

        impl ScalingMetric {
            /// All of them. The first [`VERTEX_METRICS`] are collected for each vertex, the next
            /// [`GLOBAL_METRICS`] for the cluster, the others only evaluated.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Its name in state rows.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }
        }

        impl FromStr for ScalingMetric {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $( $name => Ok(Self::$variant), )* _ => Err(()) }
            }
        }
    };
}

scaling_metrics! {
    /// Busy share of a subtask's time; may exceed 1 after averaging.
    Load = "LOAD",
    /// Records waiting outside a source.
    Lag = "LAG",
    /// Records read since deployment.
    NumRecordsIn = "NUM_RECORDS_IN",
    /// Records written since deployment.
    NumRecordsOut = "NUM_RECORDS_OUT",
    /// Records read per second.
    NumRecordsInPerSecond = "NUM_RECORDS_IN_PER_SECOND",
    /// Records per second of a source that works at its limit.
    ObservedTpr = "OBSERVED_TPR",
    /// Busy milliseconds since deployment, added up over the subtasks.
    AccumulatedBusyTime = "ACCUMULATED_BUSY_TIME",
    /// Share of time in garbage collection of the worst TaskManager.
    GcPressure = "GC_PRESSURE",
    /// Heap used of heap allowed, 0 to 1.
    HeapMaxUsageRatio = "HEAP_MAX_USAGE_RATIO",
    /// Bytes of heap used by the fullest TaskManager.
    HeapMemoryUsed = "HEAP_MEMORY_USED",
    /// Bytes of managed memory used by the fullest TaskManager.
    ManagedMemoryUsed = "MANAGED_MEMORY_USED",
    /// Bytes of metaspace used by the fullest TaskManager.
    MetaspaceMemoryUsed = "METASPACE_MEMORY_USED",
    /// Task slots in use.
    NumTaskSlotsUsed = "NUM_TASK_SLOTS_USED",
    /// Records per second the vertex could process if it were always busy.
    TrueProcessingRate = "TRUE_PROCESSING_RATE",
    /// Records per second that arrive.
    TargetDataRate = "TARGET_DATA_RATE",
    /// Records per second more, to work off the backlog in time.
    CatchUpDataRate = "CATCH_UP_DATA_RATE",
    /// Subtasks.
    Parallelism = "PARALLELISM",
    /// Subtasks it should have.
    RecommendedParallelism = "RECOMMENDED_PARALLELISM",
    /// Most subtasks it can have.
    MaxParallelism = "MAX_PARALLELISM",
    /// Partitions a source reads.
    NumSourcePartitions = "NUM_SOURCE_PARTITIONS",
    /// True processing rate below which the vertex is scaled up.
    ScaleUpRateThreshold = "SCALE_UP_RATE_THRESHOLD",
    /// True processing rate above which the vertex is scaled down.
    ScaleDownRateThreshold = "SCALE_DOWN_RATE_THRESHOLD",
    /// True processing rate expected after the scaling.
    ExpectedProcessingRate = "EXPECTED_PROCESSING_RATE",
}

impl fmt::Display for ScalingMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many of [`ScalingMetric::ALL`] are collected for each vertex.
pub const VERTEX_METRICS: usize = 7;
/// How many are collected for the cluster.
pub const GLOBAL_METRICS: usize = 6;

/// Values of `N` neighbouring metrics from position `FIRST` on; any may be missing.
#[derive(Clone, Copy, PartialEq)]
pub struct Sample<const FIRST: usize, const N: usize> {
    values: [f64; N],
    present: u8,
}

/// What was collected for one vertex at one instant.
pub type VertexSample = Sample<0, VERTEX_METRICS>;
/// What was collected for the cluster at one instant.
pub type GlobalSample = Sample<VERTEX_METRICS, GLOBAL_METRICS>;

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

/// A metric's latest value and its average over the window; NaN where there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvaluatedScalingMetric {
    /// The latest value.
    pub current: f64,
    /// The average over the window.
    pub average: f64,
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

/// Evaluated metrics by name, in order of name; about a dozen, so a sorted list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvaluatedMetrics {
    entries: Vec<(ScalingMetric, EvaluatedScalingMetric)>,
}

impl EvaluatedMetrics {
    /// No metrics, with room for some.
    pub(crate) fn with_capacity(metrics: usize) -> Self {
        Self { entries: Vec::with_capacity(metrics) }
    }

    /// The metric, if there is one.
    pub fn get(&self, metric: ScalingMetric) -> Option<EvaluatedScalingMetric> {
        self.entries.iter().find(|(name, _)| *name == metric).map(|(_, value)| *value)
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
        match self.entries.iter_mut().find(|(name, _)| *name == metric) {
            Some((_, slot)) => *slot = value,
            None => self.entries.push((metric, value)),
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
