//! The jobs, in a line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::ClusterName;
use autoscaler_runtime::ReadModel;
use autoscaler_runtime::read_model::JobView;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Parameters;
use super::clusters::named;
use super::page::Which;
use super::place::Place;
use crate::answer::{Problem, Refused};

/// A page of jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Jobs {
    /// In order of cluster and key.
    jobs: Vec<Job>,
    /// What to ask for with `after` to get the next page; none where there is none.
    next: Option<String>,
}

/// A job in a line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Job {
    /// Its cluster.
    cluster: String,
    /// What its latest cycle knew of the cluster beside its name.
    labels: BTreeMap<&'static str, String>,
    /// The key of its state and events.
    key: String,
    /// Flink's id of it.
    id: String,
    /// The name its user gave it.
    name: String,
    /// Its status.
    status: &'static str,
    /// Whether autoscaling is on for it; none before its first cycle.
    enabled: Option<bool>,
    /// When its latest cycle was.
    at: Option<DateTime<Utc>>,
    /// What the cycle came to: scaled, balanced, none, error or invalid.
    outcome: Option<&'static str>,
    /// Why, in words.
    why: Option<String>,
    /// Why it had no cycle after that.
    skipped: Option<String>,
    /// Subtasks of all its vertices together; none before its first cycle, and where that could not observe it.
    subtasks: Option<i64>,
    /// Subtasks that they should have together; none where that was not decided.
    recommended_subtasks: Option<i64>,
    /// The highest share of its capacity that a vertex is asked for; none where that is not known.
    utilization: Option<f64>,
    /// Records that wait outside all its sources together; none where that is not known.
    lag: Option<f64>,
    /// When it was scaled last, as far as that is remembered.
    scaled_at: Option<DateTime<Utc>>,
    /// What failed first in its latest cycle, and why.
    failure: Option<String>,
}

impl From<&JobView> for Job {
    fn from(view: &JobView) -> Self {
        Self {
            cluster: view.cluster.to_string(),
            labels: named(&view.labels),
            key: view.job.key.to_string(),
            id: view.job.id.to_string(),
            name: view.job.name.to_string(),
            status: view.status().name(),
            enabled: view.is_enabled,
            at: view.cycle.as_ref().map(|cycle| cycle.at),
            outcome: view.report().map(|report| report.outcome.name()),
            why: view.why(),
            skipped: view.skipped.as_ref().map(|skipped| skipped.why.clone()),
            subtasks: view.subtasks(),
            recommended_subtasks: view.recommended_subtasks(),
            utilization: view.utilization(),
            lag: view.lag(),
            scaled_at: view.scaled_at(),
            failure: view.failure().map(|failure| failure.text),
        }
    }
}

/// The jobs that are watched.
#[utoipa::path(
    get, path = "/api/v1/jobs", tag = "jobs", params(Which),
    responses((status = 200, body = Jobs), (status = 400, description = "A parameter can't be used", body = Problem))
)]
pub(super) async fn jobs(
    State(model): State<Arc<ReadModel>>,
    Parameters(which): Parameters<Which>,
) -> Result<Json<Jobs>, Refused> {
    let limit = which.limit.get();
    let after = which.after.map(|Place { cluster, job }| (cluster, job));
    let cluster = which.cluster.map(ClusterName::new);
    let mut jobs = model.jobs(cluster.as_ref(), after.as_ref(), limit + 1);
    let has_more = jobs.len() > limit;
    jobs.truncate(limit);
    let place = |last: &Arc<JobView>| Place { cluster: last.cluster.clone(), job: last.job.key.clone() };
    let next = jobs.last().filter(|_| has_more).map(|last| place(last).to_string());
    Ok(Json(Jobs { jobs: jobs.iter().map(|job| Job::from(job.as_ref())).collect(), next }))
}
