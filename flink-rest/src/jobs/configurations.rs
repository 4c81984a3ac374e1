//! Configurations, each kept once however many jobs have it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::ports::Fingerprint;
use autoscaler_core::{JobConfiguration, JobKey};

use crate::client::Body;
use crate::error::{RestError, RestProblem};
use crate::wire::ConfigEntry;

/// What jobs are configured with. An answer that is byte for byte like an earlier one is not read again.
#[derive(Debug, Default)]
pub(super) struct Configurations {
    hasher: RandomState,
    known: Mutex<Known>,
}

/// Stands for an answer: its length, and a hash with keys of this process, so that nobody can make up another answer
/// that passes for it.
type BodyHash = (usize, u64);

#[derive(Debug, Default)]
struct Known {
    /// What each job had last; this is what keeps a configuration.
    by_job: HashMap<JobKey, (BodyHash, Arc<JobConfiguration>)>,
    by_body: Shared<BodyHash>,
    /// Equal contents in another order of entries.
    by_content: Shared<Fingerprint>,
}

impl Configurations {
    fn locked(&self) -> MutexGuard<'_, Known> {
        // No operation leaves the maps half changed, so a panic elsewhere does no harm here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The configuration in a job's answer.
    pub(super) fn of(&self, job: &JobKey, answer: &Body) -> Result<Arc<JobConfiguration>, RestError> {
        let hash = (answer.bytes().len(), self.hasher.hash_one(answer.bytes()));
        if let Some(known) = self.locked().find(job, hash) {
            return Ok(known);
        }
        // Read outside the lock: at a start, all jobs come at once.
        let entries: Vec<ConfigEntry> = answer.parse()?;
        // Each JobManager has some; without any, autoscaling would count as switched off, and the state be forgotten.
        if entries.is_empty() || entries.iter().any(|entry| entry.key.is_empty()) {
            let problem =
                RestProblem::Unexpected("a configuration without entries, or with one without a key".to_owned());
            return Err(RestError::new(answer.endpoint(), problem));
        }
        let read = configuration(entries);
        Ok(self.locked().add(job, hash, read))
    }

    pub(super) fn forget(&self, job: &JobKey) {
        self.locked().by_job.remove(job);
    }
}

impl Known {
    fn find(&mut self, job: &JobKey, hash: BodyHash) -> Option<Arc<JobConfiguration>> {
        if let Some((_, configuration)) = self.by_job.get(job).filter(|(known, _)| *known == hash) {
            return Some(Arc::clone(configuration));
        }
        let configuration = self.by_body.get(&hash)?;
        self.by_job.insert(job.clone(), (hash, Arc::clone(&configuration)));
        Some(configuration)
    }

    fn add(&mut self, job: &JobKey, hash: BodyHash, read: JobConfiguration) -> Arc<JobConfiguration> {
        let same = self.by_content.get(&read.fingerprint()).filter(|known| **known == read);
        let configuration = same.unwrap_or_else(|| Arc::new(read));
        self.by_content.insert(configuration.fingerprint(), &configuration);
        self.by_body.insert(hash, &configuration);
        self.by_job.insert(job.clone(), (hash, Arc::clone(&configuration)));
        configuration
    }
}

/// Configurations that somebody else keeps.
#[derive(Debug)]
struct Shared<K> {
    entries: HashMap<K, Weak<JobConfiguration>>,
    /// Entries at which those that nobody keeps any more are taken out.
    sweep_at: usize,
}

impl<K> Default for Shared<K> {
    fn default() -> Self {
        Self { entries: HashMap::new(), sweep_at: 0 }
    }
}

impl<K: Eq + Hash> Shared<K> {
    fn get(&self, key: &K) -> Option<Arc<JobConfiguration>> {
        self.entries.get(key).and_then(Weak::upgrade)
    }

    fn insert(&mut self, key: K, configuration: &Arc<JobConfiguration>) {
        if self.entries.len() >= self.sweep_at {
            self.entries.retain(|_, entry| entry.strong_count() > 0);
            // Twice as many as are alive, so that sweeps cost a constant share of the insertions.
            self.sweep_at = 2 * self.entries.len() + 64;
        }
        self.entries.insert(key, Arc::downgrade(configuration));
    }
}

fn configuration(entries: Vec<ConfigEntry>) -> JobConfiguration {
    let read = JobConfiguration::new(entries.into_iter().filter_map(|entry| Some((entry.key, entry.value?))));
    let text = |key: &str| {
        let entry = read.entries().iter().rfind(|(name, _)| name == key);
        entry.map(|(_, value)| value.as_str())
    };
    let cpu = text("taskmanager.cpu.cores").and_then(f64::read).filter(|cores| *cores > 0.0);
    let memory = text("taskmanager.memory.process.size").and_then(MemorySize::read).map(|size| size.0);
    read.with_task_manager(cpu, memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(json: &str) -> Body {
        Body::of_text(json, "GET http://a/jobs/1/jobmanager/config")
    }

    fn key(number: u32) -> JobKey {
        JobKey::new(number.to_string())
    }

    #[test]
    fn what_a_real_flink_answers() {
        let answer = body(include_str!("../../tests/data/job_jobmanager_config.json"));
        let configuration = Configurations::default().of(&key(1), &answer).unwrap();
        let text = |key: &str| configuration.entries().iter().find(|(name, _)| name == key).map(|(_, text)| &**text);
        assert_eq!(text("jobmanager.scheduler"), Some("adaptive"));
        assert_eq!(
            configuration.task_manager_memory_bytes(),
            Some(text("taskmanager.memory.process.size").map(|t| MemorySize::read(t).unwrap().0).unwrap())
        );
    }

    #[test]
    fn equal_configurations_are_one() {
        let configurations = Configurations::default();
        let first = configurations.of(&key(1), &body(r#"[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#)).unwrap();
        let same = configurations.of(&key(2), &body(r#"[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#)).unwrap();
        let order = configurations.of(&key(3), &body(r#"[{"key":"b","value":"2"},{"key":"a","value":"1"}]"#)).unwrap();
        let other = configurations.of(&key(1), &body(r#"[{"key":"a","value":"2"}]"#)).unwrap();
        assert!(Arc::ptr_eq(&first, &same) && Arc::ptr_eq(&first, &order));
        assert_eq!(other.entries(), [("a".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn nothing_is_kept_of_jobs_that_are_forgotten() {
        let configurations = Configurations::default();
        for number in 0..1000 {
            let json = format!(r#"[{{"key":"a","value":"{number}"}}]"#);
            let kept = Arc::downgrade(&configurations.of(&key(number), &body(&json)).unwrap());
            configurations.forget(&key(number));
            assert!(kept.upgrade().is_none());
        }
        let known = configurations.locked();
        assert!(known.by_job.is_empty());
        assert!(known.by_body.entries.len() <= 65 && known.by_content.entries.len() <= 65);
    }

    #[test]
    fn what_no_jobmanager_has_is_none() {
        for json in ["[]", r#"[{"key":"","value":"1"}]"#] {
            let error = Configurations::default().of(&key(1), &body(json)).unwrap_err().to_string();
            assert!(error.contains("without entries"), "{error}");
        }
    }

    #[test]
    fn the_size_of_a_task_manager_is_read() {
        let json = r#"[{"key":"taskmanager.cpu.cores","value":"2.5"},{"key":"taskmanager.memory.process.size","value":"4 gb"}]"#;
        let configuration = Configurations::default().of(&key(1), &body(json)).unwrap();
        assert_eq!(configuration.task_manager_cpu(), Some(2.5));
        assert_eq!(configuration.task_manager_memory_bytes(), Some(4 << 30));
    }
}
