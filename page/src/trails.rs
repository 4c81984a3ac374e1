//! What is remembered of each job beside what the read model has.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey};
use autoscaler_runtime::CycleEnded;

use crate::trail::Trail;

/// The trails of all jobs. What is asked for is shared, not copied.
#[derive(Debug, Default)]
pub(crate) struct Trails(RwLock<HashMap<(ClusterName, JobKey), Arc<Trail>>>);

impl Trails {
    pub(crate) fn of(&self, cluster: &ClusterName, job: &JobKey) -> Option<Arc<Trail>> {
        // No call leaves the map half changed.
        let trails = self.0.read().unwrap_or_else(PoisonError::into_inner);
        trails.get(&(cluster.clone(), job.clone())).cloned()
    }

    pub(crate) fn add(&self, job: &JobAutoScalerContext, ended: &CycleEnded) {
        let mut trails = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let trail = trails.entry((job.cluster.clone(), job.key.clone())).or_default();
        // Whoever was given the trail keeps it as it was.
        let trail = Arc::make_mut(trail);
        trail.parsed = Some(Arc::clone(&job.parsed));
        trail.add(ended);
    }

    pub(crate) fn forget(&self, is_gone: impl Fn(&ClusterName, &JobKey) -> bool) {
        let mut trails = self.0.write().unwrap_or_else(PoisonError::into_inner);
        trails.retain(|(cluster, job), _| !is_gone(cluster, job));
    }
}
