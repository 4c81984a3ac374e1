//! The metric window of a job.

use std::collections::BTreeMap;

use autoscaler_core::window::ObservationRow;
use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Parameters;
use super::number::{Values, values};
use super::page::Limit;
use super::path::{JobPath, Named, NoAnswer};

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
    params(JobPath, Limit),
    responses((status = 200, body = Window), NoAnswer)
)]
pub(super) async fn window(Named(view): Named, Parameters(Limit { limit }): Parameters<Limit>) -> Json<Window> {
    let Some(cycle) = &view.cycle else { return Json(Window { total: 0, observations: Vec::new() }) };
    let total = cycle.window.len();
    let observations = cycle.window.rows().skip(total.saturating_sub(limit.get())).map(Observation::from).collect();
    Json(Window { total, observations })
}
