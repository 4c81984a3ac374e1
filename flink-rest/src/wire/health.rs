//! What Flink tells of a job's failures and checkpoints.

use serde::Deserialize;

use super::nullable::or_default;

/// `GET /jobs/:id/exceptions`.
#[derive(Debug, Deserialize)]
pub(crate) struct JobExceptions {
    #[serde(rename = "exceptionHistory")]
    pub(crate) exception_history: ExceptionHistory,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExceptionHistory {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) entries: Vec<ExceptionEntry>,
}

/// One failure.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExceptionEntry {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) exception_name: String,
    /// Milliseconds since the epoch.
    pub(crate) timestamp: i64,
    #[serde(default)]
    pub(crate) task_name: Option<String>,
}

/// `GET /jobs/:id/checkpoints`.
#[derive(Debug, Deserialize)]
pub(crate) struct JobCheckpoints {
    pub(crate) counts: CheckpointCounts,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CheckpointCounts {
    pub(crate) failed: u64,
    pub(crate) completed: u64,
}
