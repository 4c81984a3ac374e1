//! Which jobs a cluster has, and what each is configured with.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::PortError;
use crate::ids::JobKey;
use crate::labels::Labels;
use crate::listed_job::ListedJob;

/// An entry of a job list that can't be used. Unknown is not gone: nothing is concluded from it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownJob {
    /// Which job it is, where that much can be read.
    pub key: Option<JobKey>,
    /// Why it can't be used.
    pub problem: String,
}

impl UnknownJob {
    /// An entry about a job, where that much can be read, and why it can't be used.
    pub fn new(key: Option<JobKey>, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into() }
    }
}

/// The jobs of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobList {
    /// The jobs that have not ended.
    pub jobs: Vec<ListedJob>,
    /// The jobs that the cluster itself says have ended for good.
    pub ended: Vec<JobKey>,
    /// Entries that could not be read.
    pub unknown: Vec<UnknownJob>,
}

impl JobList {
    /// Whether a job that is not in the list is known not to be there: every entry could at least be told apart.
    pub fn is_whole(&self) -> bool {
        self.unknown.iter().all(|entry| entry.key.is_some())
    }
}

/// Stands for the content of a configuration: equal for equal contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(u64);

/// What a job itself is configured with.
#[derive(PartialEq)]
pub struct JobConfiguration {
    entries: Vec<(String, String)>,
    fingerprint: Fingerprint,
    task_manager_cpu: Option<f64>,
    task_manager_memory_bytes: Option<u64>,
    conflict: Option<String>,
    notice: Option<String>,
}

impl JobConfiguration {
    /// A configuration of these entries, in any order; of one key given twice the later counts.
    pub fn new(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut entries: Vec<_> = entries.into_iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut configuration = Self {
            entries,
            fingerprint: Fingerprint(0),
            task_manager_cpu: None,
            task_manager_memory_bytes: None,
            conflict: None,
            notice: None,
        };
        configuration.fingerprint = configuration.computed_fingerprint();
        configuration
    }

    /// With what one TaskManager has, where the entries don't say it: CPU cores, and memory in bytes.
    #[must_use]
    pub fn with_task_manager(mut self, cpu: Option<f64>, memory_bytes: Option<u64>) -> Self {
        self.task_manager_cpu = cpu;
        self.task_manager_memory_bytes = memory_bytes;
        self.fingerprint = self.computed_fingerprint();
        self
    }

    /// With why the job is left to another autoscaler, and what to do about it: nothing is decided, and that is an event.
    #[must_use]
    pub fn with_conflict(mut self, conflict: Option<String>) -> Self {
        self.conflict = conflict;
        self.fingerprint = self.computed_fingerprint();
        self
    }

    /// With what somebody should know of where the job runs: an event says it, and nothing else follows.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<String>) -> Self {
        self.notice = notice;
        self.fingerprint = self.computed_fingerprint();
        self
    }

    fn computed_fingerprint(&self) -> Fingerprint {
        // The default hasher's keys are fixed: the same content has the same fingerprint all over the process.
        let mut hasher = std::hash::DefaultHasher::new();
        self.entries.hash(&mut hasher);
        self.task_manager_cpu.map(f64::to_bits).hash(&mut hasher);
        self.task_manager_memory_bytes.hash(&mut hasher);
        self.conflict.hash(&mut hasher);
        self.notice.hash(&mut hasher);
        Fingerprint(hasher.finish())
    }

    /// Keys and texts, in order of key.
    pub fn entries(&self) -> &[(String, String)] {
        &self.entries
    }

    /// Stands for the content.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// CPU cores of one TaskManager, where the source knows them.
    pub fn task_manager_cpu(&self) -> Option<f64> {
        self.task_manager_cpu
    }

    /// Memory of one TaskManager in bytes, where the source knows it.
    pub fn task_manager_memory_bytes(&self) -> Option<u64> {
        self.task_manager_memory_bytes
    }

    /// Why the job is left to another autoscaler, if it is.
    pub fn conflict(&self) -> Option<&str> {
        self.conflict.as_deref()
    }

    /// What somebody should know of where the job runs.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }
}

/// Keys only: values may be secrets.
impl Debug for JobConfiguration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.entries.iter().map(|(key, _)| key)).finish()
    }
}

/// Which jobs there are.
#[async_trait]
pub trait JobListFetcher: Debug + Send + Sync + 'static {
    /// Lists the jobs.
    ///
    /// # Behavior
    /// - jobs that have not ended are listed, and those that have ended are named as long as the cluster knows them;
    /// - asks nothing of single jobs, so that one of them can't hold up the list;
    /// - an entry that can't be used is listed as unknown, and costs the others nothing.
    async fn list(&self) -> Result<JobList, PortError>;

    /// What a job itself is configured with.
    ///
    /// # Behavior
    /// - jobs with the same configuration share one;
    /// - an error costs this job its cycle and no other.
    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError>;

    /// What is known of the cluster now, beside its name.
    ///
    /// # Behavior
    /// - asks nobody.
    fn labels(&self) -> Labels {
        Labels::default()
    }

    /// Forgets what is kept in memory of a job that is gone.
    ///
    /// # Behavior
    /// - forgetting an unknown job does nothing.
    fn forget(&self, job: &JobKey);
}
