//! The metrics a decision is made from, and small tables of them.

mod evaluated;
mod sample;

use std::fmt;
use std::str::FromStr;

pub use evaluated::{EvaluatedMetrics, EvaluatedScalingMetric};
pub use sample::{GlobalSample, Sample, VertexSample};

/// A text that names no metric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no metric")]
pub struct UnknownMetric {
    /// The text, cut.
    text: String,
}

macro_rules! scaling_metrics {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $name:literal ),* $(,)?) => {
        /// A metric, by the name the reference's state rows give it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ScalingMetric {
            $( $(#[doc = $doc])+ $variant, )*
        }

        impl ScalingMetric {
            /// All of them. The first [`VERTEX_METRICS`] are collected for each vertex, the next
            /// [`GLOBAL_METRICS`] for the cluster, the others only evaluated.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Its name in state rows.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// What it is, in a sentence without a full stop.
            pub fn doc(self) -> &'static str {
                let doc = match self { $( Self::$variant => concat!($($doc),+), )* };
                doc.trim().trim_end_matches('.')
            }
        }

        impl FromStr for ScalingMetric {
            type Err = UnknownMetric;

            fn from_str(text: &str) -> Result<Self, UnknownMetric> {
                match text {
                    $( $name => Ok(Self::$variant), )*
                    _ => Err(UnknownMetric { text: text.chars().take(80).collect() }),
                }
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

// Samples find a metric's slot by its position.
const _: () = assert!(ScalingMetric::GcPressure as usize == VERTEX_METRICS);
const _: () = assert!(ScalingMetric::TrueProcessingRate as usize == VERTEX_METRICS + GLOBAL_METRICS);

/// Whether two values are the same value: NaN is NaN, however it came about, and 0 is not -0.
fn is_same(a: f64, b: f64) -> bool {
    (a.is_nan() && b.is_nan()) || a.total_cmp(&b).is_eq()
}
