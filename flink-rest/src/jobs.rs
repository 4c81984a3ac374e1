//! Which jobs a cluster has, and what each is configured with.

mod configurations;
mod overview;

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::{JobConfiguration, JobKey, JobList, JobListFetcher, ListedJob, PortError};

use crate::client::FlinkClient;
use configurations::Configurations;

pub use overview::read_job_list;

/// The jobs of one cluster.
#[derive(Debug)]
pub struct FlinkJobs {
    client: FlinkClient,
    configurations: Configurations,
}

impl FlinkJobs {
    /// The jobs of the client's cluster.
    pub fn new(client: FlinkClient) -> Self {
        Self { client, configurations: Configurations::default() }
    }
}

#[async_trait]
impl JobListFetcher for FlinkJobs {
    async fn list(&self) -> Result<JobList, PortError> {
        let answer = self.client.get_body("/jobs/overview").await?;
        Ok(overview::job_list(&answer.parse()?, |job, start| self.configurations.started(job, start)))
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        if let Some(recent) = self.configurations.recent(&job.key) {
            return Ok(recent);
        }
        let answer = self.client.get_body(&format!("/jobs/{}/jobmanager/config", job.id)).await?;
        Ok(self.configurations.of(&job.key, &answer)?)
    }

    fn forget(&self, job: &JobKey) {
        self.configurations.forget(job);
    }
}
