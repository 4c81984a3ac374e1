//! A made-up job of any size under made-up load: what the core is measured and tried out on.

use autoscaler_core::observation::{
    AggregatedMetric, ClusterReading, FlinkMetric, Readings, TaskManagerReading, VertexReading,
};
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use autoscaler_core::{JobAutoScalerContext, Observation};

use crate::job;

/// Milliseconds between two cycles.
const INTERVAL_MS: u32 = 10_000;
/// When the first cycle is.
const START_MS: i64 = 1_700_000_000_000;

/// A job whose vertices form a wide graph: each reads from the one before it, every third also from one further back.
#[derive(Clone, Debug)]
pub struct SyntheticJob {
    /// Vertices.
    pub vertices: u32,
    /// Records per second that each source reads.
    pub rate: f64,
    /// Busy share of every subtask, 0 to 1.
    pub busy: f64,
    /// Subtasks of each vertex.
    pub parallelism: i32,
}

impl SyntheticJob {
    /// A job within its utilization band.
    pub fn steady(vertices: u32) -> Self {
        Self { vertices, rate: 1000.0, busy: 0.7, parallelism: 4 }
    }

    /// The job's context, with a window of 90 observations.
    pub fn context(&self) -> JobAutoScalerContext {
        self.context_of(1)
    }

    /// The same of the `number`th of several such jobs.
    pub fn context_of(&self, number: u32) -> JobAutoScalerContext {
        job::context(
            number,
            &[
                ("job.autoscaler.enabled", "true"),
                ("job.autoscaler.stabilization.interval", "0 s"),
                ("job.autoscaler.metrics.window", "15 min"),
                ("taskmanager.memory.process.size", "4 gb"),
            ],
        )
    }

    /// The instant of a cycle.
    pub fn instant(cycle: u32) -> Instant {
        from_epoch_millis(START_MS + i64::from(cycle) * i64::from(INTERVAL_MS)).unwrap()
    }

    /// The graph as it is in a cycle.
    pub fn topology(&self, cycle: u32) -> JobTopology {
        let seconds = f64::from(cycle) * f64::from(INTERVAL_MS) / 1000.0;
        let records = self.rate * seconds;
        let part = |number: u32| {
            let mut inputs = Vec::new();
            if number > 0 {
                inputs.push((job::id(number - 1), ShipStrategy::Hash));
            }
            if number > 3 && number.is_multiple_of(3) {
                inputs.push((job::id(number - 3), ShipStrategy::Rebalance));
            }
            let busy_ms = self.busy * 1000.0 * seconds * f64::from(self.parallelism);
            let io = IoMetrics { records_in: records, records_out: records, accumulated_busy_ms: busy_ms };
            let name = format!("vertex {number}");
            VertexParts::new(job::id(number), name, i64::from(self.parallelism), 128).with_inputs(inputs).with_io(io)
        };
        JobTopology::new((0..self.vertices).map(part).collect()).unwrap()
    }

    /// What a look sees in a cycle.
    pub fn observation(&self, cycle: u32) -> Observation {
        let topology = self.topology(cycle);
        let vertices = topology.vertices().iter().map(|vertex| self.reading(vertex.is_source(), cycle)).collect();
        Observation::new(Self::instant(0), topology, Ok(Readings::new(vertices, cluster())))
    }

    fn reading(&self, is_source: bool, cycle: u32) -> VertexReading {
        let mut reading = VertexReading::default();
        reading.add(FlinkMetric::BusyTimeMsPerSecond, same(self.busy * 1000.0));
        if is_source {
            reading.add(FlinkMetric::BackPressuredTimeMsPerSecond, same(0.0));
            reading.add(FlinkMetric::SourceNumRecordsInPerSecond, same(self.rate));
            reading.add(FlinkMetric::SourceNumRecordsIn, same(self.rate * 10.0 * f64::from(cycle)));
            reading.add(FlinkMetric::PendingRecords, same(0.0));
        } else {
            reading.add(FlinkMetric::NumRecordsInPerSecond, same(self.rate));
        }
        reading
    }
}

/// A cluster at ease.
pub fn cluster() -> ClusterReading {
    let mut task_managers = TaskManagerReading::default();
    task_managers.heap_max = same(1e9);
    task_managers.heap_used = same(1e8);
    task_managers.managed_used = same(0.0);
    task_managers.metaspace_used = same(5e7);
    task_managers.gc_ms_per_second = Some(same(1.0));
    let mut cluster = ClusterReading::default();
    (cluster.slots_total, cluster.slots_available) = (Some(16.0), Some(12.0));
    cluster.task_managers = Some(task_managers);
    cluster
}

/// A metric that is the same everywhere.
pub fn same(value: f64) -> AggregatedMetric {
    AggregatedMetric { min: value, max: value, avg: value, sum: value, skew: 0.0 }
}
