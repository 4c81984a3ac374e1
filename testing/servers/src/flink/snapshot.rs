//! The sample job as Flink's own REST API tells it.

use std::time::Duration;

use flink_rest::{FlinkClient, RestError};
use serde_json::Value;

use super::SampleJob;

/// The vertex that takes its time for each record.
const SLOW: &str = "enrich";
const SOURCE: &str = "orders";

/// One vertex of the sample job.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// Its id in hex.
    pub id: String,
    /// The name Flink shows.
    pub name: String,
    /// Subtasks that run now; none while the job is being rescaled.
    pub running: i64,
    /// Subtasks that it has.
    pub parallelism: i64,
    /// Whether it reads from outside.
    pub is_source: bool,
}

/// The sample job at one moment.
#[derive(Clone, Debug)]
pub struct JobSnapshot {
    /// Whether the job runs.
    pub state: String,
    /// Its vertices.
    pub vertices: Vec<Vertex>,
    /// Records that wait outside the source; unknown right after a rescale.
    pub lag: Option<f64>,
    /// When it last began to run, milliseconds since the epoch.
    pub running_since: Option<i64>,
}

impl JobSnapshot {
    /// The vertex that takes its time.
    pub fn slow(&self) -> Option<&Vertex> {
        self.vertices.iter().find(|vertex| vertex.name.contains(SLOW))
    }

    /// Subtasks of it that run.
    pub fn slow_subtasks(&self) -> i64 {
        self.slow().map_or(0, |vertex| vertex.running)
    }
}

impl SampleJob {
    /// A client that waits longer than a busy machine needs.
    fn client(&self) -> Result<FlinkClient, RestError> {
        FlinkClient::new(&self.url, Duration::from_secs(30))
    }

    /// The job as it is now.
    ///
    /// # Errors
    /// Flink does not answer.
    pub async fn snapshot(&self) -> Result<JobSnapshot, RestError> {
        let client = self.client()?;
        let details: Value = client.get(&format!("/jobs/{}", self.id)).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let vertex = |vertex: &Value| Vertex {
            id: text(&vertex["id"]),
            name: text(&vertex["name"]),
            running: vertex["tasks"]["RUNNING"].as_i64().unwrap_or(0),
            parallelism: vertex["parallelism"].as_i64().unwrap_or(0),
            is_source: text(&vertex["name"]).contains(SOURCE),
        };
        let vertices: Vec<Vertex> = details["vertices"].as_array().into_iter().flatten().map(vertex).collect();
        let mut lag = None;
        if let Some(source) = vertices.iter().find(|vertex| vertex.is_source) {
            let metrics = format!("/jobs/{}/vertices/{}/subtasks/metrics", self.id, source.id);
            let pending: Value = client.get(&format!("{metrics}?get=Source__{SOURCE}.pendingRecords")).await?;
            lag = pending[0]["sum"].as_f64();
        }
        let running_since = details["timestamps"]["RUNNING"].as_i64().filter(|since| *since > 0);
        Ok(JobSnapshot { state: text(&details["state"]), vertices, lag, running_since })
    }

    /// What the job failed of, oldest first.
    ///
    /// # Errors
    /// Flink does not answer.
    pub async fn failures(&self) -> Result<Vec<Value>, RestError> {
        let exceptions: Value = self.client()?.get(&format!("/jobs/{}/exceptions", self.id)).await?;
        Ok(exceptions["exceptionHistory"]["entries"].as_array().cloned().unwrap_or_default())
    }
}
