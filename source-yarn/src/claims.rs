//! Which application a job is of, where several show the same id.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use autoscaler_core::JobKey;

use crate::application::ApplicationId;

/// The applications that show each job.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<JobKey, BTreeSet<ApplicationId>>>);

impl Claims {
    fn locked(&self) -> MutexGuard<'_, HashMap<JobKey, BTreeSet<ApplicationId>>> {
        // A map of what is shown is whole at every moment, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that an application shows a job. Where one that was submitted before it does so, too, it is that one's.
    pub(crate) fn claim(&self, job: &JobKey, application: &ApplicationId) -> Option<ApplicationId> {
        let mut claims = self.locked();
        let all = claims.entry(job.clone()).or_default();
        all.insert(application.clone());
        all.first().filter(|oldest| *oldest != application).cloned()
    }

    /// Takes a claim back; whether another application has one.
    pub(crate) fn release(&self, job: &JobKey, application: &ApplicationId) -> bool {
        let mut claims = self.locked();
        let Some(all) = claims.get_mut(job) else { return false };
        all.remove(application);
        if all.is_empty() {
            claims.remove(job);
            return false;
        }
        true
    }
}
