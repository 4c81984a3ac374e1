//! Where a job's configuration is merged: the job's own entries over the process's, parsed once for each distinct
//! content and shared by all jobs that have it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::options::{Configuration, Origin};
use autoscaler_core::{Fingerprint, JobConfiguration, ParsedConfiguration};

/// Parses configurations, each distinct one once. What no job has any more is forgotten.
#[derive(Debug)]
pub struct Configurations {
    base: Configuration,
    parsed: Mutex<HashMap<Fingerprint, Entry>>,
}

/// What was made of a content. The content is compared, too: its author could choose one with another's fingerprint.
#[derive(Debug)]
struct Entry {
    own: Weak<JobConfiguration>,
    parsed: Weak<ParsedConfiguration>,
}

impl Entry {
    fn parsed(&self, own: &Arc<JobConfiguration>) -> Option<Arc<ParsedConfiguration>> {
        let is_same = || self.own.upgrade().is_some_and(|other| other == *own);
        let is_it = std::ptr::eq(self.own.as_ptr(), Arc::as_ptr(own)) || is_same();
        if is_it { self.parsed.upgrade() } else { None }
    }
}

impl Configurations {
    /// With the process's own options, which hold for every job that does not say otherwise.
    pub fn new(base: Configuration) -> Self {
        Self { base, parsed: Mutex::default() }
    }

    /// The effective configuration of a job that is itself configured with `own`.
    pub fn parsed(&self, own: &Arc<JobConfiguration>) -> Arc<ParsedConfiguration> {
        let fingerprint = own.fingerprint();
        if let Some(parsed) = self.locked().get(&fingerprint).and_then(|entry| entry.parsed(own)) {
            return parsed;
        }
        // Without the lock: options of many kinds at once, as at a start, are parsed side by side.
        let parsed = Arc::new(self.merged(own));
        let mut cache = self.locked();
        if let Some(earlier) = cache.get(&fingerprint).and_then(|entry| entry.parsed(own)) {
            return earlier;
        }
        cache.retain(|_, entry| entry.parsed.strong_count() > 0);
        cache.insert(fingerprint, Entry { own: Arc::downgrade(own), parsed: Arc::downgrade(&parsed) });
        parsed
    }

    fn merged(&self, own: &JobConfiguration) -> ParsedConfiguration {
        let mut configuration = self.base.clone();
        for (key, value) in own.entries() {
            configuration.set(key.as_str(), value.as_str(), Origin::Job);
        }
        // What the job's source does not know may stand in the process's options.
        let text = |key: &str| configuration.get(key);
        let cpu = || text("taskmanager.cpu.cores").and_then(f64::read).filter(|cores| *cores > 0.0);
        let memory = || text("taskmanager.memory.process.size").and_then(MemorySize::read).map(|size| size.0);
        let task_manager = (own.task_manager_cpu().or_else(cpu), own.task_manager_memory_bytes().or_else(memory));
        let parsed = ParsedConfiguration::new(configuration).with_task_manager(task_manager.0, task_manager.1);
        parsed.with_conflict(own.conflict().map(str::to_owned)).with_notice(own.notice().map(str::to_owned))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<Fingerprint, Entry>> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(entries: &[(&str, &str)]) -> Arc<JobConfiguration> {
        let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Arc::new(JobConfiguration::new(entries))
    }

    #[test]
    fn equal_contents_are_parsed_once_and_forgotten_with_their_last_job() {
        let mut base = Configuration::new();
        base.set("job.autoscaler.enabled", "true", Origin::Flag);
        base.set("job.autoscaler.utilization.target", "0.5", Origin::Flag);
        let configurations = Configurations::new(base);
        let one = own(&[("a", "1"), ("job.autoscaler.utilization.target", "0.6")]);
        let (first, other) = (configurations.parsed(&one), configurations.parsed(&own(&[("a", "2")])));
        let second = configurations.parsed(&own(&[("job.autoscaler.utilization.target", "0.6"), ("a", "1")]));
        assert!(Arc::ptr_eq(&first, &second));
        let options = first.options.as_ref().unwrap();
        assert_eq!((options.enabled, options.utilization_target), (true, 0.6), "the job's own wins");
        assert_eq!(other.options.as_ref().unwrap().utilization_target, 0.5);
        drop((first, second));
        let _third = configurations.parsed(&own(&[("a", "3")]));
        assert_eq!(configurations.locked().len(), 2, "of the job that is gone nothing is left");
    }
}
