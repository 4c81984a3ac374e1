//! A state store that fails when it should.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState, PortError, Revision};

/// Another store behind faults.
#[derive(Debug)]
pub struct FaultyStore {
    store: Arc<dyn AutoScalerStateStore>,
    loads_fail: AtomicBool,
    saves_fail: AtomicBool,
    removal_takes: Mutex<Duration>,
    is_removing: AtomicBool,
    answers_get_lost: AtomicBool,
}

impl FaultyStore {
    /// A store without faults yet.
    pub fn new(store: Arc<dyn AutoScalerStateStore>) -> Self {
        let off = || AtomicBool::new(false);
        Self {
            store,
            loads_fail: off(),
            saves_fail: off(),
            answers_get_lost: off(),
            removal_takes: Mutex::default(),
            is_removing: off(),
        }
    }

    /// Whether loading and listing fail from now on.
    pub fn fail_loads(&self, fail: bool) {
        self.loads_fail.store(fail, Ordering::Relaxed);
    }

    /// Whether saving and removing fail from now on.
    pub fn fail_saves(&self, fail: bool) {
        self.saves_fail.store(fail, Ordering::Relaxed);
    }

    /// How long removing takes from now on.
    pub fn delay_removals(&self, takes: Duration) {
        *self.removal_takes.lock().unwrap() = takes;
    }

    /// Whether a removal is under way.
    pub fn is_removing(&self) -> bool {
        self.is_removing.load(Ordering::Relaxed)
    }

    /// Whether what is saved from now on is stored, and its writer does not learn of it.
    pub fn lose_answers(&self, lose: bool) {
        self.answers_get_lost.store(lose, Ordering::Relaxed);
    }

    fn check(flag: &AtomicBool) -> Result<(), PortError> {
        if flag.load(Ordering::Relaxed) {
            Err(PortError::new(ErrorKind::Unavailable, "the store is away"))
        } else {
            Ok(())
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for FaultyStore {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        Self::check(&self.loads_fail)?;
        self.store.load(job).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        Self::check(&self.saves_fail)?;
        let revision = self.store.save(job, state, fence).await?;
        Self::check(&self.answers_get_lost)?;
        Ok(revision)
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        Self::check(&self.saves_fail)?;
        let takes = *self.removal_takes.lock().unwrap();
        self.is_removing.store(true, Ordering::Relaxed);
        tokio::time::sleep(takes).await;
        self.is_removing.store(false, Ordering::Relaxed);
        self.store.remove(job, fence).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        Self::check(&self.loads_fail)?;
        self.store.jobs().await
    }
}
