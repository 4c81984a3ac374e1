//! What an application adds to the configurations of its jobs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use autoscaler_core::{JobConfiguration, JobKey};

/// What is to be said of a job, beside what Flink says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Why it is left alone.
    pub(crate) conflict: Option<String>,
    /// What its application waits for.
    pub(crate) notice: Option<String>,
}

impl Surroundings {
    fn around(&self, own: &JobConfiguration) -> JobConfiguration {
        let number = |key: &str| {
            let (_, text) = own.entries().iter().find(|(known, _)| known == key)?;
            text.trim().parse::<f64>().ok().filter(|number| *number > 0.0)
        };
        // A container's virtual cores; Flink asks for one a slot unless it is told another number.
        let cores = number("yarn.containers.vcores").or_else(|| number("taskmanager.numberOfTaskSlots")).unwrap_or(1.0);
        JobConfiguration::new(own.entries().to_vec())
            .with_task_manager(Some(cores), own.task_manager_memory_bytes())
            .with_conflict(self.conflict.clone())
            .with_notice(self.notice.clone())
    }
}

/// A configuration, and what it was made of.
#[derive(Debug)]
struct Entry {
    own: Arc<JobConfiguration>,
    surroundings: Surroundings,
    made: Arc<JobConfiguration>,
}

/// The configurations that were made last, so that one that stays the same stays one.
#[derive(Debug, Default)]
pub(crate) struct Made(Mutex<BTreeMap<JobKey, Entry>>);

impl Made {
    pub(crate) fn of(
        &self,
        job: &JobKey,
        own: Arc<JobConfiguration>,
        surroundings: Surroundings,
    ) -> Arc<JobConfiguration> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(job)
            && entry.own == own
            && entry.surroundings == surroundings
        {
            return Arc::clone(&entry.made);
        }
        let made = Arc::new(surroundings.around(&own));
        entries.insert(job.clone(), Entry { own, surroundings, made: Arc::clone(&made) });
        made
    }

    pub(crate) fn forget(&self, job: &JobKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }
}
