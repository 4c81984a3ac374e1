//! Which jobs a cluster has, each with its effective configuration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use autoscaler_core::options::value::{MemorySize, OptionValue};
use autoscaler_core::options::{Configuration, InvalidOption, JobOptions, Origin};
use autoscaler_core::{JobAutoScalerContext, JobId, JobKey, JobListFetcher, JobStatus, ListedJob, PortError};
use futures::stream::{self, StreamExt};

use crate::client::FlinkClient;
use crate::error::{RestError, RestProblem};
use crate::wire::{ConfigEntry, JobOverview, JobsOverview};

/// Configurations asked at once.
const JOBS_AT_ONCE: usize = 32;

/// The jobs of a cluster, read from its REST API.
#[derive(Debug)]
pub struct FlinkJobs {
    client: FlinkClient,
    /// The process's own configuration; a job's goes on top.
    base: Configuration,
    time_zone: chrono_tz::Tz,
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
        Self { client, base, time_zone, parsed: Mutex::default() }
    }

    async fn listed(&self, overview: JobOverview) -> ListedJob {
        let key = JobKey::new(overview.jid.clone());
        match self.context(overview, key.clone()).await {
            Ok(context) => ListedJob::Ready(Arc::new(context)),
            Err(error) => ListedJob::Unclear { key, error: error.into() },
        }
    }

    async fn context(&self, overview: JobOverview, key: JobKey) -> Result<JobAutoScalerContext, RestError> {
        let unusable = |what: String| self.client.error("GET", "/jobs/overview", RestProblem::Unexpected(what));
        let id: JobId =
            overview.jid.parse().map_err(|invalid: autoscaler_core::InvalidId| unusable(invalid.to_string()))?;
        let status = effective_status(&overview).map_err(unusable)?;
        let path = format!("/jobs/{id}/jobmanager/config");
        let entries: Vec<ConfigEntry> = self.client.get(&path).await?;
        let mut own: Vec<_> = entries.into_iter().map(|entry| (entry.key, entry.value)).collect();
        own.sort_unstable();
        let parsed = self.parsed(id, own);
        let text = |key: &str| parsed.configuration.get(key);
        let (task_manager_cpu, task_manager_memory) = (
            text("taskmanager.cpu.cores").and_then(f64::read).filter(|cores| *cores > 0.0),
            text("taskmanager.memory.process.size").and_then(MemorySize::read),
        );
        Ok(JobAutoScalerContext {
            key,
            id,
            name: overview.name.into(),
            status,
            configuration: parsed.configuration,
            options: parsed.options,
            task_manager_cpu,
            task_manager_memory_bytes: task_manager_memory.map(|size| size.0),
            time_zone: self.time_zone,
        })
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

    fn forget_others(&self, listed: &[JobOverview]) {
        let mut cache = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|id, _| listed.iter().any(|job| job.jid.parse() == Ok(*id)));
    }
}

/// RUNNING counts only when every task runs or has finished (ALGORITHM 1.2).
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
    async fn fetch(&self) -> Result<Vec<ListedJob>, PortError> {
        let overview: JobsOverview = self.client.get("/jobs/overview").await?;
        self.forget_others(&overview.jobs);
        let lasting = |job: &JobOverview| !job.state.parse().is_ok_and(JobStatus::is_ended);
        let jobs = overview.jobs.into_iter().filter(lasting).map(|job| self.listed(job));
        Ok(stream::iter(jobs).buffer_unordered(JOBS_AT_ONCE).collect().await)
    }
}
