//! Which jobs a cluster has, each with its effective configuration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::options::{Configuration, InvalidOption, JobOptions, Origin};
use autoscaler_core::plugin::Plugins;
use autoscaler_core::{JobAutoScalerContext, JobId, JobKey, JobListFetcher, JobStatus, ListedJob, PortError};

use crate::client::FlinkClient;
use crate::error::RestProblem;
use crate::wire::{ConfigEntry, JobOverview, JobsOverview};

/// The jobs of a cluster, read from its REST API.
#[derive(Debug)]
pub struct FlinkJobs {
    client: FlinkClient,
    /// The process's own configuration; a job's goes on top.
    base: Configuration,
    time_zone: chrono_tz::Tz,
    plugins: Arc<Plugins>,
    parsed: Mutex<HashMap<JobId, Parsed>>,
}

/// A job's configuration as it was last, with what was made of it: parsed again only when it changes.
#[derive(Clone, Debug)]
struct Parsed {
    own: Vec<(String, String)>,
    configuration: Arc<Configuration>,
    options: Result<Arc<JobOptions>, InvalidOption>,
}

impl FlinkJobs {
    /// The jobs of the client's cluster, `base` being the options that hold for all of them.
    pub fn new(client: FlinkClient, base: Configuration, time_zone: chrono_tz::Tz) -> Self {
        Self { client, base, time_zone, plugins: Arc::default(), parsed: Mutex::default() }
    }

    /// The same with plugins that the jobs' options may name.
    #[must_use]
    pub fn with_plugins(self, plugins: Plugins) -> Self {
        Self { plugins: Arc::new(plugins), ..self }
    }

    /// Forgets the configurations of jobs that are gone.
    fn keep_only(&self, listed: &[ListedJob]) {
        let mut cache = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|id, _| listed.iter().any(|job| job.id == *id));
    }

    fn parsed(&self, id: JobId, own: Vec<(String, String)>) -> Parsed {
        let mut cache = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(parsed) = cache.get(&id).filter(|parsed| parsed.own == own) {
            return parsed.clone();
        }
        let mut configuration = self.base.clone();
        for (key, value) in &own {
            configuration.set(key.clone(), value.clone(), Origin::Job);
        }
        let options = JobOptions::from_configuration(&configuration).map(Arc::new);
        let parsed = Parsed { own, configuration: Arc::new(configuration), options };
        cache.insert(id, parsed.clone());
        parsed
    }
}

/// A job of the overview, or what is wrong with its entry.
fn listed_job(overview: &JobOverview) -> Result<ListedJob, String> {
    let id: JobId = overview.jid.parse().map_err(|invalid: autoscaler_core::InvalidId| invalid.to_string())?;
    let status = effective_status(overview)?;
    Ok(ListedJob { key: JobKey::new(overview.jid.as_str()), id, name: overview.name.as_str().into(), status })
}

/// RUNNING counts only when every task runs or has finished (algorithm 1.2).
fn effective_status(overview: &JobOverview) -> Result<JobStatus, String> {
    let status: JobStatus = overview.state.parse()?;
    let tasks = |name| overview.tasks.get(name).copied().unwrap_or(0);
    if status == JobStatus::Running && tasks("total") != tasks("running") + tasks("finished") {
        return Ok(JobStatus::Created);
    }
    Ok(status)
}

#[async_trait]
impl JobListFetcher for FlinkJobs {
    async fn list(&self) -> Result<Vec<ListedJob>, PortError> {
        const PATH: &str = "/jobs/overview";
        let overview: JobsOverview = self.client.get(PATH).await?;
        let mut listed = Vec::with_capacity(overview.jobs.len());
        for job in overview.jobs {
            match listed_job(&job) {
                Ok(job) if job.status.is_ended() => {}
                Ok(job) => listed.push(job),
                Err(what) => {
                    let error = self.client.error("GET", PATH, RestProblem::Unexpected(what));
                    tracing::warn!(job = job.jid, name = job.name, "job left out: {error}");
                }
            }
        }
        self.keep_only(&listed);
        Ok(listed)
    }

    async fn context(&self, job: &ListedJob) -> Result<JobAutoScalerContext, PortError> {
        let entries: Vec<ConfigEntry> = self.client.get(&format!("/jobs/{}/jobmanager/config", job.id)).await?;
        let mut own: Vec<_> = entries.into_iter().map(|entry| (entry.key, entry.value)).collect();
        own.sort_unstable();
        let parsed = self.parsed(job.id, own);
        let text = |key: &str| parsed.configuration.get(key);
        let cpu = text("taskmanager.cpu.cores").and_then(f64::read).filter(|cores| *cores > 0.0);
        let memory = text("taskmanager.memory.process.size").and_then(MemorySize::read);
        Ok(JobAutoScalerContext {
            key: job.key.clone(),
            id: job.id,
            name: job.name.clone(),
            status: job.status,
            configuration: parsed.configuration,
            options: parsed.options,
            task_manager_cpu: cpu,
            task_manager_memory_bytes: memory.map(|size| size.0),
            time_zone: self.time_zone,
            plugins: Arc::clone(&self.plugins),
        })
    }
}
