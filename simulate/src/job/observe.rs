//! What a look at the job says.

use std::time::Duration;

use autoscaler_core::observation::{
    AggregatedMetric, ClusterReading, FlinkMetric as M, Readings, TaskManagerReading, VertexReading,
};
use autoscaler_core::time::{Instant, after};
use autoscaler_core::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use autoscaler_core::{Observation, ObserveError, VertexId};

use super::Job;

/// 2026-01-01 00:00 UTC: when every scenario begins.
const BEGINNING: i64 = 1_767_225_600;
/// Heap of a TaskManager, bytes; half of it is used.
const HEAP: f64 = 4e9;

/// The id of a vertex, by position.
pub(crate) fn id_of(position: usize) -> String {
    format!("{:032x}", position + 1)
}

impl Job {
    /// The instant of a second.
    pub(crate) fn instant(second: u32) -> Instant {
        let beginning = Instant::from_timestamp(BEGINNING, 0).unwrap_or_default();
        after(beginning, Duration::from_secs(second.into()))
    }

    /// Looks at the job. Each look draws new noise.
    pub(crate) fn observe(&mut self) -> Result<Observation, ObserveError> {
        if !self.runs() {
            return Err(ObserveError::NotReady("the job restarts".to_owned()));
        }
        let topology = self.topology()?;
        Ok(Observation::new(Self::instant(self.since), topology.clone(), self.readings(&topology)))
    }

    fn topology(&self) -> Result<JobTopology, ObserveError> {
        let counts = self.gauges.counts();
        let parts = self.scenario.vertices.iter().zip(0..).map(|(vertex, position)| {
            let strategy = if vertex.keyed { ShipStrategy::Hash } else { ShipStrategy::Rebalance };
            let inputs = self.graph.inputs[position].iter().map(|input| (id_of(*input), strategy)).collect();
            let parallelism = self.parallelism[position];
            let io = counts.map_or_else(IoMetrics::default, |counts| {
                let counts = counts[position];
                let busy = counts.busy * 1000.0 * f64::from(parallelism);
                IoMetrics { records_in: counts.read, records_out: counts.written, accumulated_busy_ms: busy }
            });
            let (parallelism, most) = (i64::from(parallelism), i64::from(vertex.max_parallelism));
            VertexParts::new(id_of(position), vertex.name.as_str(), parallelism, most)
                .with_inputs(inputs)
                .with_slot_sharing_group(Some("default".into()))
                .with_io(io)
        });
        JobTopology::new(parts.collect()).map_err(|invalid| ObserveError::Unusable(invalid.to_string()))
    }

    fn readings(&mut self, topology: &JobTopology) -> Result<Readings, ObserveError> {
        let metrics = self.scenario.metrics;
        let vertices = topology.vertices();
        if self.metrics.happens(metrics.incomplete) {
            return Err(ObserveError::Incomplete { vertex: vertices[0].id, what: "numRecordsIn" });
        }
        let lacks = self.metrics.happens(metrics.missing).then(|| {
            let positions: Vec<usize> = (0..vertices.len()).collect();
            self.metrics.pick(&positions)
        });
        let mut readings = Vec::with_capacity(vertices.len());
        for (place, vertex) in vertices.iter().enumerate() {
            readings.push(self.reading(vertex.id, lacks == Some(place))?);
        }
        Ok(Readings::new(readings, self.cluster()))
    }

    fn reading(&mut self, id: VertexId, lacks_busy: bool) -> Result<VertexReading, ObserveError> {
        let position = self.position(id).unwrap_or(0);
        let is_source = self.graph.inputs[position].is_empty();
        let rate_metric = if is_source { M::SourceNumRecordsInPerSecond } else { M::NumRecordsInPerSecond };
        let not_yet = || ObserveError::MetricNotFound { vertex: id, metric: rate_metric.name() };
        let shown = self.gauges.shown(position).ok_or_else(not_yet)?;
        let waiting = self.gauges.counts().ok_or_else(not_yet)?[position].waiting;
        let noise = self.scenario.metrics.noise;
        let mut noisy = |value: f64| value * self.metrics.factor(noise);
        let parallelism = f64::from(self.parallelism[position]);
        let mut reading = VertexReading::default();
        if !lacks_busy {
            let busiest = noisy(shown.busiest).min(1.0);
            reading.add(M::BusyTimeMsPerSecond, each(1000.0 * busiest, 1000.0 * shown.busy.min(busiest), parallelism));
        }
        let held_back = 1000.0 * shown.held_back;
        reading.add(M::BackPressuredTimeMsPerSecond, each(held_back, held_back, parallelism));
        let rate = noisy(shown.rate) / parallelism;
        reading.add(rate_metric, each(rate, rate, parallelism));
        let vertex = &self.scenario.vertices[position];
        if is_source && vertex.pending {
            let waiting = waiting / parallelism;
            reading.add(M::PendingRecords, each(waiting, waiting, parallelism));
        }
        reading.source_partitions = vertex.partitions;
        Ok(reading)
    }

    fn cluster(&self) -> ClusterReading {
        let used = f64::from(self.parallelism.iter().copied().max().unwrap_or(0));
        let all = self.slots().map_or(used, f64::from).max(used);
        let mut managers = TaskManagerReading::default();
        managers.heap_max = same(HEAP);
        managers.heap_used = same(HEAP / 2.0);
        managers.managed_used = same(0.0);
        managers.metaspace_used = same(HEAP / 100.0);
        let mut cluster = ClusterReading::default();
        cluster.slots_total = Some(all);
        cluster.slots_available = Some(all - used);
        cluster.task_managers = Some(managers);
        cluster
    }

    /// Where the vertex with an id is.
    pub(crate) fn position(&self, id: VertexId) -> Option<usize> {
        (0..self.parallelism.len()).find(|position| id_of(*position).parse() == Ok(id))
    }
}

/// Over so many subtasks, of which one has the most.
fn each(max: f64, avg: f64, subtasks: f64) -> AggregatedMetric {
    let min = if subtasks > 1.0 { ((avg * subtasks - max) / (subtasks - 1.0)).clamp(0.0, avg) } else { avg };
    AggregatedMetric { min, max, avg, sum: avg * subtasks, skew: 0.0 }
}

fn same(value: f64) -> AggregatedMetric {
    each(value, value, 1.0)
}
