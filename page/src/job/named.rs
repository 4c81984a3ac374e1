//! The job that an address names.

use std::sync::Arc;

use autoscaler_core::{ClusterName, JobKey};
use autoscaler_runtime::read_model::JobView;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::Page;
use crate::error::Refused;

/// The job that an address names, which has nothing behind it.
pub(crate) struct Named(pub(crate) Arc<JobView>);

impl FromRequestParts<Arc<Page>> for Named {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, page: &Arc<Page>) -> Result<Self, Refused> {
        let refused = |rejected: PathRejection| Refused::unusable(rejected.body_text());
        let Path((cluster, job)) = Path::from_request_parts(parts, page).await.map_err(refused)?;
        find(page, cluster, job).map(Self)
    }
}

/// The job of a cluster.
pub(crate) fn find(page: &Page, cluster: String, job: String) -> Result<Arc<JobView>, Refused> {
    let unknown = || Refused::unknown("No such job is watched: it has ended, or never was.");
    page.model.job(&ClusterName::new(cluster), &JobKey::new(job)).ok_or_else(unknown)
}
