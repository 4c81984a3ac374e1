//! The metric window of a job.

use std::collections::BTreeMap;

use autoscaler_core::window::ObservationRow;
use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::number::{Values, values};
use super::page::Limit;
use super::{Named, Parameters};
use crate::answer::{Problem, Refused};

/// The latest observations of a metric window.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Window {
    /// How many there are in the whole window.
    total: usize,
    /// Oldest first.
    observations: Vec<Observation>,
}

/// What was collected at one instant.
#[derive(Debug, Serialize, ToSchema)]
struct Observation {
    /// When.
    at: DateTime<Utc>,
    /// The metrics of each vertex, by its id.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Option<f64>>>)]
    vertices: BTreeMap<String, Values>,
    /// The metrics of the cluster.
    #[schema(value_type = BTreeMap<String, Option<f64>>)]
    cluster: Values,
}

impl From<ObservationRow<'_>> for Observation {
    fn from(row: ObservationRow<'_>) -> Self {
        Self {
            at: row.at(),
            vertices: row.vertices().map(|(id, sample)| (id.to_string(), values(sample.iter()))).collect(),
            cluster: values(row.global().iter()),
        }
    }
}

/// The latest observations of a job's metric window.
#[utoipa::path(
    get, path = "/api/v1/clusters/{cluster}/jobs/{job}/window", tag = "jobs",
    params(("cluster" = String, Path, description = "Name of the cluster"), ("job" = String, Path, description = "Key of the job"), Limit),
    responses(
        (status = 200, body = Window), (status = 400, description = "A parameter can't be used", body = Problem),
        (status = 404, description = "No such job is watched", body = Problem)
    )
)]
pub(super) async fn window(Named(view): Named, Parameters(limit): Parameters<Limit>) -> Result<Json<Window>, Refused> {
    let limit = limit.count()?;
    let Some(cycle) = &view.cycle else { return Ok(Json(Window { total: 0, observations: Vec::new() })) };
    let total = cycle.window.len();
    let observations = cycle.window.rows().skip(total.saturating_sub(limit)).map(Observation::from).collect();
    Ok(Json(Window { total, observations }))
}
