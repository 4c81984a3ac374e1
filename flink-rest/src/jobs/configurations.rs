//! Configurations, each kept once however many jobs have it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::ports::Fingerprint;
use autoscaler_core::{JobConfiguration, JobId};
use tokio::time::Instant;

use crate::client::Body;
use crate::error::{RestError, RestProblem};
use crate::wire::ConfigEntry;

/// How long what was read last is taken to hold. A JobManager reads its configuration when it starts, and begins anew
/// with each of its jobs then, so that there is no more to find than what a gateway swapped behind our back.
const RECENT: Duration = Duration::from_secs(60);

/// What jobs are configured with. It is asked for once a minute, and when a JobManager has begun anew with the job; an
/// answer that is byte for byte like an earlier one is not read again.
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
    by_job: HashMap<JobId, OfJob>,
    by_body: Shared<BodyHash>,
    /// Equal contents in another order of entries.
    by_content: Shared<Fingerprint>,
}

/// What is known of a job.
#[derive(Debug, Default)]
struct OfJob {
    /// When its JobManager began with it, as listed last.
    start: Option<i64>,
    last: Option<Last>,
    /// When it was asked for; unset where it has to be asked for again.
    asked: Option<Instant>,
}

/// What a job had last.
#[derive(Debug)]
struct Last {
    hash: BodyHash,
    configuration: Arc<JobConfiguration>,
}

impl Configurations {
    fn locked(&self) -> MutexGuard<'_, Known> {
        // No operation leaves the maps half changed, so a panic elsewhere does no harm here.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of the jobs that there are, and of when their JobManager began with each. Nothing is kept of others.
    pub(super) fn listed(&self, starts: &HashMap<JobId, Option<i64>>) {
        let mut known = self.locked();
        known.by_job.retain(|job, _| starts.contains_key(job));
        for (job, start) in starts {
            let of_job = known.by_job.entry(*job).or_default();
            if of_job.start != *start {
                (of_job.start, of_job.asked) = (*start, None);
            }
        }
    }

    /// A job's configuration, if it was asked for lately. Where the cluster does not tell when it began with its jobs, it
    /// never was.
    pub(super) fn recent(&self, job: JobId) -> Option<Arc<JobConfiguration>> {
        let known = self.locked();
        let of_job = known.by_job.get(&job).filter(|of_job| of_job.start.is_some())?;
        let last = of_job.asked.filter(|asked| asked.elapsed() < RECENT).and(of_job.last.as_ref())?;
        Some(Arc::clone(&last.configuration))
    }

    /// The configuration in a job's answer.
    pub(super) fn of(&self, job: JobId, answer: &Body) -> Result<Arc<JobConfiguration>, RestError> {
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
}

impl Known {
    fn find(&mut self, job: JobId, hash: BodyHash) -> Option<Arc<JobConfiguration>> {
        let last = self.by_job.get(&job).and_then(|of_job| of_job.last.as_ref()).filter(|last| last.hash == hash);
        let known = last.map(|last| Arc::clone(&last.configuration));
        let configuration = known.or_else(|| self.by_body.get(&hash))?;
        self.keep(job, hash, &configuration);
        Some(configuration)
    }

    fn add(&mut self, job: JobId, hash: BodyHash, read: JobConfiguration) -> Arc<JobConfiguration> {
        let same = self.by_content.get(&read.fingerprint()).filter(|known| **known == read);
        let configuration = same.unwrap_or_else(|| Arc::new(read));
        self.by_content.insert(configuration.fingerprint(), &configuration);
        self.by_body.insert(hash, &configuration);
        self.keep(job, hash, &configuration);
        configuration
    }

    fn keep(&mut self, job: JobId, hash: BodyHash, configuration: &Arc<JobConfiguration>) {
        let of_job = self.by_job.entry(job).or_default();
        of_job.last = Some(Last { hash, configuration: Arc::clone(configuration) });
        of_job.asked = Some(Instant::now());
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

    fn id(number: u32) -> JobId {
        format!("{number:032}").parse().unwrap()
    }

    fn one(start: Option<i64>) -> HashMap<JobId, Option<i64>> {
        HashMap::from([(id(1), start)])
    }

    #[test]
    fn what_a_real_flink_answers() {
        let answer = body(include_str!("../../tests/data/job_jobmanager_config.json"));
        let configuration = Configurations::default().of(id(1), &answer).unwrap();
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
        let first = configurations.of(id(1), &body(r#"[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#)).unwrap();
        let same = configurations.of(id(2), &body(r#"[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#)).unwrap();
        let order = configurations.of(id(3), &body(r#"[{"key":"b","value":"2"},{"key":"a","value":"1"}]"#)).unwrap();
        let other = configurations.of(id(1), &body(r#"[{"key":"a","value":"2"}]"#)).unwrap();
        assert!(Arc::ptr_eq(&first, &same) && Arc::ptr_eq(&first, &order));
        assert_eq!(other.entries(), [("a".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn nothing_is_kept_of_jobs_that_are_listed_no_more() {
        let configurations = Configurations::default();
        for number in 0..1000 {
            let json = format!(r#"[{{"key":"a","value":"{number}"}}]"#);
            let kept = Arc::downgrade(&configurations.of(id(number), &body(&json)).unwrap());
            configurations.listed(&HashMap::new());
            assert!(kept.upgrade().is_none());
        }
        let known = configurations.locked();
        assert!(known.by_job.is_empty());
        assert!(known.by_body.entries.len() <= 65 && known.by_content.entries.len() <= 65);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_asked_for_again_after_a_minute_and_when_the_job_began_anew() {
        let configurations = Configurations::default();
        let read = || configurations.of(id(1), &body(r#"[{"key":"a","value":"1"}]"#)).unwrap();
        assert!(configurations.recent(id(1)).is_none(), "it was never asked for");
        configurations.listed(&one(Some(7)));
        let first = read();
        assert!(Arc::ptr_eq(&first, &configurations.recent(id(1)).unwrap()));
        configurations.listed(&one(Some(7)));
        tokio::time::advance(RECENT.saturating_sub(Duration::from_millis(1))).await;
        assert!(configurations.recent(id(1)).is_some());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(configurations.recent(id(1)).is_none());
        read();
        assert!(configurations.recent(id(1)).is_some());
        configurations.listed(&one(Some(8)));
        assert!(configurations.recent(id(1)).is_none(), "the JobManager may have read another one");
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_cluster_that_does_not_tell_when_it_began_it_is_asked_for_each_time() {
        let configurations = Configurations::default();
        configurations.listed(&one(None));
        configurations.of(id(1), &body(r#"[{"key":"a","value":"1"}]"#)).unwrap();
        assert!(configurations.recent(id(1)).is_none());
    }

    #[test]
    fn what_no_jobmanager_has_is_none() {
        for json in ["[]", r#"[{"key":"","value":"1"}]"#] {
            let error = Configurations::default().of(id(1), &body(json)).unwrap_err().to_string();
            assert!(error.contains("without entries"), "{error}");
        }
    }

    #[test]
    fn the_size_of_a_task_manager_is_read() {
        let json = r#"[{"key":"taskmanager.cpu.cores","value":"2.5"},{"key":"taskmanager.memory.process.size","value":"4 gb"}]"#;
        let configuration = Configurations::default().of(id(1), &body(json)).unwrap();
        assert_eq!(configuration.task_manager_cpu(), Some(2.5));
        assert_eq!(configuration.task_manager_memory_bytes(), Some(4 << 30));
    }
}
