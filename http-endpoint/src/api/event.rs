//! The latest events of a job.

use std::collections::BTreeMap;

use autoscaler_runtime::read_model::PastEvent;
use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::Parameters;
use super::clusters::named;
use super::page::Limit;
use super::path::{JobPath, Named, NoAnswer};

/// Events of a job since the process began.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Events {
    /// Newest first.
    events: Vec<Event>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// When it happened last.
    at: DateTime<Utc>,
    /// How often in a row.
    count: u64,
    /// What was known of the cluster when it happened last, beside its name.
    labels: BTreeMap<&'static str, String>,
    /// Normal or Warning.
    event_type: &'static str,
    /// What kind of thing happened.
    reason: String,
    /// What happened.
    message: String,
}

impl From<&PastEvent> for Event {
    fn from(past: &PastEvent) -> Self {
        Self {
            at: past.at,
            count: past.count,
            labels: named(&past.labels),
            event_type: past.event.event_type.name(),
            reason: past.event.reason.to_string(),
            message: past.event.message.clone(),
        }
    }
}

/// The latest events of a job; those from before the process began are in the event table.
#[utoipa::path(
    get, path = "/api/v1/clusters/{cluster}/jobs/{job}/events", tag = "jobs",
    params(JobPath, Limit),
    responses((status = 200, body = Events), NoAnswer)
)]
pub(super) async fn events(Named(view): Named, Parameters(Limit { limit }): Parameters<Limit>) -> Json<Events> {
    let latest = view.events.iter().rev().take(limit.get());
    Json(Events { events: latest.map(|past| Event::from(past.as_ref())).collect() })
}
