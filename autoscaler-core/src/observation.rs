//! What one look at a job saw, before anything is made of it.

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

/// The kinds of metrics asked of a vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What one vertex answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VertexReading {
    values: [Option<AggregatedMetric>; 7],
    /// Partitions that a source reads, by its metrics' names; 0 if they don't tell.
    pub source_partitions: u32,
}

impl VertexReading {
    /// The metric of this kind, if it was answered.
    pub fn get(&self, metric: FlinkMetric) -> Option<AggregatedMetric> {
        self.values[metric as usize]
    }

    /// Adds an answer, merging it with another of its kind.
    pub fn add(&mut self, metric: FlinkMetric, value: AggregatedMetric) {
        let slot = &mut self.values[metric as usize];
        *slot = Some(slot.map_or(value, |there| there.merged(value)));
    }
}

/// Memory and garbage collection of the TaskManagers: aggregates over all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
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
pub struct ClusterReading {
    /// Task slots, where known.
    pub slots_total: Option<f64>,
    /// Task slots nobody uses, where known.
    pub slots_available: Option<f64>,
    /// The TaskManagers, unless a metric of theirs was missing.
    pub task_managers: Option<TaskManagerReading>,
}

/// All metrics of one look.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// One for each vertex, in the topology's order.
    pub vertices: Vec<VertexReading>,
    /// The cluster.
    pub cluster: ClusterReading,
}

/// One look at a job.
#[derive(Clone, Debug)]
pub struct Observation {
    /// When the job last began to run.
    pub running_since: Instant,
    /// Its graph.
    pub topology: JobTopology,
    /// Its metrics, or why there are none.
    pub metrics: Result<Readings, ObserveError>,
}

/// Why a job could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The job is not planned yet; nothing is wrong.
    #[error("the job is not ready: {0}")]
    NotReady(String),
    /// A vertex lacks a metric that is needed. Normal shortly after a start.
    #[error("vertex {vertex} has no metric {metric}")]
    MetricNotFound {
        /// The vertex.
        vertex: crate::job::VertexId,
        /// The metric's name or pattern.
        metric: &'static str,
    },
    /// The TaskManagers lack a metric that is needed.
    #[error("Missing required TM metrics")]
    TaskManagerMetricsMissing,
    /// What was answered makes no sense.
    #[error("{0}")]
    Unusable(String),
    /// The cluster did not answer as it should; the text names the endpoint.
    #[error("{0}")]
    Cluster(String),
}
