//! What can be asked about the jobs that are watched, without disturbing them.

mod model;
mod summary;
mod view;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};

pub use view::{ClusterView, FailureView, JobView, PastEvent, RoundView, SkippedView, StoreView};

use crate::clock::Clock;
use crate::observer::{CycleEnded, CycleObserver, RoundEnded, Skipped};
use model::Model;

/// The latest of every cluster and job, put together from what an observer sees: neither a store nor a job's lock is
/// touched by asking, and what is asked for is shared, not copied.
#[derive(Debug)]
pub struct ReadModel {
    model: RwLock<Model>,
    clock: Arc<dyn Clock>,
}

impl ReadModel {
    /// Knows nothing yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { model: RwLock::default(), clock }
    }

    /// The clusters, by name.
    pub fn clusters(&self) -> Vec<ClusterView> {
        self.read().clusters()
    }

    /// Whether it could be told which clusters there are, be it none.
    pub fn knows_clusters(&self) -> bool {
        self.read().knows_clusters()
    }

    /// Up to `limit` jobs of all clusters or of one, in order of cluster and key, behind `after`.
    pub fn jobs(
        &self,
        cluster: Option<&ClusterName>,
        after: Option<&(ClusterName, JobKey)>,
        limit: usize,
    ) -> Vec<Arc<JobView>> {
        self.read().jobs(cluster, after, limit)
    }

    /// A job, by its key, or by what stands in it behind the name of the cluster.
    pub fn job(&self, cluster: &ClusterName, job: &JobKey) -> Option<Arc<JobView>> {
        let (read, within) = (self.read(), || JobKey::new(format!("{cluster}/{job}")));
        read.job(cluster, job).or_else(|| read.job(cluster, &within()))
    }

    /// How the state store did when it was asked last.
    pub fn store(&self) -> StoreView {
        self.read().store()
    }

    /// Whether saving and realizing are ours to do.
    pub fn may_act(&self) -> bool {
        self.read().may_act()
    }

    fn read(&self) -> RwLockReadGuard<'_, Model> {
        // No call leaves the model half changed.
        self.model.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Model> {
        self.model.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CycleObserver for ReadModel {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.write().cycle_ended(job, ended);
    }

    fn cycle_skipped(&self, cluster: &ClusterName, job: &ListedJob, why: &Skipped) {
        let at = self.clock.now();
        self.write().cycle_skipped(cluster, job, SkippedView::new(at, why));
    }

    fn job_found(&self, cluster: &ClusterName, job: &ListedJob) {
        self.write().job_found(cluster, job);
    }

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.write().job_gone(cluster, job);
    }

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        let at = self.clock.now();
        self.write().round_ended(cluster, RoundView::new(at, round));
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.write().clusters_watched(clusters);
    }

    fn right_to_act(&self, is_ours: bool) {
        self.write().right_to_act(is_ours);
    }

    fn right_asked_for(&self, failure: Option<&PortError>) {
        let at = self.clock.now();
        self.write().right_asked_for(at, failure);
    }
}

#[cfg(test)]
mod tests;
