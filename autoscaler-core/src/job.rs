//! What identifies a job, and all that is known about it before it is looked at.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::options::{Configuration, InvalidOption, JobOptions};
use crate::plugin::Plugins;

/// The key a job's state and events are stored under. For a standalone autoscaler it is the job id in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobKey(Arc<str>);

impl JobKey {
    /// A key from any text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that should have been 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a Flink id: expected 32 hexadecimal digits")]
pub struct InvalidId {
    text: String,
}

fn parse_hex_id(text: &str) -> Result<u128, InvalidId> {
    let invalid = || InvalidId { text: text.chars().take(64).collect() };
    if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    u128::from_str_radix(text, 16).map_err(|_| invalid())
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u128);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse_hex_id(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hex_id! {
    /// Flink's id of a job: 128 bits, shown as 32 hexadecimal digits.
    JobId
}

hex_id! {
    /// Flink's id of a job vertex: 128 bits, shown as 32 hexadecimal digits.
    VertexId
}

/// The state of a job as Flink's REST API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobStatus {
    /// The JobMaster is starting.
    Initializing,
    /// The job waits for resources or for its tasks to run.
    Created,
    /// All tasks run or have finished.
    Running,
    /// A failure is being handled.
    Failing,
    /// Ended by a failure.
    Failed,
    /// Being cancelled.
    Cancelling,
    /// Ended by a cancel.
    Canceled,
    /// Ended by itself.
    Finished,
    /// Starting again after a failure.
    Restarting,
    /// The JobMaster lost leadership.
    Suspended,
    /// Waiting for TaskManagers to report.
    Reconciling,
}

impl JobStatus {
    /// Whether the job will not run again.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Failed | Self::Canceled | Self::Finished)
    }
}

impl FromStr for JobStatus {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "INITIALIZING" => Self::Initializing,
            "CREATED" => Self::Created,
            "RUNNING" => Self::Running,
            "FAILING" => Self::Failing,
            "FAILED" => Self::Failed,
            "CANCELLING" => Self::Cancelling,
            "CANCELED" => Self::Canceled,
            "FINISHED" => Self::Finished,
            "RESTARTING" => Self::Restarting,
            "SUSPENDED" => Self::Suspended,
            "RECONCILING" => Self::Reconciling,
            _ => return Err(format!("'{}' is not a job status", text.chars().take(64).collect::<String>())),
        })
    }
}

/// All about one job that is known before it is looked at: who it is, how it runs, what its user wants.
#[derive(Clone, Debug)]
pub struct JobAutoScalerContext {
    /// The key of the job's state and events.
    pub key: JobKey,
    /// Flink's id of the job.
    pub id: JobId,
    /// The name its user gave it.
    pub name: Arc<str>,
    /// The effective status: RUNNING only when all tasks run or have finished.
    pub status: JobStatus,
    /// The job's effective configuration, all layers merged.
    pub configuration: Arc<Configuration>,
    /// The options read from it, or what is wrong with them.
    pub options: Result<Arc<JobOptions>, InvalidOption>,
    /// CPU cores of one TaskManager, where known.
    pub task_manager_cpu: Option<f64>,
    /// Memory of one TaskManager in bytes, where known.
    pub task_manager_memory_bytes: Option<u64>,
    /// The time zone that excluded periods are written in.
    pub time_zone: Tz,
    /// The plugins that the options may name.
    pub plugins: Arc<Plugins>,
}
