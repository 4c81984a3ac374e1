//! All about one job that is known before it is observed.

use std::sync::Arc;

use crate::ids::{ClusterName, JobId, JobKey};
use crate::labels::Labels;
use crate::listed_job::ListedJob;
use crate::options::{Configuration, InvalidOption, JobOptions};
use crate::status::JobStatus;

/// A configuration with the options read from it. Parsed once for each distinct content and shared by all jobs that
/// have it.
#[derive(Debug)]
#[non_exhaustive]
pub struct ParsedConfiguration {
    /// All layers merged: the process's options under the job's own.
    pub configuration: Configuration,
    /// The options of the job, or what is wrong with them.
    pub options: Result<JobOptions, InvalidOption>,
    /// CPU cores of one TaskManager, where known.
    pub task_manager_cpu: Option<f64>,
    /// Memory of one TaskManager in bytes, where known.
    pub task_manager_memory_bytes: Option<u64>,
    /// Why the job is left to another autoscaler, if it is.
    pub conflict: Option<String>,
    /// What somebody should know of where the job runs.
    pub notice: Option<String>,
}

impl ParsedConfiguration {
    /// Reads and validates the options in `configuration`.
    pub fn new(configuration: Configuration) -> Self {
        let options = JobOptions::from_configuration(&configuration);
        Self {
            configuration,
            options,
            task_manager_cpu: None,
            task_manager_memory_bytes: None,
            conflict: None,
            notice: None,
        }
    }

    /// With what one TaskManager has: CPU cores, and memory in bytes.
    #[must_use]
    pub fn with_task_manager(mut self, cpu: Option<f64>, memory_bytes: Option<u64>) -> Self {
        self.task_manager_cpu = cpu;
        self.task_manager_memory_bytes = memory_bytes;
        self
    }

    /// With why the job is left to another autoscaler, if it is.
    #[must_use]
    pub fn with_conflict(mut self, conflict: Option<String>) -> Self {
        self.conflict = conflict;
        self
    }

    /// With what somebody should know of where the job runs.
    #[must_use]
    pub fn with_notice(mut self, notice: Option<String>) -> Self {
        self.notice = notice;
        self
    }
}

/// All about one job that is known before it is observed: who it is, how it runs, what its user wants.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobAutoScalerContext {
    /// The cluster that runs it.
    pub cluster: ClusterName,
    /// What else is known of that cluster.
    pub labels: Labels,
    /// The key of the job's state and events.
    pub key: JobKey,
    /// Flink's id of the job.
    pub id: JobId,
    /// The name its user gave it.
    pub name: Arc<str>,
    /// The effective status: RUNNING only when all tasks run or have finished.
    pub status: JobStatus,
    /// What it is configured with.
    pub parsed: Arc<ParsedConfiguration>,
}

impl JobAutoScalerContext {
    /// The context of a job that `cluster` lists.
    pub fn new(cluster: ClusterName, job: &ListedJob, parsed: Arc<ParsedConfiguration>) -> Self {
        Self {
            cluster,
            labels: Labels::default(),
            key: job.key.clone(),
            id: job.id,
            name: Arc::clone(&job.name),
            status: job.status,
            parsed,
        }
    }

    /// With what else is known of the cluster.
    #[must_use]
    pub fn with_labels(mut self, labels: Labels) -> Self {
        self.labels = labels;
        self
    }

    /// The job's effective configuration, all layers merged.
    pub fn configuration(&self) -> &Configuration {
        &self.parsed.configuration
    }

    /// The options read from it.
    ///
    /// # Errors
    /// The first option that can't be used.
    pub fn options(&self) -> Result<&JobOptions, &InvalidOption> {
        self.parsed.options.as_ref()
    }
}
