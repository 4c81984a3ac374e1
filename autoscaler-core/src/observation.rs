//! What one observation of a job saw, before anything is made of it.

use std::sync::Arc;

use crate::error::PortError;
use crate::time::Instant;
use crate::topology::JobTopology;

/// A metric's aggregates over the subtasks of a vertex, or over the TaskManagers; NaN where one was not told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AggregatedMetric {
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The mean.
    pub avg: f64,
    /// The sum.
    pub sum: f64,
    /// How uneven the subtasks are.
    pub skew: f64,
}

/// Nothing was told.
impl Default for AggregatedMetric {
    fn default() -> Self {
        Self { min: f64::NAN, max: f64::NAN, avg: f64::NAN, sum: f64::NAN, skew: f64::NAN }
    }
}

impl AggregatedMetric {
    /// Two metrics of one kind as one (algorithm 2); their average is unknown.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            avg: f64::NAN,
            sum: self.sum + other.sum,
            skew: self.skew.max(other.skew),
        }
    }
}

/// How many kinds of metrics are asked of a vertex.
const FLINK_METRICS: usize = 7;

/// The kinds of metrics asked of a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlinkMetric {
    /// `busyTimeMsPerSecond`
    BusyTimeMsPerSecond,
    /// `backPressuredTimeMsPerSecond`
    BackPressuredTimeMsPerSecond,
    /// `numRecordsInPerSecond` of a vertex that is no source
    NumRecordsInPerSecond,
    /// `Source__….numRecordsInPerSecond`
    SourceNumRecordsInPerSecond,
    /// `Source__….numRecordsIn`
    SourceNumRecordsIn,
    /// `Source__….numRecordsOut`
    SourceNumRecordsOut,
    /// `….pendingRecords`
    PendingRecords,
}

impl FlinkMetric {
    /// Its name, or the pattern of its names.
    pub fn name(self) -> &'static str {
        match self {
            Self::BusyTimeMsPerSecond => "busyTimeMsPerSecond",
            Self::BackPressuredTimeMsPerSecond => "backPressuredTimeMsPerSecond",
            Self::NumRecordsInPerSecond => "numRecordsInPerSecond",
            Self::SourceNumRecordsInPerSecond => "Source__*.numRecordsInPerSecond",
            Self::SourceNumRecordsIn => "Source__*.numRecordsIn",
            Self::SourceNumRecordsOut => "Source__*.numRecordsOut",
            Self::PendingRecords => "*.pendingRecords",
        }
    }
}

// A reading has a slot for each kind.
const _: () = assert!(FlinkMetric::PendingRecords as usize + 1 == FLINK_METRICS);

/// What one vertex answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VertexReading {
    values: [Option<AggregatedMetric>; FLINK_METRICS],
    /// Partitions that a source reads, by its metrics' names; 0 if they don't tell.
    pub source_partitions: u32,
}

impl VertexReading {
    /// The metric of this kind, if it was answered.
    pub fn get(&self, metric: FlinkMetric) -> Option<AggregatedMetric> {
        self.values[metric as usize]
    }

    /// Adds an answer, merging it with another of its kind.
    pub fn add(&mut self, metric: FlinkMetric, mut value: AggregatedMetric) {
        // A connector that does not know its backlog may say so with -1; it must not take away from another's.
        if metric == FlinkMetric::PendingRecords && value.sum < 0.0 {
            value.sum = 0.0;
        }
        let slot = &mut self.values[metric as usize];
        *slot = Some(slot.map_or(value, |there| there.merged(value)));
    }
}

/// Memory and garbage collection of the TaskManagers: aggregates over all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct TaskManagerReading {
    /// `Status.JVM.Memory.Heap.Max`, bytes.
    pub heap_max: AggregatedMetric,
    /// `Status.JVM.Memory.Heap.Used`, bytes.
    pub heap_used: AggregatedMetric,
    /// `Status.Flink.Memory.Managed.Used`, bytes.
    pub managed_used: AggregatedMetric,
    /// `Status.JVM.Memory.Metaspace.Used`, bytes.
    pub metaspace_used: AggregatedMetric,
    /// `Status.JVM.GarbageCollector.All.TimeMsPerSecond`, where the cluster has it.
    pub gc_ms_per_second: Option<AggregatedMetric>,
}

/// What the cluster as a whole answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ClusterReading {
    /// Task slots, where known.
    pub slots_total: Option<f64>,
    /// Task slots nobody uses, where known.
    pub slots_available: Option<f64>,
    /// The TaskManagers, unless a metric of theirs was missing.
    pub task_managers: Option<TaskManagerReading>,
}

/// All metrics of one observation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Readings {
    /// One for each vertex, in the topology's order.
    pub vertices: Vec<VertexReading>,
    /// The cluster.
    pub cluster: ClusterReading,
}

impl Readings {
    /// One reading for each vertex, in the topology's order, and the cluster's.
    pub fn new(vertices: Vec<VertexReading>, cluster: ClusterReading) -> Self {
        Self { vertices, cluster }
    }
}

/// One observation of a job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Observation {
    /// When the job last began to run.
    pub running_since: Instant,
    /// Its graph.
    pub topology: JobTopology,
    /// Its metrics, or why there are none.
    pub metrics: Result<Readings, ObserveError>,
}

impl Observation {
    /// A job that last began to run at an instant, its graph, and its metrics or why there are none.
    pub fn new(running_since: Instant, topology: JobTopology, metrics: Result<Readings, ObserveError>) -> Self {
        Self { running_since, topology, metrics }
    }
}

/// Why a job could not be observed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The job is not planned yet; nothing is wrong.
    #[error("the job is not ready: {0}")]
    NotReady(String),
    /// It is a batch job, which is not rescaled.
    #[error("it is a batch job, which is left alone")]
    Batch,
    /// A vertex lacks a metric that is needed. Normal shortly after a start.
    #[error("vertex {vertex} has no metric {metric}")]
    MetricNotFound {
        /// The vertex.
        vertex: crate::ids::VertexId,
        /// The metric's name or pattern.
        metric: &'static str,
    },
    /// Subtasks are missing in what a vertex counts, so that it seems to do less than it does.
    #[error("the {what} of vertex {vertex} leaves out some of its subtasks")]
    Incomplete {
        /// The vertex.
        vertex: crate::ids::VertexId,
        /// The counter or metric.
        what: &'static str,
    },
    /// A vertex has a metric, and its value was not told: its tasks come or go.
    #[error("vertex {vertex} has a metric {metric}, but its value is missing")]
    ValueMissing {
        /// The vertex.
        vertex: crate::ids::VertexId,
        /// The metric's name or pattern.
        metric: &'static str,
    },
    /// The TaskManagers lack a metric that is needed.
    #[error("Missing required TM metrics")]
    TaskManagerMetricsMissing,
    /// What was answered makes no sense.
    #[error("{0}")]
    Unusable(String),
    /// The cluster did not answer as it should.
    #[error("the job can't be observed")]
    Cluster(#[source] Arc<PortError>),
}

impl From<PortError> for ObserveError {
    fn from(error: PortError) -> Self {
        Self::Cluster(Arc::new(error))
    }
}
