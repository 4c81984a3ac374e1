//! Approving a scaling that is proposed.

use std::sync::Arc;

use autoscaler_runtime::Approver;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use crate::error::Refused;
use crate::job::Named;
use crate::{Page, link};

/// What the form of a job's page sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Approval {
    /// The id of the proposal that was seen.
    proposal: String,
}

/// Has it carried out, and shows the job again.
pub(crate) async fn approve(
    State(page): State<Arc<Page>>,
    Named(view): Named,
    Extension(asker): Extension<Approver>,
    approval: Result<Form<Approval>, FormRejection>,
) -> Result<Response, Refused> {
    let Form(Approval { proposal }) = approval.map_err(|rejected| Refused::unusable(rejected.body_text()))?;
    let approved = page.approvals.approve(&view.cluster, &view.job.key, &proposal, asker);
    approved.map_err(|refused| Refused::conflict(refused.to_string(), link::job(&view)))?;
    page.changed();
    Ok(Redirect::to(&link::job(&view)).into_response())
}
