//! [`AutoScalerStateStore`] on the heap: the default. State is gone when the process ends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, LoadedState, PortError};

/// A store that forgets at exit.
#[derive(Default)]
pub struct MemoryStateStore {
    jobs: Mutex<HashMap<JobKey, JobState>>,
}

impl MemoryStateStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<JobKey, JobState>> {
        // No operation leaves a job half changed, so a panic elsewhere does no harm here.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStateStore").field("jobs", &self.locked().len()).finish()
    }
}

#[async_trait]
impl AutoScalerStateStore for MemoryStateStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let state = self.locked().get(job).cloned().unwrap_or_default();
        Ok(LoadedState { state, unreadable: Vec::new() })
    }

    async fn save(&self, job: &JobKey, state: &JobState) -> Result<(), PortError> {
        self.locked().entry(job.clone()).or_default().take_changes_of(state);
        Ok(())
    }

    async fn remove(&self, job: &JobKey) -> Result<(), PortError> {
        self.locked().remove(job);
        Ok(())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let mut jobs: Vec<JobKey> = self.locked().keys().cloned().collect();
        jobs.sort_unstable();
        Ok(jobs)
    }
}
