//! A state store that fails when told to.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, LoadedState, PortError};

/// Another store behind faults.
#[derive(Debug)]
pub struct FaultyStore {
    store: Arc<dyn AutoScalerStateStore>,
    loads_fail: AtomicBool,
    saves_fail: AtomicBool,
}

impl FaultyStore {
    /// A store without faults yet.
    pub fn new(store: Arc<dyn AutoScalerStateStore>) -> Self {
        Self { store, loads_fail: AtomicBool::new(false), saves_fail: AtomicBool::new(false) }
    }

    /// Whether loading fails from now on.
    pub fn fail_loads(&self, fail: bool) {
        self.loads_fail.store(fail, Ordering::Relaxed);
    }

    /// Whether saving and removing fail from now on.
    pub fn fail_saves(&self, fail: bool) {
        self.saves_fail.store(fail, Ordering::Relaxed);
    }

    fn check(flag: &AtomicBool) -> Result<(), PortError> {
        if flag.load(Ordering::Relaxed) { Err(PortError::transient("the store is away")) } else { Ok(()) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for FaultyStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        Self::check(&self.loads_fail)?;
        self.store.load(job).await
    }

    async fn save(&self, job: &JobKey, state: &JobState) -> Result<(), PortError> {
        Self::check(&self.saves_fail)?;
        self.store.save(job, state).await
    }

    async fn remove(&self, job: &JobKey) -> Result<(), PortError> {
        Self::check(&self.saves_fail)?;
        self.store.remove(job).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.store.jobs().await
    }
}
