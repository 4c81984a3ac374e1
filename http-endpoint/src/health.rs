//! Whether all is well, for probes.

use std::sync::Arc;

use autoscaler_runtime::ReadModel;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// Whether jobs are looked after.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// Whether they are.
    ready: bool,
    /// `leader`, or `follower` while the right to act is not ours.
    role: &'static str,
    /// What is missing.
    missing: Vec<String>,
}

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "The process runs", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Every cluster had its first round, and the state store did what it was asked last. Names nothing: it needs no token.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "Jobs are looked after", body = Readiness),
        (status = 503, description = "Not yet, or not now", body = Readiness),
    )
)]
pub(crate) async fn readyz(State(model): State<Arc<ReadModel>>) -> Response {
    let readiness = Readiness::of(&model);
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness)).into_response()
}

impl Readiness {
    fn of(model: &ReadModel) -> Self {
        let mut missing = Vec::new();
        let clusters = model.clusters();
        let without = clusters.iter().filter(|cluster| cluster.round.is_none()).count();
        if !model.knows_clusters() {
            missing.push("it can't be told yet which clusters there are".to_owned());
        } else if without > 0 {
            missing.push(format!("{without} of {} clusters were not asked for their jobs yet", clusters.len()));
        }
        if let Some(failure) = model.store().failure {
            missing.push(format!("the state store does not work: {}", failure.kind.name()));
        }
        let role = if model.may_act() { "leader" } else { "follower" };
        Self { ready: missing.is_empty(), role, missing }
    }
}
