//! Observing the jobs of a cluster through its REST API.

mod cluster;
mod health;
mod names;
mod observe;
mod partitions;
mod requests;
mod tape;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    ClusterSnapshot, JobAutoScalerContext, JobHealth, JobKey, MetricsCollector, Observation, ObserveError,
};

use crate::client::FlinkClient;
use requests::{ClusterOnce, JobRequests};

pub use cluster::{ClusterApi, cluster_answers, cluster_reading};
pub use names::MetricNames;
pub use observe::{JobApi, observe};
use tape::Taped;
pub use tape::{Answers, Tape, Unobserved, VertexAnswers};

/// Observes the jobs of one cluster.
#[derive(Debug)]
pub struct FlinkCollector {
    client: FlinkClient,
    names: Arc<NamesByJob>,
    tape: Option<Arc<Tape>>,
}

/// The metric names of each job. A job's own are locked for as long as it is being observed, the map only to find them.
#[derive(Debug, Default)]
struct NamesByJob(Mutex<HashMap<JobKey, Arc<tokio::sync::Mutex<MetricNames>>>>);

impl NamesByJob {
    fn locked(&self) -> MutexGuard<'_, HashMap<JobKey, Arc<tokio::sync::Mutex<MetricNames>>>> {
        // No operation leaves the map half changed, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, job: &JobKey) -> Arc<tokio::sync::Mutex<MetricNames>> {
        let mut names = self.locked();
        match names.get(job) {
            Some(known) => Arc::clone(known),
            None => Arc::clone(names.entry(job.clone()).or_default()),
        }
    }
}

impl FlinkCollector {
    /// A collector for the client's cluster.
    pub fn new(client: FlinkClient) -> Self {
        Self { client, names: Arc::default(), tape: None }
    }

    /// The same, with every answer kept on a tape.
    #[doc(hidden)]
    #[must_use]
    pub fn taped(self, tape: Arc<Tape>) -> Self {
        Self { tape: Some(tape), ..self }
    }
}

impl MetricsCollector for FlinkCollector {
    fn begin(&self) -> Arc<dyn ClusterSnapshot> {
        let cluster = ClusterOnce::new(self.client.clone());
        Arc::new(FlinkSnapshot { cluster, names: Arc::clone(&self.names), tape: self.tape.clone() })
    }

    fn forget(&self, job: &JobKey) {
        self.names.locked().remove(job);
    }
}

/// A round of observations: the cluster's own metrics are asked for by whichever job needs them first.
#[derive(Debug)]
struct FlinkSnapshot {
    cluster: ClusterOnce,
    names: Arc<NamesByJob>,
    tape: Option<Arc<Tape>>,
}

#[async_trait]
impl ClusterSnapshot for FlinkSnapshot {
    async fn observe(
        &self,
        job: &JobAutoScalerContext,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError> {
        let names = self.names.of(&job.key);
        let mut names = names.lock().await;
        let requests = JobRequests::new(&self.cluster, job);
        let Some(tape) = &self.tape else { return observe(&requests, &mut names, history_start).await };
        let taped = Taped::new(requests);
        let observed = observe(&taped, &mut names, history_start).await;
        taped.end(tape, job, &observed);
        observed
    }

    async fn health(&self, job: &JobAutoScalerContext) -> Result<JobHealth, ObserveError> {
        health::health(self.cluster.client(), job).await
    }
}
