//! The past scalings of a job.

use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Parameters;
use super::number::{Metrics, metrics};
use super::page::Limit;
use super::path::{JobPath, Named, NoAnswer};

/// Past scalings of a job's vertices.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Scalings {
    /// Newest first.
    scalings: Vec<Scaling>,
}

/// A scaling of a vertex.
#[derive(Debug, Serialize, ToSchema)]
struct Scaling {
    /// When it was decided.
    at: DateTime<Utc>,
    /// The vertex.
    vertex: String,
    /// Subtasks before.
    from: i32,
    /// Subtasks after.
    to: i32,
    /// What it was decided on.
    #[schema(value_type = std::collections::BTreeMap<String, super::number::Metric>)]
    metrics: Metrics,
}

/// The past scalings of a job that are remembered.
#[utoipa::path(
    get, path = "/api/v1/clusters/{cluster}/jobs/{job}/scalings", tag = "jobs",
    params(JobPath, Limit),
    responses((status = 200, body = Scalings), NoAnswer)
)]
pub(super) async fn scalings(Named(view): Named, Parameters(Limit { limit }): Parameters<Limit>) -> Json<Scalings> {
    let Some(cycle) = &view.cycle else { return Json(Scalings { scalings: Vec::new() }) };
    let all = cycle.scaling_history.vertices.iter();
    let mut all: Vec<_> =
        all.flat_map(|(vertex, past)| past.iter().map(move |(at, summary)| (*at, *vertex, summary))).collect();
    all.sort_by_key(|(at, vertex, _)| (std::cmp::Reverse(*at), *vertex));
    all.truncate(limit.get());
    let scaling =
        |(at, vertex, summary): (DateTime<Utc>, autoscaler_core::VertexId, &autoscaler_core::state::ScalingSummary)| {
            let (from, to) = (summary.current_parallelism, summary.new_parallelism);
            Scaling { at, vertex: vertex.to_string(), from, to, metrics: metrics(&summary.metrics) }
        };
    Json(Scalings { scalings: all.into_iter().map(scaling).collect() })
}
