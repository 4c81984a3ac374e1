//! The JSON of Flink's answers.

mod details;
mod health;
mod metrics;
mod nullable;
mod number;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use nullable::or_default;

pub use details::{Coverage, InvalidDetails, JobDetails, JobReading};
pub(crate) use health::{CheckpointCounts, ExceptionEntry, JobCheckpoints, JobExceptions};
pub use metrics::{MetricName, MetricValue};

/// `GET /jobs/overview`: the cluster's jobs, ended ones included, each entry to be read by itself.
#[derive(Debug, Deserialize)]
pub(crate) struct JobsOverview<'a> {
    #[serde(borrow)]
    pub(crate) jobs: Vec<&'a RawValue>,
}

/// One job of `GET /jobs/overview`.
#[derive(Debug, Deserialize)]
pub(crate) struct JobOverview<'a> {
    /// The job's id in hex.
    #[serde(borrow)]
    pub(crate) jid: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) state: Cow<'a, str>,
    /// How many tasks are in which state; `total` is all of them.
    #[serde(borrow, default, deserialize_with = "or_default")]
    pub(crate) tasks: BTreeMap<Cow<'a, str>, i64>,
    /// When its JobManager began with it, ms; another one when the JobManager has restarted.
    #[serde(rename = "start-time", borrow, default)]
    pub(crate) start_time: Option<&'a RawValue>,
}

/// What can be read of an entry whose other fields can't.
#[derive(Debug, Deserialize)]
pub(crate) struct OverviewId<'a> {
    #[serde(borrow)]
    pub(crate) jid: Cow<'a, str>,
}

/// One entry of `GET /jobs/:id/jobmanager/config`.
#[derive(Debug, Deserialize)]
pub(crate) struct ConfigEntry {
    pub(crate) key: String,
    /// None where an option is there without a value.
    #[serde(default)]
    pub(crate) value: Option<String>,
}

/// Lower and upper bound of a vertex in `/jobs/:id/resource-requirements`.
#[derive(Clone, Debug, Deserialize, serde::Serialize, PartialEq, Eq)]
pub struct VertexResourceRequirements {
    /// The bounds.
    pub parallelism: ParallelismBounds,
}

/// Bounds of a vertex's parallelism.
#[derive(Clone, Copy, Debug, Deserialize, serde::Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ParallelismBounds {
    /// Fewest subtasks the job may run with.
    pub lower_bound: i64,
    /// Subtasks it runs with where there are slots.
    pub upper_bound: i64,
}

/// `GET` and `PUT /jobs/:id/resource-requirements`: by vertex id.
pub type ResourceRequirements = BTreeMap<String, VertexResourceRequirements>;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<String>,
}

/// What an API server of Kubernetes, or many a gateway, says.
#[derive(Deserialize)]
struct Message {
    message: String,
}

/// What Flink says in an error's body: its first line, without the exception's class. Of a web page, its title.
pub fn error_message(body: &[u8]) -> String {
    const LONGEST: usize = 300;
    let text = match serde_json::from_slice::<Errors>(body) {
        Ok(Errors { errors }) => errors.into_iter().next().unwrap_or_default(),
        Err(_) if body.is_empty() => return "no explanation".to_owned(),
        Err(_) if let Ok(Message { message }) = serde_json::from_slice(body) => message,
        Err(_) => {
            let text = String::from_utf8_lossy(&body[..body.len().min(LONGEST)]).into_owned();
            let title = text.split_once("<title>").and_then(|(_, behind)| behind.split_once("</title>"));
            title.map(|(title, _)| title.trim().to_owned()).unwrap_or(text)
        }
    };
    let mut line = text.lines().next().unwrap_or_default();
    while let Some((class, rest)) = line.split_once(": ") {
        if !class.contains('.') || class.contains(' ') {
            break;
        }
        line = rest;
    }
    line.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;
