//! Which job a path names, and what is answered where it is not watched.

use std::sync::Arc;

use autoscaler_core::{ClusterName, JobKey};
use autoscaler_runtime::ReadModel;
use autoscaler_runtime::read_model::JobView;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};

use crate::answer::{Problem, Refused};

/// A job.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct JobPath {
    /// Name of the cluster.
    cluster: String,
    /// Key of the job, without the name of the cluster that it may begin with.
    job: String,
}

/// Answers about a job that are no success.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "a description: what is answered is `Refused`")]
pub(super) enum NoAnswer {
    /// The path or a parameter can't be used.
    #[response(status = 400)]
    Unusable(Problem),
    /// No such job is watched.
    #[response(status = 404)]
    Unknown(Problem),
}

/// The job that a path names.
pub(super) struct Named(pub(super) Arc<JobView>);

impl FromRequestParts<Arc<ReadModel>> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, model: &Arc<ReadModel>) -> Result<Self, Refused> {
        let refused = |rejected: PathRejection| Refused::new(StatusCode::BAD_REQUEST, rejected.body_text());
        let Path(JobPath { cluster, job }) = Path::from_request_parts(parts, model).await.map_err(refused)?;
        let unknown =
            || Refused::new(StatusCode::NOT_FOUND, "no such job is watched; /api/v1/jobs lists those that are");
        model.job(&ClusterName::new(cluster), &JobKey::new(job)).map(Self).ok_or_else(unknown)
    }
}
