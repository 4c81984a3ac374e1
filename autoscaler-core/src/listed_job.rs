//! A job as a cluster lists it.

use std::sync::Arc;

use crate::ids::{JobId, JobKey};
use crate::status::JobStatus;

/// A job as a cluster lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedJob {
    /// The key of its state and events.
    pub key: JobKey,
    /// Flink's id of it.
    pub id: JobId,
    /// The name its user gave it.
    pub name: Arc<str>,
    /// The effective status.
    pub status: JobStatus,
}

impl ListedJob {
    /// A job whose key is its id in hex, as a standalone autoscaler keys its jobs.
    pub fn new(id: JobId, name: impl Into<Arc<str>>, status: JobStatus) -> Self {
        Self { key: JobKey::new(id.to_string()), id, name: name.into(), status }
    }

    /// With another key.
    #[must_use]
    pub fn with_key(mut self, key: JobKey) -> Self {
        self.key = key;
        self
    }
}
