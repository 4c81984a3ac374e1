//! The lines of a trace.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::decode_whole;
use autoscaler_core::{JobId, JobState, JobStatus, VertexId};
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
    /// The cluster it was seen in, where that was recorded.
    #[serde(default)]
    pub cluster: Option<String>,
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
    /// What is stored of it before its first cycle.
    #[serde(default, deserialize_with = "stored")]
    pub state: Box<JobState>,
}

/// One cycle: when it was, and what the cluster answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CycleLine {
    /// The cycle's instant, milliseconds since 1970.
    pub now: i64,
    /// Nanoseconds behind it, less than a millisecond.
    #[serde(default)]
    pub nanos: u32,
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
    /// Metrics that each vertex also had, of which no value was asked for.
    #[serde(default, deserialize_with = "by_vertex")]
    pub metric_names: BTreeMap<VertexId, Vec<String>>,
    /// Why the observation is not whole.
    #[serde(default)]
    pub failed: Option<Failed>,
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

/// Why an observation is not whole: the text of an error.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Failed {
    /// Why the job's details could not be had.
    pub details: Option<String>,
    /// Why its metrics could not be had.
    pub metrics: Option<String>,
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

fn by_vertex<'de, D, T>(deserializer: D) -> Result<BTreeMap<VertexId, Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let read: Option<BTreeMap<String, Option<Vec<T>>>> = Option::deserialize(deserializer)?;
    let entry = |(id, metrics): (String, Option<Vec<T>>)| {
        id.parse().map(|id| (id, metrics.unwrap_or_default())).map_err(D::Error::custom)
    };
    read.unwrap_or_default().into_iter().map(entry).collect()
}

/// A job's state by part, each as the text in the database.
fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<JobState>, D::Error> {
    let rows: BTreeMap<String, String> = Option::deserialize(deserializer)?.unwrap_or_default();
    let mut state = Box::<JobState>::default();
    for (name, text) in rows {
        let part = StatePart::ALL.into_iter().find(|part| part.name() == name);
        let part = part.ok_or_else(|| D::Error::custom(format!("there is no part of a state named '{name}'")))?;
        decode_whole(&mut state, part, &text).map_err(D::Error::custom)?;
    }
    Ok(state)
}
