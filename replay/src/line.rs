//! The lines of a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::{JobId, JobStatus, VertexId};
use flink_rest::wire::MetricValue;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A line of a trace.
#[derive(Debug)]
pub enum TraceLine {
    /// The job that was recorded.
    Job(JobLine),
    /// One cycle.
    Cycle(Arc<CycleLine>),
    /// The autoscaler's process restarted: its memory was gone, the stored state was not.
    Restart,
}

/// The first line: the job and the options it was recorded under.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobLine {
    /// The key of its state.
    pub job_key: String,
    /// Flink's id of it.
    #[serde(deserialize_with = "parsed")]
    pub job_id: JobId,
    /// Its options.
    pub config: Options,
    /// CPU cores of one TaskManager, where known.
    #[serde(default)]
    pub task_manager_cpu: Option<f64>,
    /// Memory of one TaskManager in bytes, where known.
    #[serde(default)]
    pub task_manager_memory_bytes: Option<u64>,
}

/// One cycle: when it was, and what the cluster answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleLine {
    /// The cycle's instant, milliseconds since 1970.
    pub now: i64,
    /// The job's effective status.
    #[serde(deserialize_with = "parsed")]
    pub status: JobStatus,
    /// Options that replace the job's from this cycle on.
    #[serde(default)]
    pub config: Option<Options>,
    /// The body of `/jobs/:id`.
    pub job_details: Box<RawValue>,
    /// Every metric that each vertex had.
    #[serde(default, deserialize_with = "by_vertex")]
    pub vertex_metrics: BTreeMap<VertexId, Vec<MetricValue>>,
    /// The JobManager's metrics.
    #[serde(default, deserialize_with = "or_none")]
    pub job_manager_metrics: Vec<MetricValue>,
    /// The TaskManagers' metrics.
    #[serde(default, deserialize_with = "or_none")]
    pub task_manager_metrics: Vec<MetricValue>,
    /// What the reference did.
    #[serde(default)]
    pub expect: Option<serde_json::Value>,
}

/// Flat options as a trace has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// The options as a job's own configuration.
    pub fn configuration(&self) -> Configuration {
        self.0.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

/// A line's kind; everything else is read when that is known.
#[derive(Deserialize)]
struct Kind {
    kind: String,
}

impl TraceLine {
    /// Reads a line.
    ///
    /// # Errors
    /// The line is not JSON, of no kind there is, or lacks something; says what was expected.
    pub fn read(text: &str) -> Result<Self, String> {
        let Kind { kind } =
            serde_json::from_str(text).map_err(|error| format!("expected an object with a kind: {error}"))?;
        match kind.as_str() {
            "job" => serde_json::from_str(text).map(Self::Job).map_err(|error| format!("expected a job: {error}")),
            "cycle" => serde_json::from_str(text)
                .map(|cycle| Self::Cycle(Arc::new(cycle)))
                .map_err(|error| format!("expected a cycle: {error}")),
            "restart" => Ok(Self::Restart),
            other => {
                let shown: String = other.chars().take(40).collect();
                Err(format!("expected the kind job, cycle or restart, not '{shown}'"))
            }
        }
    }
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

/// A list; null is an empty one.
fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<MetricValue>, D::Error> {
    Option::<Vec<MetricValue>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

fn by_vertex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<VertexId, Vec<MetricValue>>, D::Error> {
    let read: Option<BTreeMap<String, Option<Vec<MetricValue>>>> = Option::deserialize(deserializer)?;
    let entry = |(id, metrics): (String, Option<Vec<MetricValue>>)| {
        id.parse().map(|id| (id, metrics.unwrap_or_default())).map_err(D::Error::custom)
    };
    read.unwrap_or_default().into_iter().map(entry).collect()
}
