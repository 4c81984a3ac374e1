//! How jobs are observed.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::context::JobAutoScalerContext;
use crate::health::JobHealth;
use crate::ids::JobKey;
use crate::observation::{Observation, ObserveError};
use crate::time::Instant;

/// How the jobs of a cluster are observed.
pub trait MetricsCollector: Debug + Send + Sync + 'static {
    /// Begins a round of observations.
    ///
    /// # Behavior
    /// - answers about the cluster as a whole are asked once for all jobs of a round.
    fn begin(&self) -> Arc<dyn ClusterSnapshot>;

    /// Forgets what is kept in memory of a job that is gone.
    ///
    /// # Behavior
    /// - forgetting an unknown job does nothing.
    fn forget(&self, job: &JobKey);
}

/// A round of observations of a cluster's jobs.
#[async_trait]
pub trait ClusterSnapshot: Debug + Send + Sync + 'static {
    /// Observes a job. `history_start` is the first instant of its observation history, from which an implementation
    /// that keeps things in memory can tell that the job began to run again since.
    ///
    /// # Behavior
    /// - one reading for each vertex of the topology, in its order;
    /// - an observation that ends in an error leaves nothing behind that changes a later one.
    async fn observe(
        &self,
        job: &JobAutoScalerContext,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError>;

    /// How a job has fared: asked only while a scaling of it is looked after. Nothing where the cluster does not tell.
    ///
    /// # Behavior
    /// - bounded: a few of the latest failures;
    /// - waiting for slots is no failure.
    async fn health(&self, _job: &JobAutoScalerContext) -> Result<JobHealth, ObserveError> {
        Ok(JobHealth::default())
    }
}
