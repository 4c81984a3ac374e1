//! One look at a job: its details, then the metrics of its vertices, then those of the cluster.

use async_trait::async_trait;
use autoscaler_core::collect::{NamesInProgress, RememberedNames, VertexNames};
use autoscaler_core::observation::{ClusterReading, Readings, VertexReading};
use autoscaler_core::time::Instant;
use autoscaler_core::topology::{InvalidTopology, JobTopology, VertexInfo};
use autoscaler_core::{Observation, ObserveError, VertexId};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::wire::{InvalidDetails, MetricValue};

/// Vertices asked at once.
const VERTICES_AT_ONCE: usize = 8;

/// What a look at a job asks of a cluster, or of a recording of one.
#[async_trait]
pub trait JobApi: Send + Sync {
    /// Since when the job runs, and its graph.
    async fn details(&self) -> Result<(Instant, Result<JobTopology, InvalidDetails>), ObserveError>;

    /// The names of all metrics a vertex has.
    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError>;

    /// The values of some metrics of a vertex.
    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError>;

    /// The cluster's metrics.
    async fn cluster(&self) -> Result<ClusterReading, ObserveError>;
}

/// Looks at a job (algorithm 2). Metric names are remembered in `names`; `history_start` is the first instant of the
/// job's observation history.
///
/// # Errors
/// The job's details can't be had or used. Metrics that can't be had are an error inside the observation.
pub async fn observe(
    api: &impl JobApi,
    names: &mut RememberedNames,
    history_start: Option<Instant>,
) -> Result<Observation, ObserveError> {
    let (running_since, topology) = api.details().await?;
    names.forget_if_restarted(running_since, history_start);
    let topology = topology.map_err(|invalid| match invalid {
        InvalidDetails::Topology(InvalidTopology::NotReady) => ObserveError::NotReady(invalid.to_string()),
        other => ObserveError::Unusable(format!("the job's details can't be used: {other}")),
    })?;
    let metrics = readings(api, names, &topology).await;
    Ok(Observation { running_since, topology, metrics })
}

async fn readings(
    api: &impl JobApi,
    names: &mut RememberedNames,
    topology: &JobTopology,
) -> Result<Readings, ObserveError> {
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
        reading.push(vertex_reading(api, vertex.id, &current));
    }
    let vertices = stream::iter(reading).buffered(VERTICES_AT_ONCE).try_collect().await?;
    names.remember(current);
    Ok(Readings { vertices, cluster: api.cluster().await? })
}

async fn selected_names(api: &impl JobApi, vertex: &VertexInfo) -> Result<(VertexId, VertexNames), ObserveError> {
    let all = api.metric_names(vertex.id).await?;
    Ok((vertex.id, VertexNames::select(vertex, &all)?))
}

async fn vertex_reading(
    api: &impl JobApi,
    vertex: VertexId,
    names: &NamesInProgress,
) -> Result<VertexReading, ObserveError> {
    let mut reading = VertexReading::default();
    let Some(names) = names.get(vertex) else { return Ok(reading) };
    reading.source_partitions = names.source_partitions;
    if names.asked.is_empty() {
        return Ok(reading);
    }
    let asked: Vec<&str> = names.asked.iter().map(|(_, name)| name.as_str()).collect();
    for value in api.metric_values(vertex, &asked).await? {
        for (metric, _) in names.asked.iter().filter(|(_, name)| *name == value.id) {
            reading.add(*metric, value.aggregated());
        }
    }
    Ok(reading)
}
