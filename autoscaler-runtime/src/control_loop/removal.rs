//! Removing the state of jobs that are gone.

use std::sync::{Arc, Mutex, PoisonError};

use autoscaler_core::{ErrorChain, ErrorKind, JobKey, JobList, PortError};

use tracing::Instrument;

use super::ControlLoop;
use crate::job::Cleanup;
use crate::observer::CycleObserver;

/// What came of removals, for the loop to take in with the next list.
#[derive(Clone, Debug, Default)]
pub(super) struct Removals(Arc<Mutex<Vec<(JobKey, Cleanup)>>>);

impl Removals {
    fn add(&self, job: JobKey, cleanup: Cleanup) {
        // A list of what is done is whole at every moment, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((job, cleanup));
    }

    fn take(&self) -> Vec<(JobKey, Cleanup)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ControlLoop {
    /// Begins to remove the state of jobs that are gone by the evidence of the lists so far. A removal has the job's
    /// lock, as a cycle does: a job that comes back meanwhile waits for it. What fails is tried again.
    pub(super) fn remove_gone(&mut self, list: &JobList) {
        self.take_in_removals(list);
        let now = self.ports.clock.watch();
        for key in self.gone.after(list, self.jobs.keys(), now) {
            let Some(Ok(mut watched)) = self.jobs.get(&key).map(|job| Arc::clone(job).try_lock_owned()) else {
                continue;
            };
            let (cluster, removals) = (Arc::clone(&self.cluster), self.removals.clone());
            let (observers, abandon) = (self.ports.observers.clone(), self.abandon.clone());
            let removal = async move {
                let name = &cluster.cluster.name;
                let cleanup = tokio::time::timeout(cluster.cycle_timeout, watched.scaler.cleanup(&key, name));
                let Some(cleanup) = abandon.run_until_cancelled(cleanup).await else { return };
                let late = |_| PortError::new(ErrorKind::Timeout, "the store does not answer");
                match cleanup.map_err(late).flatten() {
                    Ok(cleanup) => {
                        // Of a job that was here they have been told, whoever has its state now.
                        if cleanup == Cleanup::Removed || (cleanup == Cleanup::KeptByOthers && watched.was_listed) {
                            observers.job_gone(name, &key);
                        }
                        removals.add(key, cleanup);
                    }
                    Err(error) => {
                        let error = ErrorChain(&error);
                        tracing::warn!(cluster = %name, job = %key, "the job is gone, its state can't be removed, will try again: {error}");
                    }
                }
            };
            self.tasks.spawn(removal.in_current_span());
        }
    }

    fn take_in_removals(&mut self, list: &JobList) {
        let mut left = Vec::new();
        for (key, cleanup) in self.removals.take() {
            self.gone.begin_anew(&key);
            if cleanup == Cleanup::Deferred || list.jobs.iter().any(|job| job.key == key) {
                continue;
            }
            self.jobs.remove(&key);
            let cluster = &self.cluster.cluster;
            cluster.jobs.forget(&key);
            cluster.collector.forget(&key);
            self.cluster.realizer.forget(&key);
            if cleanup == Cleanup::KeptByOthers {
                left.push(key);
            }
        }
        if let Some(first) = left.first() {
            tracing::info!(
                cluster = %self.cluster.cluster.name,
                "{} jobs that are not here have a state of which it is not certain that it was of this cluster, such as {first}: it is kept",
                left.len()
            );
        }
    }
}
