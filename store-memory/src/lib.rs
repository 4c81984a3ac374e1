#![doc = include_str!("../README.md")]

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState, PortError, Revision};

/// A store that forgets at exit.
#[derive(Default)]
pub struct MemoryStateStore {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    jobs: HashMap<JobKey, Versioned>,
    /// How often anything was written: no job has the same revision twice, even if it was removed in between.
    writes: u64,
}

#[derive(Default)]
struct Versioned {
    state: JobState,
    /// 0 of a job that is not there.
    revision: u64,
}

impl Kept {
    /// The revision of a job, if a fence lets it be written. Nobody else has the heap, so there is no lease.
    fn checked(&self, job: &JobKey, fence: &Fence) -> Result<u64, PortError> {
        let there = self.jobs.get(job).map_or(0, |versioned| versioned.revision);
        if fence.revision.is_some_and(|known| known.0 != there) {
            let message = "somebody else has written the job's state since it was loaded; nothing was written over it";
            return Err(PortError::new(ErrorKind::Conflict, message).with("job", job.as_str()));
        }
        Ok(there)
    }
}

impl MemoryStateStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn locked(&self) -> MutexGuard<'_, Kept> {
        // No operation leaves a job half changed, so a panic elsewhere does no harm here.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStateStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStateStore").field("jobs", &self.locked().jobs.len()).finish()
    }
}

#[async_trait]
impl AutoScalerStateStore for MemoryStateStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let kept = self.locked();
        let Some(Versioned { state, revision }) = kept.jobs.get(job) else { return Ok(LoadedState::default()) };
        Ok(LoadedState::new(state.clone(), Revision(*revision)))
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        let mut kept = self.locked();
        let there = kept.checked(job, fence)?;
        if !state.is_changed() {
            return Ok(Revision(there));
        }
        kept.writes += 1;
        let revision = kept.writes;
        let versioned = kept.jobs.entry(job.clone()).or_default();
        versioned.state.take_changes_of(state);
        versioned.revision = revision;
        Ok(Revision(revision))
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        let mut kept = self.locked();
        kept.checked(job, fence)?;
        kept.jobs.remove(job);
        Ok(())
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let mut jobs: Vec<JobKey> = self.locked().jobs.keys().cloned().collect();
        jobs.sort_unstable();
        Ok(jobs)
    }
}

/// Adds the store of type MEMORY.
pub fn register(backends: &mut Backends) {
    backends.stores.add("MEMORY", "the heap: forgotten at exit", open);
}

fn open(_: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    Ok(Opened::new(Arc::new(MemoryStateStore::new())))
}
