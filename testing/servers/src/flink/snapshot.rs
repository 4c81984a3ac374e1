//! The sample job as Flink's own REST API tells it.

use std::time::{Duration, Instant};

use flink_rest::{FlinkClient, RestError};
use serde_json::Value;

use super::SampleJob;

/// The vertex that takes its time for each record.
const SLOW: &str = "enrich";
const SOURCE: &str = "orders";
/// No start and no rescale takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(240);

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

impl Vertex {
    fn runs(&self) -> bool {
        self.running > 0 && self.running == self.parallelism
    }
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

    /// How many subtasks it has; unknown unless all of them run.
    pub fn slow_subtasks(&self) -> Option<i64> {
        self.slow().filter(|vertex| vertex.runs()).map(|vertex| vertex.running)
    }

    /// Whether all of it runs, so that neither a start nor a rescale is under way.
    fn is_settled(&self) -> bool {
        self.state == "RUNNING" && !self.vertices.is_empty() && self.vertices.iter().all(Vertex::runs)
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

    /// The job as it is as soon as all of its subtasks run and its lag is known: what one look during a rescale shows says nothing.
    ///
    /// # Errors
    /// That is not so for four minutes, or Flink does not answer then.
    pub async fn settled(&self) -> Result<JobSnapshot, String> {
        let start = Instant::now();
        loop {
            let seen = self.snapshot().await;
            match seen {
                Ok(now) if now.is_settled() && now.lag.is_some() => return Ok(now),
                seen if start.elapsed() > PATIENCE => return Err(format!("job {} is not settled: {seen:?}", self.id)),
                _ => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
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
