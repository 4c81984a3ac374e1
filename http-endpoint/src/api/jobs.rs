//! The jobs, in a line each.

use std::sync::Arc;

use autoscaler_core::{ClusterName, CycleReport, JobKey};
use autoscaler_runtime::ReadModel;
use autoscaler_runtime::read_model::{CycleView, JobView};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Parameters;
use super::page::{self, Which};
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
    /// The key of its state and events.
    key: String,
    /// Flink's id of it.
    id: String,
    /// The name its user gave it.
    name: String,
    /// Its status.
    status: String,
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
    /// When it was scaled last, as far as that is remembered.
    scaled_at: Option<DateTime<Utc>>,
    /// What failed first in its latest cycle, and why.
    failure: Option<String>,
}

impl From<&JobView> for Job {
    fn from(view: &JobView) -> Self {
        let report = view.cycle.as_ref().and_then(|cycle| cycle.report.as_ref());
        let why =
            |report: &Arc<CycleReport>| report.note.clone().or_else(|| report.held.as_ref().map(ToString::to_string));
        Self {
            cluster: view.cluster.to_string(),
            key: view.job.key.to_string(),
            id: view.job.id.to_string(),
            name: view.job.name.to_string(),
            status: format!("{:?}", view.status()).to_ascii_uppercase(),
            enabled: view.is_enabled,
            at: view.cycle.as_ref().map(|cycle| cycle.at),
            outcome: report.map(|report| report.outcome.name()),
            why: report.and_then(why),
            skipped: view.skipped.as_ref().map(|skipped| skipped.why.clone()),
            subtasks: report.and_then(|report| subtasks(report)),
            recommended_subtasks: report.and_then(|report| recommended(report)),
            scaled_at: view.cycle.as_ref().and_then(latest_scaling),
            failure: view.cycle.as_ref().and_then(|cycle| cycle.failures.first()).map(|failed| failed.text.clone()),
        }
    }
}

fn latest_scaling(cycle: &Arc<CycleView>) -> Option<DateTime<Utc>> {
    cycle.scaling_history.vertices.values().flat_map(|past| past.iter()).map(|(at, _)| *at).max()
}

fn subtasks(report: &CycleReport) -> Option<i64> {
    let vertices = report.topology.as_ref()?.vertices();
    Some(vertices.iter().map(|vertex| i64::from(vertex.parallelism)).sum())
}

fn recommended(report: &CycleReport) -> Option<i64> {
    let targets = report.decisions.iter().map(|decision| i64::from(decision.target()));
    (!report.decisions.is_empty()).then(|| targets.sum())
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
    let limit = page::checked(which.limit)?;
    let after = which.after.as_deref().map(place).transpose()?;
    let cluster = which.cluster.map(ClusterName::new);
    let mut jobs = model.jobs(cluster.as_ref(), after.as_ref(), limit + 1);
    let has_more = jobs.len() > limit;
    jobs.truncate(limit);
    let next = jobs.last().filter(|_| has_more).map(|last| format!("{}/{}", last.job.key, last.cluster));
    Ok(Json(Jobs { jobs: jobs.iter().map(|job| Job::from(job.as_ref())).collect(), next }))
}

/// The place of a job in the order of all of them, as `next` has it: keys are without slashes, names may have some.
fn place(after: &str) -> Result<(ClusterName, JobKey), Refused> {
    let (key, cluster) = after
        .split_once('/')
        .ok_or_else(|| Refused::new(StatusCode::BAD_REQUEST, "after: expected the text of next in the page before"))?;
    Ok((ClusterName::new(cluster), JobKey::new(key)))
}
