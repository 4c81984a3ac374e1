//! Approving a scaling that is proposed.

use std::sync::Arc;

use autoscaler_runtime::{ApprovalRefused, Approvals, Approver, Change, Proposal};
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::path::{JobPath, Named, NoAnswer};
use crate::answer::{Problem, Refused};

/// A scaling that is carried out only if somebody approves it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Proposed {
    /// What to approve.
    id: String,
    /// Since when it has been proposed.
    since: DateTime<Utc>,
    /// When it can no longer be approved.
    until: DateTime<Utc>,
    /// Who approved it: the job's next cycle carries it out. None yet.
    approved_by: Option<String>,
    /// The vertices that change.
    vertices: Vec<VertexChange>,
}

/// What becomes of a vertex.
#[derive(Debug, Serialize, ToSchema)]
struct VertexChange {
    /// Its id.
    vertex: String,
    /// The name Flink shows.
    name: String,
    /// Subtasks now.
    from: i32,
    /// Subtasks then.
    to: i32,
}

/// What is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    /// The id of the proposal that was seen.
    proposal: String,
    /// Who approves, for those who read events.
    by: Option<String>,
}

impl From<&Proposal> for Proposed {
    fn from(proposal: &Proposal) -> Self {
        let change = |change: &Change| VertexChange {
            vertex: change.vertex.to_string(),
            name: change.name.to_string(),
            from: change.from,
            to: change.to,
        };
        Self {
            id: proposal.id.clone(),
            since: proposal.since,
            until: proposal.until,
            approved_by: proposal.approved.as_ref().map(ToString::to_string),
            vertices: proposal.vertices.iter().map(change).collect(),
        }
    }
}

/// Has a proposed scaling carried out, once: by the job's next cycle, if that still decides the same. What comes of it is an event:
/// ScalingApproved or ApprovalRefused.
#[utoipa::path(
    post, path = "/api/v1/clusters/{cluster}/jobs/{job}/approve", tag = "jobs",
    params(JobPath), request_body = Approval,
    responses(
        (status = 202, description = "The job's next cycle carries it out", body = Proposed),
        (status = 403, description = "A page of another origin asks", body = Problem),
        (status = 409, description = "It is not what is proposed, or was approved before", body = Problem),
        NoAnswer,
    )
)]
pub(super) async fn approve(
    Named(view): Named,
    Extension(approvals): Extension<Arc<Approvals>>,
    Extension(asker): Extension<Approver>,
    approval: Result<Json<Approval>, JsonRejection>,
) -> Result<(StatusCode, Json<Proposed>), Refused> {
    let unusable = |rejected: JsonRejection| Refused::new(StatusCode::BAD_REQUEST, rejected.body_text());
    let Json(Approval { proposal, by }) = approval.map_err(unusable)?;
    let asker = by.iter().fold(asker, |asker, name| asker.named(name));
    let refused = |refused: ApprovalRefused| Refused::new(StatusCode::CONFLICT, refused.to_string());
    let approved = approvals.approve(&view.cluster, &view.job.key, &proposal, asker).map_err(refused)?;
    Ok((StatusCode::ACCEPTED, Json(Proposed::from(&approved))))
}
