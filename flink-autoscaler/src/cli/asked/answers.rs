//! What the endpoint answers, as far as it is shown. An older or newer process may leave things out, or tell more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `/readyz`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::cli) struct Readiness {
    pub(in crate::cli) ready: bool,
    #[serde(default)]
    pub(in crate::cli) role: String,
    #[serde(default)]
    pub(in crate::cli) missing: Vec<String>,
}

/// `/api/v1/clusters`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::cli) struct Clusters {
    pub(in crate::cli) clusters: Vec<Cluster>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Cluster {
    pub(in crate::cli) name: String,
    pub(in crate::cli) jobs: usize,
    pub(in crate::cli) round: Option<Round>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Round {
    pub(in crate::cli) at: String,
    #[serde(default)]
    pub(in crate::cli) unknown: Vec<String>,
    #[serde(default)]
    pub(in crate::cli) lag_seconds: f64,
    pub(in crate::cli) failure: Option<Failure>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Failure {
    pub(in crate::cli) step: Option<String>,
    pub(in crate::cli) text: String,
}

/// `/api/v1/jobs`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::cli) struct Jobs {
    pub(in crate::cli) jobs: Vec<Job>,
    pub(in crate::cli) next: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(in crate::cli) struct Job {
    pub(in crate::cli) cluster: String,
    pub(in crate::cli) key: String,
    pub(in crate::cli) id: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) status: String,
    pub(in crate::cli) enabled: Option<bool>,
    pub(in crate::cli) at: Option<String>,
    pub(in crate::cli) outcome: Option<String>,
    pub(in crate::cli) why: Option<String>,
    pub(in crate::cli) skipped: Option<String>,
    pub(in crate::cli) subtasks: Option<i64>,
    pub(in crate::cli) recommended_subtasks: Option<i64>,
    pub(in crate::cli) utilization: Option<f64>,
    pub(in crate::cli) lag: Option<f64>,
    pub(in crate::cli) scaled_at: Option<String>,
    pub(in crate::cli) failure: Option<String>,
}

/// `/api/v1/clusters/CLUSTER/jobs/JOB`, with what stands below it.
#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct WholeJob {
    #[serde(flatten)]
    pub(in crate::cli) job: Job,
    pub(in crate::cli) cycle: Option<Cycle>,
    pub(in crate::cli) proposal: Option<Proposal>,
    #[serde(default)]
    pub(in crate::cli) scalings: Vec<Scaling>,
    #[serde(default)]
    pub(in crate::cli) events: Vec<Event>,
}

/// What is carried out only if somebody approves it.
#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Proposal {
    pub(in crate::cli) id: String,
    pub(in crate::cli) since: String,
    pub(in crate::cli) until: String,
    pub(in crate::cli) approved_by: Option<String>,
    #[serde(default)]
    pub(in crate::cli) vertices: Vec<Change>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Change {
    pub(in crate::cli) vertex: String,
    pub(in crate::cli) name: String,
    pub(in crate::cli) from: i64,
    pub(in crate::cli) to: i64,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Cycle {
    pub(in crate::cli) explanation: Option<String>,
    pub(in crate::cli) schedule: Option<Schedule>,
    #[serde(default)]
    pub(in crate::cli) vertices: Vec<Vertex>,
    #[serde(default)]
    pub(in crate::cli) observations: usize,
    #[serde(default)]
    pub(in crate::cli) failures: Vec<Failure>,
    #[serde(default)]
    pub(in crate::cli) warnings: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Schedule {
    #[serde(default)]
    pub(in crate::cli) holds: Vec<String>,
    pub(in crate::cli) changes_at: Option<String>,
    #[serde(default)]
    pub(in crate::cli) then: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Vertex {
    pub(in crate::cli) id: String,
    #[serde(default)]
    pub(in crate::cli) name: String,
    pub(in crate::cli) parallelism: i64,
    pub(in crate::cli) recommended: Option<i64>,
    pub(in crate::cli) why: Option<String>,
    pub(in crate::cli) scale_up_below: Option<f64>,
    pub(in crate::cli) scale_down_above: Option<f64>,
    #[serde(default)]
    pub(in crate::cli) metrics: BTreeMap<String, Metric>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Metric {
    pub(in crate::cli) current: Option<f64>,
    pub(in crate::cli) average: Option<f64>,
}

/// `.../scalings`.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Scalings {
    pub(in crate::cli) scalings: Vec<Scaling>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Scaling {
    pub(in crate::cli) at: String,
    pub(in crate::cli) vertex: String,
    pub(in crate::cli) from: i64,
    pub(in crate::cli) to: i64,
}

/// `.../events`.
#[derive(Debug, Deserialize)]
pub(in crate::cli) struct Events {
    pub(in crate::cli) events: Vec<Event>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(in crate::cli) struct Event {
    pub(in crate::cli) at: String,
    pub(in crate::cli) count: u64,
    pub(in crate::cli) reason: String,
    pub(in crate::cli) message: String,
}
