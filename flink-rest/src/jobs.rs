//! Which jobs a cluster has, and what each is configured with.

mod configurations;
mod overview;

use std::collections::HashMap;
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
        let mut listed = HashMap::new();
        let list = overview::job_list(&answer.parse()?, |job, start| _ = listed.insert(job, start));
        self.configurations.listed(&listed);
        Ok(list)
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        if let Some(recent) = self.configurations.recent(job.id) {
            return Ok(recent);
        }
        let answer = self.client.get_body(&format!("/jobs/{}/jobmanager/config", job.id)).await?;
        Ok(self.configurations.of(job.id, &answer)?)
    }

    fn forget(&self, _job: &JobKey) {
        // What is kept of a job goes when it is listed no more.
    }
}
