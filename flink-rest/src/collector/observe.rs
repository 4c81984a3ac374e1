//! One observation of a job: its details, then the metrics of its vertices, then those of the cluster.

use std::collections::HashMap;

use async_trait::async_trait;
use autoscaler_core::observation::{AggregatedMetric, ClusterReading, FlinkMetric, Readings, VertexReading};
use autoscaler_core::time::Instant;
use autoscaler_core::topology::{InvalidTopology, JobTopology, VertexInfo};
use autoscaler_core::{Observation, ObserveError, VertexId};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::names::{MetricNames, NamesInProgress, VertexNames};
use crate::wire::{Coverage, InvalidDetails, JobReading, MetricValue};

/// Vertices asked at once.
const VERTICES_AT_ONCE: usize = 4;

/// What an observation of a job asks of a cluster, or of a recording of one.
#[async_trait]
pub trait JobApi: Send + Sync {
    /// What the job's details say.
    async fn details(&self) -> Result<JobReading, ObserveError>;

    /// The names of all metrics a vertex has.
    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError>;

    /// The values of some metrics of a vertex.
    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError>;

    /// The cluster's metrics.
    async fn cluster(&self) -> Result<ClusterReading, ObserveError>;
}

/// Observes a job (algorithm 2). Metric names are remembered in `names`; `history_start` is the first instant of the
/// job's observation history.
///
/// # Errors
/// The job's details can't be had or used. Metrics that can't be had are an error inside the observation.
pub async fn observe(
    api: &impl JobApi,
    names: &mut MetricNames,
    history_start: Option<Instant>,
) -> Result<Observation, ObserveError> {
    let JobReading { is_batch, running_since, topology, coverage } = api.details().await?;
    if is_batch == Some(true) {
        return Err(ObserveError::Batch);
    }
    names.forget_if_restarted(running_since, history_start);
    let topology = topology.map_err(|invalid| match invalid {
        InvalidDetails::Topology(InvalidTopology::NotReady) => ObserveError::NotReady(invalid.to_string()),
        other => ObserveError::Unusable(format!("the job's details can't be used: {other}")),
    })?;
    let metrics = readings(api, names, &topology, &coverage).await;
    Ok(Observation::new(running_since, topology, metrics))
}

async fn readings(
    api: &impl JobApi,
    names: &mut MetricNames,
    topology: &JobTopology,
    coverage: &HashMap<VertexId, Coverage>,
) -> Result<Readings, ObserveError> {
    let coverage = |vertex: VertexId| coverage.get(&vertex).copied().unwrap_or_default();
    for vertex in topology.vertices() {
        // Where counters leave subtasks out, so do the metrics, and the zeros in them would be taken for a job at rest.
        if let Some(what) = coverage(vertex.id).incomplete {
            return Err(ObserveError::Incomplete { vertex: vertex.id, what });
        }
    }
    let mut current = names.carried_over(topology);
    let mut asking = Vec::new();
    for vertex in topology.vertices().iter().filter(|vertex| current.needs(vertex.id)) {
        asking.push(selected_names(api, vertex));
    }
    for (vertex, selected) in stream::iter(asking).buffered(VERTICES_AT_ONCE).try_collect::<Vec<_>>().await? {
        current.insert(vertex, selected);
    }
    let mut reading = Vec::new();
    for vertex in topology.vertices() {
        reading.push(vertex_reading(api, vertex.id, &current, coverage(vertex.id).running));
    }
    let vertices = stream::iter(reading).buffered(VERTICES_AT_ONCE).try_collect().await?;
    let cluster = api.cluster().await?;
    // Nothing is remembered of an observation that ended above: a metric that a vertex did not have then is asked for
    // again.
    names.remember(current);
    Ok(Readings::new(vertices, cluster))
}

async fn selected_names(api: &impl JobApi, vertex: &VertexInfo) -> Result<(VertexId, VertexNames), ObserveError> {
    let all = api.metric_names(vertex.id).await?;
    Ok((vertex.id, VertexNames::select(vertex, &all)?))
}

async fn vertex_reading(
    api: &impl JobApi,
    vertex: VertexId,
    names: &NamesInProgress,
    running: u32,
) -> Result<VertexReading, ObserveError> {
    let mut reading = VertexReading::default();
    let Some(names) = names.get(vertex) else { return Ok(reading) };
    reading.source_partitions = names.source_partitions;
    if names.asked.is_empty() {
        return Ok(reading);
    }
    let asked: Vec<&str> = names.asked.iter().map(|(_, name)| name.as_str()).collect();
    let values = api.metric_values(vertex, &asked).await?;
    let is_told = |name: &String| values.iter().any(|value| value.id == *name);
    if let Some((metric, _)) = names.asked.iter().find(|(metric, name)| is_needed(*metric) && !is_told(name)) {
        return Err(ObserveError::ValueMissing { vertex, metric: metric.name() });
    }
    for value in values {
        for (metric, _) in names.asked.iter().filter(|(_, name)| *name == value.id) {
            if leaves_out(*metric, value.aggregated(), running) {
                return Err(ObserveError::Incomplete { vertex, what: metric.name() });
            }
            reading.add(*metric, value.aggregated());
        }
    }
    Ok(reading)
}

/// Whether a vertex that has a metric must tell its value. Flink answers with nothing at all where it does not know one of the
/// names any more, and that looks like a vertex at rest.
fn is_needed(metric: FlinkMetric) -> bool {
    // What arrives at a vertex that is no source is told by its counters, too.
    metric != FlinkMetric::NumRecordsInPerSecond
}

/// Whether an aggregate was made of fewer subtasks than run: a sum that is smaller than so many averages.
fn leaves_out(metric: FlinkMetric, aggregated: AggregatedMetric, running: u32) -> bool {
    // Only subtasks that have been given something to read count what waits.
    metric != FlinkMetric::PendingRecords
        && aggregated.avg > 0.0
        // By half a subtask, for what sums and averages lose by rounding.
        && aggregated.sum / aggregated.avg < f64::from(running) - 0.5
}

#[cfg(test)]
mod tests;
