//! When jobs began to run, where they are judged by how they did.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use autoscaler::autoscaler_core::time::Instant;
use autoscaler::autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler::autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};

/// Takes note of when jobs without a time to stabilize began to run.
#[derive(Debug, Default)]
pub(super) struct Starts(Mutex<HashMap<(ClusterName, JobKey), Instant>>);

impl Starts {
    pub(super) fn of(&self, cluster: &ClusterName, job: &JobKey) -> Option<Instant> {
        self.locked().get(&(cluster.clone(), job.clone())).copied()
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(ClusterName, JobKey), Instant>> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CycleObserver for Starts {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        let filling = ended.report.as_ref().and_then(|report| report.filling);
        let counts_at_once = job.options().is_ok_and(|options| options.stabilization_interval.is_zero());
        if let Some(filling) = filling.filter(|_| counts_at_once) {
            self.locked().insert((job.cluster.clone(), job.key.clone()), filling.stable_at);
        }
    }

    fn cycle_skipped(&self, _: &ClusterName, _: &ListedJob, _: &Skipped) {}

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, _: &ClusterName, _: &JobKey) {}

    fn round_ended(&self, _: &ClusterName, _: &RoundEnded) {}

    fn clusters_watched(&self, _: &BTreeSet<ClusterName>) {}

    fn right_to_act(&self, _: bool) {}

    fn right_asked_for(&self, _: Option<&PortError>) {}
}
