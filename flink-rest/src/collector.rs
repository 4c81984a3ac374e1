//! Looking at the jobs of a real cluster.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::collect::RememberedNames;
use autoscaler_core::observation::ClusterReading;
use autoscaler_core::time::Instant;
use autoscaler_core::topology::JobTopology;
use autoscaler_core::{JobAutoScalerContext, JobId, MetricsCollector, Observation, ObserveError, Round, VertexId};
use tokio::sync::OnceCell;

use crate::client::{FlinkClient, unexpected};
use crate::cluster::{ClusterApi, cluster_reading};
use crate::observe::{JobApi, observe};
use crate::wire::{InvalidDetails, JobDetails, MetricName, MetricValue};

/// Looks at jobs through Flink's REST API.
#[derive(Debug)]
pub struct FlinkCollector {
    client: FlinkClient,
}

impl FlinkCollector {
    /// A collector for the client's cluster.
    pub fn new(client: FlinkClient) -> Self {
        Self { client }
    }
}

impl MetricsCollector for FlinkCollector {
    fn begin(&self) -> Arc<dyn Round> {
        Arc::new(RestRound { client: self.client.clone(), cluster: OnceCell::new() })
    }
}

/// A round of looks: the cluster's metrics are asked by whichever job needs them first.
#[derive(Debug)]
struct RestRound {
    client: FlinkClient,
    cluster: OnceCell<Result<ClusterReading, ObserveError>>,
}

#[async_trait]
impl Round for RestRound {
    async fn observe(
        &self,
        job: &JobAutoScalerContext,
        names: &mut RememberedNames,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError> {
        let timeout =
            job.options.as_ref().map_or(std::time::Duration::from_secs(10), |options| options.rest_client_timeout);
        let look = JobLook { client: self.client.with_timeout(timeout), job: job.id, round: self };
        observe(&look, names, history_start).await
    }
}

/// One job of a round.
struct JobLook<'a> {
    client: FlinkClient,
    job: JobId,
    round: &'a RestRound,
}

#[async_trait]
impl JobApi for JobLook<'_> {
    async fn details(&self) -> Result<(Instant, Result<JobTopology, InvalidDetails>), ObserveError> {
        let path = format!("/jobs/{}", self.job);
        let body = self.client.get_body(&path).await?;
        let details: JobDetails<'_> = serde_json::from_slice(&body)
            .map_err(|problem| self.client.error("GET", &path, unexpected(&body, &problem)))?;
        let running_since = details
            .running_since()
            .map_err(|invalid| ObserveError::Unusable(format!("GET {}{path}: {invalid}", self.client.shown_url())))?;
        Ok((running_since, details.topology()))
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        let path = format!("/jobs/{}/vertices/{vertex}/subtasks/metrics", self.job);
        let names: Vec<MetricName> = self.client.get(&path).await?;
        Ok(names.into_iter().map(|name| name.id).collect())
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let path = format!("/jobs/{}/vertices/{vertex}/subtasks/metrics?get={}", self.job, query(names));
        Ok(self.client.get(&path).await?)
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        self.round.cluster.get_or_init(|| cluster_reading(&self.round.client)).await.clone()
    }
}

#[async_trait]
impl ClusterApi for FlinkClient {
    async fn task_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        Ok(self.get(&format!("/taskmanagers/metrics?get={}&agg=min,max,avg", query(names))).await?)
    }

    async fn job_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        Ok(self.get(&format!("/jobmanager/metrics?get={}", query(names))).await?)
    }
}

/// Names for a query: joined by commas, everything unusual encoded.
fn query(names: &[&str]) -> String {
    let encode = |name: &&str| {
        name.bytes().fold(String::with_capacity(name.len()), |mut text, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
            text
        })
    };
    names.iter().map(encode).collect::<Vec<_>>().join(",")
}
