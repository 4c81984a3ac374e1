//! What the endpoint answers, as far as it is shown. An older or newer process may leave things out, or tell more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `/readyz`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Readiness {
    pub(super) ready: bool,
    #[serde(default)]
    pub(super) role: String,
    #[serde(default)]
    pub(super) missing: Vec<String>,
}

/// `/api/v1/clusters`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Clusters {
    pub(super) clusters: Vec<Cluster>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) jobs: usize,
    pub(super) round: Option<Round>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Round {
    pub(super) at: String,
    #[serde(default)]
    pub(super) unknown: Vec<String>,
    #[serde(default)]
    pub(super) lag_seconds: f64,
    pub(super) failure: Option<Failure>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Failure {
    pub(super) step: Option<String>,
    pub(super) text: String,
}

/// `/api/v1/jobs`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Jobs {
    pub(super) jobs: Vec<Job>,
    pub(super) next: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Job {
    pub(super) cluster: String,
    pub(super) key: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) enabled: Option<bool>,
    pub(super) at: Option<String>,
    pub(super) outcome: Option<String>,
    pub(super) why: Option<String>,
    pub(super) skipped: Option<String>,
    pub(super) subtasks: Option<i64>,
    pub(super) recommended_subtasks: Option<i64>,
    pub(super) scaled_at: Option<String>,
    pub(super) failure: Option<String>,
}

/// `/api/v1/clusters/CLUSTER/jobs/JOB`, with what stands below it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct WholeJob {
    #[serde(flatten)]
    pub(super) job: Job,
    pub(super) cycle: Option<Cycle>,
    #[serde(default)]
    pub(super) scalings: Vec<Scaling>,
    #[serde(default)]
    pub(super) events: Vec<Event>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Cycle {
    pub(super) explanation: Option<String>,
    pub(super) schedule: Option<Schedule>,
    #[serde(default)]
    pub(super) vertices: Vec<Vertex>,
    #[serde(default)]
    pub(super) observations: usize,
    #[serde(default)]
    pub(super) failures: Vec<Failure>,
    #[serde(default)]
    pub(super) warnings: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Schedule {
    #[serde(default)]
    pub(super) holds: Vec<String>,
    pub(super) changes_at: Option<String>,
    #[serde(default)]
    pub(super) then: Vec<String>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Vertex {
    pub(super) id: String,
    #[serde(default)]
    pub(super) name: String,
    pub(super) parallelism: i64,
    pub(super) recommended: Option<i64>,
    pub(super) why: Option<String>,
    #[serde(default)]
    pub(super) metrics: BTreeMap<String, Metric>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Metric {
    pub(super) current: Option<f64>,
    pub(super) average: Option<f64>,
}

/// `.../scalings`.
#[derive(Debug, Deserialize)]
pub(super) struct Scalings {
    pub(super) scalings: Vec<Scaling>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Scaling {
    pub(super) at: String,
    pub(super) vertex: String,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// `.../events`.
#[derive(Debug, Deserialize)]
pub(super) struct Events {
    pub(super) events: Vec<Event>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Event {
    pub(super) at: String,
    pub(super) count: u64,
    pub(super) reason: String,
    pub(super) message: String,
}
