//! The simulated job as the autoscaler's process sees it: ports on the heap.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    ClusterSnapshot, Event, JobAutoScalerContext, JobKey, Observation, ObserveError, PortError, Realization,
    ScalingRealizer,
};
use autoscaler_runtime::Clock;

use crate::job::Job;

/// A job that is looked at and rescaled through ports. Clones are the same job.
#[derive(Clone, Debug)]
pub(crate) struct Outside(Arc<Mutex<Job>>);

impl Outside {
    pub(crate) fn of(job: Job) -> Self {
        Self(Arc::new(Mutex::new(job)))
    }

    pub(crate) fn job(&self) -> MutexGuard<'_, Job> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for Outside {
    fn now(&self) -> Instant {
        Job::instant(self.job().now)
    }

    fn watch(&self) -> Duration {
        Duration::from_secs(self.job().now.into())
    }
}

#[async_trait]
impl ClusterSnapshot for Outside {
    async fn observe(&self, _: &JobAutoScalerContext, _: Option<Instant>) -> Result<Observation, ObserveError> {
        self.job().observe()
    }
}

#[async_trait]
impl ScalingRealizer for Outside {
    async fn realize(&self, _: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        let mut job = self.job();
        let asked = realization.parallelism.iter().flatten();
        let asked: BTreeMap<usize, i32> =
            asked.filter_map(|(id, parallelism)| Some((job.position(*id)?, *parallelism))).collect();
        job.ask(&asked);
        Ok(Vec::new())
    }

    fn forget(&self, _: &JobKey) {}
}
